using Google.Protobuf;

namespace Mainstay.Store.Log;

/// <summary>A file of the store that does not say what it should; nothing was changed.</summary>
internal sealed class BrokenFileException(string path, long offset, string reason)
    : Exception($"{path} is broken at byte {offset}: {reason}")
{
    public string Path { get; } = path;

    public long Offset { get; } = offset;
}

internal enum FrameFound
{
    Batch,

    /// <summary>Nothing but zeros or nothing at all follows.</summary>
    End,

    /// <summary>A frame that does not check, or part of one, with no frame behind it.</summary>
    TornTail,
}

/// <summary>
/// Reads the frames of one file in order; see <see cref="Frame"/> for what a torn tail is and what is damage.
/// </summary>
internal sealed class FrameReader
{
    private readonly IStoreFile _file;
    private readonly string _path;
    private byte[] _buffer = new byte[64 * 1024];

    public FrameReader(IStoreFile file, string path, ulong firstSequence)
    {
        _file = file;
        _path = path;
        NextSequence = firstSequence;
        Offset = FileHeader.Bytes;
    }

    /// <summary>Where the next frame begins.</summary>
    public long Offset { get; private set; }

    public ulong NextSequence { get; private set; }

    public FrameFound Read(out Batch batch)
    {
        batch = EmptyBatch;
        var header = _buffer.AsSpan(0, Frame.HeaderBytes);
        var got = _file.Read(Offset, header);
        if (got < Frame.HeaderBytes)
        {
            return IsZero(header[..got]) ? FrameFound.End : FrameFound.TornTail;
        }

        var length = Frame.PayloadLength(header);
        var sequence = Frame.Sequence(header);
        if (length < 0 || length > Limits.FrameBytesMax || !TryReadWhole(length))
        {
            return Tail();
        }

        var frame = _buffer.AsSpan(0, Frame.HeaderBytes + length);
        if (!Frame.Checks(frame))
        {
            return Tail();
        }

        if (sequence != NextSequence)
        {
            throw new BrokenFileException(_path, Offset, $"frame {sequence} stands where {NextSequence} should");
        }

        batch = Parse(frame[Frame.HeaderBytes..]);
        Offset += frame.Length;
        NextSequence++;
        return FrameFound.Batch;
    }

    private static Batch EmptyBatch { get; } = new();

    private bool TryReadWhole(int length)
    {
        var whole = Frame.HeaderBytes + length;
        if (_buffer.Length < whole)
        {
            // Grown only to what the file can hold: a broken length does not take half a gigabyte.
            if (Offset + whole > _file.Length)
            {
                return false;
            }

            _buffer = new byte[Math.Max(whole, _buffer.Length * 2)];
        }

        return _file.Read(Offset, _buffer.AsSpan(0, whole)) == whole;
    }

    private Batch Parse(ReadOnlySpan<byte> payload)
    {
        try
        {
            return Batch.Parser.ParseFrom(payload);
        }
        catch (InvalidProtocolBufferException exception)
        {
            throw new BrokenFileException(
                _path, Offset, $"a frame with a good checksum cannot be read: {exception.Message}");
        }
    }

    /// <summary>
    /// Looks behind what does not check: a whole later frame there means that this is damage and no torn end.
    /// </summary>
    private FrameFound Tail()
    {
        var rest = new byte[Math.Min(_file.Length - Offset, Limits.FrameBytesMax)];
        var read = _file.Read(Offset, rest);
        var bytes = rest.AsSpan(0, read);
        var isZero = IsZero(bytes);
        for (var at = 1; !isZero && at + Frame.HeaderBytes <= bytes.Length; at++)
        {
            if (IsLaterFrame(bytes[at..]))
            {
                throw new BrokenFileException(
                    _path, Offset, $"the checksum does not match, and a whole frame follows at byte {Offset + at}");
            }
        }

        return isZero ? FrameFound.End : FrameFound.TornTail;
    }

    private bool IsLaterFrame(ReadOnlySpan<byte> bytes)
    {
        var length = Frame.PayloadLength(bytes);
        var sequence = Frame.Sequence(bytes);
        return sequence > NextSequence && sequence - NextSequence < 1_000_000
            && length >= 0 && length <= bytes.Length - Frame.HeaderBytes
            && Frame.Checks(bytes[..(Frame.HeaderBytes + length)]);
    }

    private static bool IsZero(ReadOnlySpan<byte> bytes) => !bytes.ContainsAnyExcept((byte)0);
}
