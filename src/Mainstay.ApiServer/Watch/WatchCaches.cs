using System.Collections.Frozen;
using System.Collections.Immutable;
using Mainstay.ApiServer.Http;
using Mainstay.ApiServer.Registry;

namespace Mainstay.ApiServer.Watch;

/// <summary>The watch cache of every resource.</summary>
internal sealed class WatchCaches
{
    private readonly TimeProvider _time;
    private readonly FrozenDictionary<object, WatchCache> _byType;
    private readonly ImmutableArray<(string Prefix, ImmutableArray<WatchCache> Caches)> _byPrefix;

    public WatchCaches(IEnumerable<ResourceType> types, TimeProvider time)
    {
        _time = time;
        All = [.. types.Select(type => new WatchCache(type, time))];
        _byType = All.ToFrozenDictionary<WatchCache, object>(
            cache => cache.Type, ReferenceEqualityComparer.Instance);
        _byPrefix =
        [
            .. All.GroupBy(cache => cache.Type.StoragePrefix, StringComparer.Ordinal)
                .Select(group => (group.Key, group.ToImmutableArray())),
        ];
    }

    public ImmutableArray<WatchCache> All { get; }

    public bool AreSynced => All.All(cache => cache.IsSynced);

    /// <summary>Age of the oldest; null before all have been read.</summary>
    public TimeSpan? Age => AreSynced ? All.Max(cache => cache.Age) : null;

    public WatchCache Of(ResourceType type) => _byType[type];

    /// <summary>
    /// The cache, once the resource has been read. A server that has just started is waited for, as in kube-apiserver:
    /// every reader of the one before it is at the door, and each that is refused comes back later and later.
    /// </summary>
    /// <exception cref="RefusedException">it took too long: the store is away</exception>
    public async Task<WatchCache> SyncedOfAsync(ResourceType type, CancellationToken cancellationToken)
    {
        var cache = Of(type);
        try
        {
            await cache.Synced.WaitAsync(Limits.FreshnessWait, _time, cancellationToken);
            return cache;
        }
        catch (TimeoutException)
        {
            throw new RefusedException(KubeStatus.CacheNotReady(type.QualifiedPlural));
        }
    }

    /// <summary>The caches that hold the key: two where one document is served under two versions.</summary>
    public ImmutableArray<WatchCache> ForKey(string key)
    {
        foreach (var (prefix, caches) in _byPrefix)
        {
            if (key.StartsWith(prefix, StringComparison.Ordinal))
            {
                return caches;
            }
        }

        return [];
    }

    /// <summary>
    /// The store stood at the revision at that time. Every cache that has reached it, or soon does, was fresh then.
    /// </summary>
    /// <returns>false when they did not reach it in time; true also before the first list</returns>
    public async Task<bool> ConfirmAsync(long revision, long askedAt, CancellationToken cancellationToken)
    {
        if (!AreSynced)
        {
            return true;
        }

        // one feed moves all caches together, so waiting for one is waiting for all
        if (!await All[0].WaitForAsync(revision, Limits.FreshnessWait, cancellationToken))
        {
            return false;
        }

        foreach (var cache in All)
        {
            cache.Confirm(revision, askedAt);
        }

        return true;
    }
}
