using System.Buffers;
using System.IO.Pipelines;

namespace Mainstay.Kube;

/// <summary>
/// The events of a watch, one a line, each within the idle limit after the one before. A stream that ends inside a line
/// was cut and is an <see cref="IOException"/>; one that ends after a line has ended in order.
/// </summary>
internal sealed class WatchLines : IAsyncDisposable
{
    private readonly PipeReader _reader;
    private readonly TimeSpan _idleLimit;
    private readonly CancellationTokenSource _silence;
    private SequencePosition? _consumed;

    public WatchLines(Stream body, TimeSpan idleLimit, TimeProvider time)
    {
        _reader = PipeReader.Create(body);
        _idleLimit = idleLimit;
        _silence = new CancellationTokenSource(Timeout.InfiniteTimeSpan, time);
    }

    /// <summary>The next line that is not empty, valid until the next call; null at the end.</summary>
    /// <exception cref="TimeoutException">nothing came for longer than the idle limit</exception>
    public async Task<ReadOnlyMemory<byte>?> NextAsync(CancellationToken cancellationToken)
    {
        _silence.CancelAfter(_idleLimit);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(_silence.Token, cancellationToken);
        if (_consumed is { } consumed)
        {
            _reader.AdvanceTo(consumed);
            _consumed = null;
        }
        try
        {
            return await ReadLineAsync(both.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new TimeoutException($"the watch was silent for {_idleLimit.TotalSeconds:0.#} s");
        }
    }

    public async ValueTask DisposeAsync()
    {
        _silence.Dispose();
        await _reader.CompleteAsync();
    }

    private async Task<ReadOnlyMemory<byte>?> ReadLineAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            var read = await _reader.ReadAsync(cancellationToken);
            var buffer = read.Buffer;
            if (buffer.PositionOf((byte)'\n') is { } end)
            {
                var line = buffer.Slice(0, end);
                var behind = buffer.GetPosition(1, end);
                if (line.Length <= 1)
                {
                    // An empty line, perhaps with a carriage return: some proxies send them to keep a stream alive.
                    _reader.AdvanceTo(behind);
                    continue;
                }
                _consumed = behind;
                return line.IsSingleSegment ? line.First : line.ToArray();
            }
            if (read.IsCompleted)
            {
                return buffer.IsEmpty ? null : throw new IOException("the watch was cut inside an event");
            }
            if (buffer.Length > Limits.WatchEventBytesMax)
            {
                throw new WatchBrokenException($"an event is longer than {Limits.WatchEventBytesMax} bytes");
            }
            _reader.AdvanceTo(buffer.Start, buffer.End);
        }
    }
}
