using System.Threading.Channels;

namespace Mainstay.ApiServer.Watch;

/// <summary>Why a watch ended from the server's side.</summary>
internal enum WatchEnd
{
    /// <summary>The watcher lagged behind by more than its backlog: it may resume from where it was.</summary>
    TooSlow,

    /// <summary>The cache had to start anew: what changed meanwhile is unknown.</summary>
    Replaced,
}

/// <summary>
/// One watcher's place in a <see cref="WatchCache"/>: what it missed, then what comes, through a bounded channel. A
/// full channel ends the subscription; nobody waits for a slow watcher.
/// </summary>
internal sealed class WatchSubscription : IAsyncDisposable
{
    private readonly WatchCache _cache;
    private readonly Channel<CachedEvent> _channel;
    private readonly CancellationTokenSource _tooSlow = new();
    private Task _cutting = Task.CompletedTask;

    public WatchSubscription(WatchCache cache, string keyPrefix, IReadOnlyList<CachedEvent> missed)
    {
        _cache = cache;
        KeyPrefix = keyPrefix;
        Missed = missed;
        _channel = Channel.CreateBounded<CachedEvent>(
            new BoundedChannelOptions(Limits.WatchBacklogEventsMax) { SingleReader = true });
    }

    /// <summary>Only changes below this prefix come: a watch of one namespace is not woken by the others.</summary>
    public string KeyPrefix { get; }

    /// <summary>What happened before the subscription began and after the revision it asked for.</summary>
    public IReadOnlyList<CachedEvent> Missed { get; }

    public ChannelReader<CachedEvent> Live => _channel.Reader;

    /// <summary>
    /// Cancelled when the watcher was cut for being slow: it may hang in a write to a client that reads nothing.
    /// </summary>
    public CancellationToken TooSlow => _tooSlow.Token;

    /// <summary>Set before <see cref="Live"/> completes.</summary>
    public WatchEnd? End { get; private set; }

    /// <returns>false when the watcher is too slow and has been cut</returns>
    public bool Offer(CachedEvent change)
    {
        if (!change.Key.StartsWith(KeyPrefix, StringComparison.Ordinal) || _channel.Writer.TryWrite(change))
        {
            return true;
        }

        Cut(WatchEnd.TooSlow);
        return false;
    }

    public void Cut(WatchEnd end)
    {
        End ??= end;
        _channel.Writer.TryComplete();
        if (end == WatchEnd.TooSlow)
        {
            // its callbacks run elsewhere: the cache's lock is held here
            _cutting = _tooSlow.CancelAsync();
        }
    }

    /// <summary>
    /// The revision up to which the watcher has taken everything; null while something waits for it. Only the reader
    /// of <see cref="Live"/> may ask, after it has sent what it took.
    /// </summary>
    public long? CaughtUpTo() => _cache.CaughtUpTo(this);

    public async ValueTask DisposeAsync()
    {
        _cache.Remove(this);
        await _cutting;
        _tooSlow.Dispose();
    }
}
