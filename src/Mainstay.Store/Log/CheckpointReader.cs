namespace Mainstay.Store.Log;

/// <summary>
/// Reads a checkpoint whole. It was synced before it got its name, so anything amiss in it is damage.
/// </summary>
internal sealed class CheckpointReader(IStoreFolder folder)
{
    public StoreIdentity Read(ulong covered, IReplay replay)
    {
        var name = FileHeader.NameOf(StoreFileKind.Checkpoint, covered);
        var path = folder.PathOf(name);
        using var file = folder.OpenToRead(name);
        var header = LogFolder.ReadHeader(file, StoreFileKind.Checkpoint, path);
        if (header.Sequence != covered)
        {
            throw new BrokenFileException(
                path, 0, $"its name does not fit its content, which is up to {header.Sequence}");
        }

        var reader = new FrameReader(file, path, firstSequence: 1);
        var hasEnded = false;
        while (reader.Read(out var batch) == FrameFound.Batch)
        {
            foreach (var record in batch.Records)
            {
                replay.Apply(record);
                hasEnded |= record.KindCase == Record.KindOneofCase.CheckpointEnd;
            }
        }

        return hasEnded
            ? header.Identity
            : throw new BrokenFileException(
                path, reader.Offset, "a frame of the checkpoint does not check or is missing");
    }
}
