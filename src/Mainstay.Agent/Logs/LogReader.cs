using System.Buffers;
using System.Globalization;
using System.Text;

namespace Mainstay.Agent.Logs;

/// <summary>Which part of a log is asked for.</summary>
/// <param name="TailLines">the last so many lines; null: all</param>
/// <param name="Since">not older than this, to the precision of the log's times; null: all</param>
/// <param name="BytesMax">stop after so many bytes; null: no bound</param>
/// <param name="Timestamps">each line begins with the time it was seen by</param>
/// <param name="Follow">go on with what is written later</param>
internal sealed record LogRequest(
    long? TailLines, DateTimeOffset? Since, long? BytesMax, bool Timestamps, bool Follow);

/// <summary>
/// Copies a log to a stream. Times are those at which the agent looked at the file (every ten seconds), so a line's
/// time is not before it was written and seldom more than ten seconds after; while following, the time of reading.
/// </summary>
internal sealed class LogReader(string log, LogRequest request, TimeProvider time)
{
    private const int BufferBytes = 32 * 1024;
    private readonly IReadOnlyList<(long Length, DateTimeOffset At)> _times = LogFiles.ReadTimes(log);
    private long _bytesLeft = request.BytesMax ?? long.MaxValue;
    private bool _isLineStart = true;

    /// <param name="output">where to</param>
    /// <param name="ended">true once the process will write no more</param>
    /// <param name="cancellationToken">the reader has gone</param>
    public async Task CopyAsync(Stream output, Func<bool> ended, CancellationToken cancellationToken)
    {
        await using var file = new FileStream(
            log, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        file.Position = Start(file);
        while (true)
        {
            // Asked before the read: what was written before the end is then read.
            var isLast = !request.Follow || ended();
            await CopyRestAsync(file, output, cancellationToken);
            await output.FlushAsync(cancellationToken);
            if (isLast || _bytesLeft <= 0)
            {
                return;
            }

            await Task.Delay(Limits.LogFollow, time, cancellationToken);
            if (file.Length < file.Position)
            {
                // The file was turned: go on at its new beginning.
                file.Position = 0;
            }
        }
    }

    private async Task CopyRestAsync(FileStream file, Stream output, CancellationToken cancellationToken)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(BufferBytes);
        try
        {
            while (_bytesLeft > 0)
            {
                var at = file.Position;
                var read = await file.ReadAsync(buffer.AsMemory(0, BufferBytes), cancellationToken);
                if (read == 0)
                {
                    return;
                }

                var chunk = request.Timestamps ? Stamp(buffer.AsMemory(0, read), at) : buffer.AsMemory(0, read);
                var length = (int)Math.Min(chunk.Length, _bytesLeft);
                await output.WriteAsync(chunk[..length], cancellationToken);
                _bytesLeft -= length;
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private Memory<byte> Stamp(ReadOnlyMemory<byte> chunk, long at)
    {
        var stamped = new ArrayBufferWriter<byte>(chunk.Length + 1024);
        var rest = chunk.Span;
        while (!rest.IsEmpty)
        {
            var end = rest.IndexOf((byte)'\n');
            var line = end < 0 ? rest : rest[..(end + 1)];
            if (_isLineStart)
            {
                stamped.Write(Encoding.ASCII.GetBytes(TimeOf(at + chunk.Length - rest.Length)));
            }

            stamped.Write(line);
            _isLineStart = end >= 0;
            rest = rest[line.Length..];
        }

        return stamped.WrittenSpan.ToArray();
    }

    private string TimeOf(long offset)
    {
        var seen = _times.FirstOrDefault(entry => entry.Length > offset);
        var at = seen.Length > 0 ? seen.At : time.GetUtcNow();
        return at.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fffffff'Z '", CultureInfo.InvariantCulture);
    }

    private long Start(FileStream file)
    {
        var since = request.Since is { } asked
            ? _times.LastOrDefault(entry => entry.At <= asked).Length
            : 0;
        var tail = request.TailLines is { } lines ? TailStart(file, lines) : 0;
        return Math.Max(since, tail);
    }

    /// <summary>Goes back from the end, counting line ends; a last line without one is a line too.</summary>
    private static long TailStart(FileStream file, long lines)
    {
        if (lines <= 0)
        {
            return file.Length;
        }

        var buffer = new byte[BufferBytes];
        var position = file.Length;
        long found = 0;
        while (position > 0)
        {
            var length = (int)Math.Min(BufferBytes, position);
            position -= length;
            file.Position = position;
            file.ReadExactly(buffer.AsSpan(0, length));
            for (var i = length - 1; i >= 0; i--)
            {
                var isFinalEnd = position + i == file.Length - 1;
                if (buffer[i] == '\n' && !isFinalEnd && ++found == lines)
                {
                    return position + i + 1;
                }
            }
        }

        return 0;
    }
}
