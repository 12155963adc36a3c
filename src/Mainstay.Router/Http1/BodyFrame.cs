using Mainstay.Kernel;

namespace Mainstay.Router.Http1;

internal enum BodyKind : byte
{
    None,
    Length,
    Chunked,

    /// <summary>A response without a length: ends with its connection.</summary>
    UntilClose,
}

/// <summary>Where a body ends: counts the bytes of a stream that belong to it, checked, and leaves the rest.</summary>
internal struct BodyFrame
{
    private ChunkScanner _chunks;
    private long _remaining;

    public BodyKind Kind { get; private set; }

    public bool IsDone { get; private set; }

    public bool IsInvalid { get; private set; }

    /// <summary>Of a body with a length: what is still to come.</summary>
    public readonly long Remaining => _remaining;

    public void Begin(BodyKind kind, long length)
    {
        Kind = kind;
        _chunks.Reset();
        _remaining = length;
        IsInvalid = false;
        IsDone = kind == BodyKind.None || (kind == BodyKind.Length && length == 0);
    }

    /// <returns>how many of the first bytes belong to the body; fewer than all when it ends or makes no sense</returns>
    public int Take(ReadOnlySpan<byte> bytes)
    {
        switch (Kind)
        {
            case BodyKind.Length:
                var count = (int)Math.Min(_remaining, bytes.Length);
                _remaining -= count;
                IsDone = _remaining == 0;
                return count;
            case BodyKind.UntilClose:
                return bytes.Length;
            case BodyKind.Chunked:
                return TakeChunks(bytes);
            default:
                return 0;
        }
    }

    /// <summary>Moves the data of the first bytes to their front and drops the framing between.</summary>
    /// <param name="bytes">changed in place</param>
    /// <param name="taken">bytes of the stream that were used up</param>
    /// <returns>bytes of data that now stand at the front</returns>
    public int Unchunk(Span<byte> bytes, out int taken)
    {
        Invariant.That(Kind == BodyKind.Chunked, "only chunks are unchunked");
        var data = 0;
        taken = 0;
        while (taken < bytes.Length)
        {
            var run = _chunks.Step(bytes[taken..], out var isData);
            if (isData)
            {
                bytes.Slice(taken, run).CopyTo(bytes[data..]);
                data += run;
            }

            taken += run;
            if (Ended())
            {
                break;
            }
        }

        return data;
    }

    private int TakeChunks(ReadOnlySpan<byte> bytes)
    {
        var taken = 0;
        while (taken < bytes.Length && !Ended())
        {
            taken += _chunks.Step(bytes[taken..], out _);
        }

        Ended();
        return taken;
    }

    private bool Ended()
    {
        IsDone = _chunks.IsDone;
        IsInvalid = _chunks.IsInvalid;
        return IsDone || IsInvalid;
    }
}
