namespace Mainstay.Store.Log;

/// <summary>Takes what the files say, in order, while the store starts.</summary>
internal interface IReplay
{
    void Apply(Record record);
}

/// <param name="Identity">who the store is</param>
/// <param name="End">where the log goes on</param>
/// <param name="TornAt">where a write that a crash cut off was taken away; null where none was</param>
internal sealed record Recovered(StoreIdentity Identity, LogEnd End, string? TornAt);

/// <summary>
/// The files of the store: the newest checkpoint and the segments behind it. Starting reads and checks everything
/// before it changes anything, so that a folder that is refused is as it was. A new store has one empty segment,
/// number 1.
/// </summary>
internal sealed class LogFolder(IStoreFolder folder)
{
    public const string TemporarySuffix = ".tmp";

    /// <exception cref="BrokenFileException">a file does not say what it should</exception>
    public Recovered Recover(IReplay replay, Func<StoreIdentity> makeIdentity)
    {
        var names = folder.List();
        var checkpoint = Newest(names);
        var segments = SegmentsAfter(names, checkpoint);
        StoreIdentity? identity = null;
        ulong nextSequence = 1;
        if (checkpoint is { } covered)
        {
            identity = new CheckpointReader(folder).Read(covered, replay);
            nextSequence = covered + 1;
        }

        SegmentRead? last = null;
        for (var i = 0; i < segments.Count; i++)
        {
            last = ReadSegment(new SegmentToRead(segments[i], nextSequence, i == segments.Count - 1, identity), replay);
            identity = last.Identity;
            nextSequence = last.NextSequence;
        }

        if (last is null && checkpoint is not null)
        {
            var missing = folder.PathOf(FileHeader.NameOf(StoreFileKind.Segment, nextSequence));
            throw new BrokenFileException(missing, 0, "the log behind the checkpoint is missing");
        }

        // Everything checks: from here on the folder may be changed.
        RemoveLeftovers(names, checkpoint);
        if (last is not null)
        {
            return Reopen(last);
        }

        var made = identity ?? makeIdentity();
        return new Recovered(made, LogWriter.CreateSegment(folder, made, nextSequence), TornAt: null);
    }

    /// <summary>Deletes what a durable checkpoint replaces.</summary>
    public void RemoveCovered(ulong checkpoint) => RemoveLeftovers(folder.List(), checkpoint, keepTemporary: true);

    private static ulong? Newest(IReadOnlyList<string> names) =>
        names.Select(name => FileHeader.SequenceOf(StoreFileKind.Checkpoint, name)).Max();

    /// <summary>
    /// The segments that the checkpoint does not hold. A checkpoint begins with a new segment, so each is wholly
    /// before or behind.
    /// </summary>
    private static List<ulong> SegmentsAfter(IReadOnlyList<string> names, ulong? checkpoint) =>
        [.. names
            .Select(name => FileHeader.SequenceOf(StoreFileKind.Segment, name))
            .OfType<ulong>()
            .Where(first => first > (checkpoint ?? 0))
            .Order()];

    private SegmentRead ReadSegment(SegmentToRead segment, IReplay replay)
    {
        var name = FileHeader.NameOf(StoreFileKind.Segment, segment.First);
        var path = folder.PathOf(name);
        using var file = folder.OpenToRead(name);
        var header = ReadHeader(file, StoreFileKind.Segment, path);
        if (segment.First != segment.Expected || header.Sequence != segment.First)
        {
            throw new BrokenFileException(
                path,
                0,
                $"it begins with frame {header.Sequence} where {segment.Expected} should follow: a file is missing");
        }

        if (segment.Identity is { } identity && identity != header.Identity)
        {
            throw new BrokenFileException(path, 0, "it belongs to another store than the files before it");
        }

        var reader = new FrameReader(file, path, segment.First);
        FrameFound found;
        while ((found = reader.Read(out var batch)) == FrameFound.Batch)
        {
            foreach (var record in batch.Records)
            {
                replay.Apply(record);
            }
        }

        if (found == FrameFound.TornTail && !segment.IsLast)
        {
            throw new BrokenFileException(path, reader.Offset, "a frame does not check, and another segment follows");
        }

        return new SegmentRead(name, header.Identity, reader.Offset, reader.NextSequence, found == FrameFound.TornTail);
    }

    private Recovered Reopen(SegmentRead last)
    {
        var file = folder.OpenToWrite(last.Name);
        try
        {
            if (file.Length > last.Offset)
            {
                file.Truncate(last.Offset);
                file.Sync();
            }

            var torn = last.IsTorn ? $"{folder.PathOf(last.Name)} at byte {last.Offset}" : null;
            return new Recovered(
                last.Identity, new LogEnd(file, last.Name, last.Offset, last.NextSequence), torn);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    private void RemoveLeftovers(IReadOnlyList<string> names, ulong? checkpoint, bool keepTemporary = false)
    {
        var covered = checkpoint ?? 0;
        var removed = names.Where(name =>
            (!keepTemporary && name.EndsWith(TemporarySuffix, StringComparison.Ordinal))
            || FileHeader.SequenceOf(StoreFileKind.Segment, name) <= covered
            || FileHeader.SequenceOf(StoreFileKind.Checkpoint, name) < covered).ToList();
        foreach (var name in removed)
        {
            folder.Delete(name);
        }

        if (removed.Count > 0)
        {
            folder.SyncNames();
        }
    }

    internal static FileHeader ReadHeader(IStoreFile file, StoreFileKind kind, string path)
    {
        var bytes = new byte[FileHeader.Bytes];
        var read = file.Read(0, bytes);
        return FileHeader.Parse(kind, bytes.AsSpan(0, read))
            ?? throw new BrokenFileException(path, 0, "its head is not that of a store's file");
    }

    private sealed record SegmentToRead(ulong First, ulong Expected, bool IsLast, StoreIdentity? Identity);

    private sealed record SegmentRead(
        string Name, StoreIdentity Identity, long Offset, ulong NextSequence, bool IsTorn);
}
