using System.Threading.Channels;
using Mainstay.ConsoleSite.Overview;

namespace Mainstay.ConsoleSite.Pages;

/// <summary>
/// Renders the live parts once for all pages that listen, each interval, while any does. A page that reads slowly loses
/// old updates, never the newest.
/// </summary>
internal sealed class LiveIslands(HomeSource source, PageRenderer renderer, TimeProvider time)
{
    private readonly Lock _lock = new();
    private readonly List<Channel<IReadOnlyList<Island>>> _streams = [];

    public int Streams
    {
        get
        {
            lock (_lock)
            {
                return _streams.Count;
            }
        }
    }

    /// <summary>Null: too many pages listen already.</summary>
    public Channel<IReadOnlyList<Island>>? Open()
    {
        var options = new BoundedChannelOptions(Limits.StreamBacklogMax)
        {
            FullMode = BoundedChannelFullMode.DropOldest,
        };
        var stream = Channel.CreateBounded<IReadOnlyList<Island>>(options);
        lock (_lock)
        {
            if (_streams.Count >= Limits.StreamsMax)
            {
                return null;
            }

            _streams.Add(stream);
            return stream;
        }
    }

    public void Close(Channel<IReadOnlyList<Island>> stream)
    {
        lock (_lock)
        {
            _streams.Remove(stream);
        }
    }

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(Limits.RefreshInterval, time);
        while (await timer.WaitForNextTickAsync(cancellationToken))
        {
            if (Streams == 0)
            {
                continue;
            }

            var islands = await renderer.IslandsAsync(source.Now());
            lock (_lock)
            {
                _streams.ForEach(stream => stream.Writer.TryWrite(islands));
            }
        }
    }
}
