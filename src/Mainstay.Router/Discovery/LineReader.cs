namespace Mainstay.Router.Discovery;

/// <summary>Lines of a stream, each bounded in length. A line is valid until the next one is asked for.</summary>
internal sealed class LineReader(Stream stream, int bytesMax)
{
    private byte[] _buffer = new byte[4096];
    private int _start;
    private int _end;

    /// <returns>null at the end of the stream; what is behind the last line feed is dropped, for it may be
    /// cut</returns>
    /// <exception cref="IOException">a line is too long</exception>
    public async Task<ReadOnlyMemory<byte>?> NextAsync(CancellationToken cancellationToken)
    {
        var scanned = _start;
        while (true)
        {
            var feed = _buffer.AsSpan(scanned, _end - scanned).IndexOf((byte)'\n');
            if (feed >= 0)
            {
                var line = _buffer.AsMemory(_start, scanned + feed - _start);
                _start = scanned + feed + 1;
                return line;
            }

            scanned = MakeRoom();
            var count = await stream.ReadAsync(_buffer.AsMemory(_end), cancellationToken);
            if (count == 0)
            {
                return null;
            }

            _end += count;
        }
    }

    private int MakeRoom()
    {
        if (_start > 0)
        {
            _buffer.AsSpan(_start, _end - _start).CopyTo(_buffer);
            _end -= _start;
            _start = 0;
        }

        if (_end == _buffer.Length)
        {
            if (_end >= bytesMax)
            {
                throw new IOException($"a line is longer than {bytesMax} bytes");
            }

            Array.Resize(ref _buffer, Math.Min(_end * 2, bytesMax));
        }

        return _end;
    }
}
