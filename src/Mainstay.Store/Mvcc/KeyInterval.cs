using Google.Protobuf;

namespace Mainstay.Store.Mvcc;

/// <summary>
/// The keys that a request means: one key where its range end is empty, all keys from the key on where the end is one
/// zero byte, else from the key up to, without, the end. Keys compare byte by byte.
/// </summary>
internal readonly struct KeyInterval
{
    private readonly ByteString _start;
    private readonly ByteString _end;

    public KeyInterval(ByteString key, ByteString rangeEnd)
    {
        _start = key;
        _end = rangeEnd;
    }

    public ReadOnlySpan<byte> Start => _start.Span;

    /// <summary>Where to stop; meaningless for a single key and for an open end.</summary>
    public ReadOnlySpan<byte> End => _end.Span;

    public bool IsSingle => _end.IsEmpty;

    public bool IsOpenEnd => _end.Length == 1 && _end[0] == 0;

    public bool IsEmpty => !IsSingle && !IsOpenEnd && Start.SequenceCompareTo(End) >= 0;

    public bool Contains(ReadOnlySpan<byte> key)
    {
        if (IsSingle)
        {
            return key.SequenceEqual(Start);
        }

        return key.SequenceCompareTo(Start) >= 0 && (IsOpenEnd || key.SequenceCompareTo(End) < 0);
    }
}
