using System.Globalization;
using Mainstay.ApiServer.Http;
using Mainstay.ApiServer.Observation;
using Mainstay.ApiServer.Registry;
using Mainstay.ApiServer.Watch;
using Mainstay.Etcd;
using Mainstay.Etcd.Protocol;
using Mainstay.Kernel;

namespace Mainstay.ApiServer.Storage;

/// <summary>
/// Keeps every watch cache fresh from one watch on the whole store. One stream for all: the caches then stand at one
/// revision, none can hang alone, and the stream sees every revision the store has, so a cache that has reached the
/// revision of a later quorum read is proven fresh without trusting any server's word on progress.
/// <code>
/// 1. list every resource at one revision R -> replace the caches at R
/// 2. watch everything from R+1             -> apply; over lost connections without gap or double
/// 3. history compacted, or store set back  -> start again at 1; the watchers get 410 and list again
/// </code>
/// </summary>
internal sealed class CacheFeed(EtcdClient client, ObjectStore store, WatchCaches caches, FeedContext context)
{
    private static readonly BackoffOptions Retry = new(TimeSpan.FromMilliseconds(100), TimeSpan.FromSeconds(2));

    private readonly Backoff _backoff = new(Retry, context.Random);
    private volatile EtcdWatch? _watch;
    private long _revision;
    private long _storeRevision;
    private long _heardAt;

    /// <summary>Time since the store last answered a quorum read; null before the first answer.</summary>
    public TimeSpan? StoreSilence => Interlocked.Read(ref _heardAt) is var heardAt and not 0
        ? context.Time.GetElapsedTime(heardAt)
        : null;

    /// <summary>What is wrong with the store; empty while it answers.</summary>
    public string StoreFault => StoreSilence switch
    {
        null => "it has not answered yet",
        { } silence when silence > Limits.StoreSilenceMax =>
            string.Create(CultureInfo.InvariantCulture, $"it has not answered for {silence.TotalSeconds:F0} s"),
        _ => "",
    };

    /// <summary>Every change at or below this revision is in the caches.</summary>
    public long Revision => Volatile.Read(ref _revision);

    /// <summary>The newest revision that a quorum read told.</summary>
    public long StoreRevision => Volatile.Read(ref _storeRevision);

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                await ListAsync(cancellationToken);
                _backoff.Reset();
                await WatchAsync(cancellationToken);
            }
            catch (RefusedException e)
            {
                ApiServerLog.FeedFailed(context.Logger, e.Message);
            }

            await Task.Delay(_backoff.Next(), context.Time, cancellationToken);
        }
    }

    /// <summary>
    /// Asks the store each second where it stands; the caches that have reached it are proven fresh, and a watch that
    /// lags is left for another member.
    /// </summary>
    public async Task ProveAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                var askedAt = context.Time.GetTimestamp();
                var revision = await store.RevisionAsync(cancellationToken);
                Interlocked.Exchange(ref _heardAt, askedAt);
                Volatile.Write(ref _storeRevision, revision);
                context.Latency.Record(context.Time.GetElapsedTime(askedAt));
                if (!await caches.ConfirmAsync(revision, askedAt, cancellationToken))
                {
                    // The stream is open and behind: the end-to-end proof against it, whatever it says of itself.
                    ApiServerLog.WatchLags(context.Logger, Revision, revision);
                    _watch?.Abandon($"it stood at {Revision} when a quorum read had told {revision}");
                }
            }
            catch (RefusedException)
            {
                // The store is away: nothing is proven and the ages grow, which is what they are for.
            }

            await Task.Delay(Limits.ProgressInterval, context.Time, cancellationToken);
        }
    }

    private async Task ListAsync(CancellationToken cancellationToken)
    {
        var revision = await store.RevisionAsync(cancellationToken);
        var read = new List<(WatchCache Cache, List<StoredObject> Objects)>();
        foreach (var cache in caches.All)
        {
            read.Add((cache, await ListOneAsync(cache.Type, revision, cancellationToken)));
        }

        foreach (var (cache, objects) in read)
        {
            cache.Replace(objects, revision);
        }

        Volatile.Write(ref _revision, revision);
        var count = read.Sum(one => one.Objects.Count);
        ApiServerLog.CachesRead(context.Logger, read.Count, count, revision);
    }

    private async Task<List<StoredObject>> ListOneAsync(
        ResourceType type, long revision, CancellationToken cancellationToken)
    {
        var objects = new List<StoredObject>();
        var range = new ListRange(type.StorageListPrefix(""), "", Limits.ListPageObjectsMax, revision);
        while (true)
        {
            var part = await store.ListAsync(type, range, cancellationToken)
                ?? throw new RefusedException(KubeStatus.RevisionCompacted());
            objects.AddRange(part.Objects);
            if (part.NextKey is null)
            {
                return objects;
            }

            range = range with { StartKey = part.NextKey };
        }
    }

    private async Task WatchAsync(CancellationToken cancellationToken)
    {
        var watch = client.Watch(new EtcdWatchOptions(StoreKeys.Everything, _revision + 1, ProgressNotify: true)
        {
            IsWholeStore = true,
        });
        _watch = watch;
        await foreach (var batch in watch.ReadAllAsync(cancellationToken))
        {
            switch (batch.Kind)
            {
                // A member that lags behind the one before it is no store set back: a quorum says which it is.
                case WatchBatchKind.Created when batch.Revision < _revision
                    && await store.RevisionAsync(cancellationToken) is var now && now < _revision:
                    ApiServerLog.StoreSetBack(context.Logger, now, _revision);
                    return;
                case WatchBatchKind.Gap:
                    ApiServerLog.FeedSkipped(context.Logger, batch.Revision);
                    return;
                case WatchBatchKind.Compacted:
                    ApiServerLog.FeedCompacted(context.Logger, batch.Revision, _revision);
                    return;
                case WatchBatchKind.Events:
                    Apply(batch);
                    break;
                case WatchBatchKind.Progress when batch.Revision > _revision:
                    Advance(batch.Revision);
                    break;
            }
        }
    }

    private void Apply(WatchBatch batch)
    {
        var changes = new Dictionary<WatchCache, List<CacheChange>>();
        foreach (var change in batch.Events)
        {
            var key = change.Kv.Key.ToStringUtf8();
            var isDeletion = change.Type == Event.Types.EventType.Delete;
            if (isDeletion)
            {
                context.Codec.Forget(key);
            }

            // no cache: a key of another application, or of our own bookkeeping
            foreach (var cache in caches.ForKey(key))
            {
                var now = isDeletion ? null : context.Codec.ReadOrReport(cache.Type, change.Kv);
                if (!isDeletion && now is null)
                {
                    continue; // unreadable: its last good state stays, and the codec has named it
                }

                if (!changes.TryGetValue(cache, out var ofCache))
                {
                    changes[cache] = ofCache = [];
                }

                ofCache.Add(new CacheChange(key, change.Kv.ModRevision, now));
            }
        }

        foreach (var (cache, ofCache) in changes)
        {
            cache.Apply(ofCache, batch.Revision);
        }

        Advance(batch.Revision);
    }

    private void Advance(long revision)
    {
        foreach (var cache in caches.All)
        {
            cache.Advance(revision);
        }

        Volatile.Write(ref _revision, revision);
    }
}

/// <summary>What the feed needs besides the store and the caches.</summary>
internal sealed record FeedContext(ObjectCodec Codec, StoreLatency Latency, TimeProvider Time, ILogger Logger)
{
    public Random Random { get; } = new();
}
