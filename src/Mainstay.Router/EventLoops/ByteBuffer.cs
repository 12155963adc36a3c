using System.Runtime.InteropServices;
using Mainstay.Kernel;

namespace Mainstay.Router.EventLoops;

/// <summary>
/// A window of filled bytes in a block outside the collector's heap. Start and End move, the block does not:
///     [ used up | Filled (Start..End) | Free ]
/// Positions within a message count from Start, so that <see cref="Compact"/> leaves them right.
/// </summary>
internal sealed unsafe class ByteBuffer
{
    private readonly byte* _data = (byte*)NativeMemory.Alloc(Limits.BufferBytes);
    private int _start;
    private int _end;

    public int Length => _end - _start;

    public bool IsEmpty => _start == _end;

    public int FreeLength => Limits.BufferBytes - _end;

    public ReadOnlySpan<byte> Filled => new(_data + _start, _end - _start);

    /// <summary>
    /// The filled bytes, to be changed in place (a response's stray whitespace, a body being unchunked).
    /// </summary>
    public Span<byte> FilledForChange => new(_data + _start, _end - _start);

    public Span<byte> Free => new(_data + _end, Limits.BufferBytes - _end);

    /// <summary>Bytes were written to <see cref="Free"/>.</summary>
    public void Grow(int count)
    {
        Invariant.That((uint)count <= (uint)FreeLength, "a buffer grows only into its own free bytes");
        _end += count;
    }

    /// <summary>The first filled bytes are used up.</summary>
    public void Consume(int count)
    {
        Invariant.That((uint)count <= (uint)Length, "only filled bytes are used up");
        _start += count;
        if (_start == _end)
        {
            _start = 0;
            _end = 0;
        }
    }

    /// <summary>The last filled bytes are dropped.</summary>
    public void Truncate(int length)
    {
        Invariant.That((uint)length <= (uint)Length, "a buffer is only made shorter");
        _end = _start + length;
    }

    public void Clear()
    {
        _start = 0;
        _end = 0;
    }

    /// <summary>Moves the filled bytes to the front, so that all free bytes are at the end.</summary>
    public void Compact()
    {
        if (_start > 0)
        {
            Filled.CopyTo(new Span<byte>(_data, Limits.BufferBytes));
            _end -= _start;
            _start = 0;
        }
    }

    public void Append(scoped ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(Free);
        _end += bytes.Length;
    }

    public void Append(byte value)
    {
        Free[0] = value;
        _end++;
    }

    /// <summary>Gives the block back to the system; the buffer must not be used any more.</summary>
    public void Release() => NativeMemory.Free(_data);
}
