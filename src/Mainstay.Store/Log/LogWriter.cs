using System.Buffers;
using Google.Protobuf;
using Mainstay.Kernel;

namespace Mainstay.Store.Log;

/// <summary>
/// The end of the log. <see cref="Append"/> returns when the batch is on the disk. A batch that finds no room is not
/// written and may be tried again; any other fault is final, since nobody can say what the disk then holds: the
/// caller stops. One owner.
/// </summary>
internal sealed class LogWriter : IDisposable
{
    private readonly IStoreFolder _folder;
    private readonly StoreIdentity _identity;
    private readonly ArrayBufferWriter<byte> _buffer = new(64 * 1024);
    private readonly long _growthBytes;
    private IStoreFile _segment;
    private string _name;
    private long _offset;
    private long _reserved;

    public LogWriter(IStoreFolder folder, Recovered recovered, long growthBytes)
    {
        var end = recovered.End;
        _folder = folder;
        _identity = recovered.Identity;
        _growthBytes = growthBytes;
        _segment = end.Segment;
        _name = end.Name;
        _offset = end.Offset;
        _reserved = end.Offset;
        NextSequence = end.NextSequence;
    }

    /// <summary>The sequence of the next frame.</summary>
    public ulong NextSequence { get; private set; }

    /// <summary>Bytes in the segment that is written to.</summary>
    public long SegmentBytes => _offset;

    /// <summary>Makes an empty segment durable and opens it.</summary>
    public static LogEnd CreateSegment(IStoreFolder folder, StoreIdentity identity, ulong firstSequence)
    {
        var header = new FileHeader(StoreFileKind.Segment, identity, firstSequence);
        var temporary = header.Name + LogFolder.TemporarySuffix;
        var file = folder.Create(temporary);
        try
        {
            file.Write(0, header.ToBytes());
            file.Sync();
            folder.Rename(temporary, header.Name);
            folder.SyncNames();
            return new LogEnd(file, header.Name, FileHeader.Bytes, firstSequence);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <exception cref="DiskFullException">there is no room: the batch is not in the log</exception>
    public void Append(Batch batch)
    {
        _buffer.ResetWrittenCount();
        _buffer.GetSpan(Frame.HeaderBytes)[..Frame.HeaderBytes].Clear();
        _buffer.Advance(Frame.HeaderBytes);
        batch.WriteTo(_buffer);
        var length = _buffer.WrittenCount;
        Invariant.That(length <= Limits.FrameBytesMax, "a batch fits into a frame");
        Reserve(_offset + length);

        var frame = System.Runtime.InteropServices.MemoryMarshal.AsMemory(_buffer.WrittenMemory).Span;
        Frame.Seal(frame, NextSequence);
        _segment.Write(_offset, frame);
        _segment.Sync();
        _offset += length;
        NextSequence++;
    }

    /// <summary>Goes on in a new segment; what came before can be deleted once a checkpoint holds it.</summary>
    public void Rotate()
    {
        var next = CreateSegment(_folder, _identity, NextSequence);
        // What was reserved and not used is given back; the frames in it are on the disk already.
        _segment.Truncate(_offset);
        _segment.Dispose();
        (_segment, _name, _offset) = (next.Segment, next.Name, next.Offset);
        _reserved = next.Offset;
    }

    /// <summary>
    /// Ends the log in good order: an empty frame behind the last tells a later start that the last was whole, so
    /// that damage to it is not taken for a write that a crash cut off.
    /// </summary>
    public void Close()
    {
        Append(new Batch());
        _segment.Truncate(_offset);
        _segment.Sync();
    }

    public void Dispose() => _segment.Dispose();

    private void Reserve(long end)
    {
        if (end <= _reserved)
        {
            return;
        }

        var wanted = end + _growthBytes;
        try
        {
            _segment.Reserve(wanted);
        }
        catch (DiskFullException)
        {
            // The last bytes of a disk are worth having too.
            wanted = end;
            _segment.Reserve(wanted);
        }

        _reserved = wanted;
    }
}

/// <param name="Segment">the file to write on</param>
/// <param name="Name">its name in the folder</param>
/// <param name="Offset">where the next frame goes</param>
/// <param name="NextSequence">the number that it has</param>
internal sealed record LogEnd(IStoreFile Segment, string Name, long Offset, ulong NextSequence);
