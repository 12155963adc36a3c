namespace Mainstay.Router.EventLoops;

/// <summary>
/// The free buffers of one loop. A connection holds one only while bytes are in it, so idle connections cost none.
/// </summary>
internal sealed class BufferPool
{
    private readonly ByteBuffer[] _free = new ByteBuffer[Limits.BuffersKeptPerLoopMax];
    private int _count;

    /// <summary>Buffers that are out, for tests of leaks.</summary>
    public int Rented { get; private set; }

    public ByteBuffer Rent()
    {
        Rented++;
        if (_count == 0)
        {
            return new ByteBuffer();
        }

        var buffer = _free[--_count];
        return buffer;
    }

    /// <summary>Takes a buffer back, whatever is in it, and forgets the caller's reference.</summary>
    public void Return(ref ByteBuffer? buffer)
    {
        if (buffer is null)
        {
            return;
        }

        Rented--;
        if (_count < _free.Length)
        {
            buffer.Clear();
            _free[_count++] = buffer;
        }
        else
        {
            buffer.Release();
        }

        buffer = null;
    }
}
