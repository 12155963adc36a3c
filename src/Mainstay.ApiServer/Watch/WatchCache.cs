using System.Collections.Immutable;
using Mainstay.ApiServer.Registry;
using Mainstay.ApiServer.Storage;

namespace Mainstay.ApiServer.Watch;

/// <summary>The objects of one resource as of one revision.</summary>
internal readonly record struct CacheSnapshot(
    ImmutableSortedDictionary<string, StoredObject> Objects, long Revision);

/// <summary>
/// The objects of one resource in memory, kept fresh by one watch on the store, and the fan-out to the watchers. It
/// goes on to answer while the store is away: only its age grows. Thread safe.
/// </summary>
internal sealed class WatchCache(ResourceType type, TimeProvider time)
{
    // Guards everything below. Nothing is awaited and no other lock is taken under it.
    private readonly Lock _lock = new();
    private readonly WatchHistory _history = new(Limits.WatchHistoryEventsMax);
    private readonly HashSet<WatchSubscription> _subscriptions = [];
    private readonly List<(long Revision, TaskCompletionSource Reached)> _waiting = [];
    private readonly TaskCompletionSource _synced = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long _provenAt;
    private long _cutTotal;

    public ResourceType Type { get; } = type;

    /// <summary>Completes when the resource has been read for the first time.</summary>
    public Task Synced => _synced.Task;

    public bool IsSynced => _synced.Task.IsCompleted;

    public long Revision
    {
        get
        {
            lock (_lock)
            {
                return _history.Revision;
            }
        }
    }

    public int WatcherCount
    {
        get
        {
            lock (_lock)
            {
                return _subscriptions.Count;
            }
        }
    }

    public long CutTotal => Interlocked.Read(ref _cutTotal);

    /// <summary>Time since the store last proved that nothing is missing here; null before the first proof.</summary>
    public TimeSpan? Age
    {
        get
        {
            var provenAt = Interlocked.Read(ref _provenAt);
            return IsSynced ? time.GetElapsedTime(provenAt) : null;
        }
    }

    // === the feed's side ===

    public void Replace(IEnumerable<StoredObject> objects, long revision)
    {
        lock (_lock)
        {
            _history.Replace(objects, revision);
            foreach (var subscription in _subscriptions)
            {
                subscription.Cut(WatchEnd.Replaced);
            }

            _subscriptions.Clear();
            AdvanceLocked(revision);
            Interlocked.Exchange(ref _provenAt, time.GetTimestamp());
        }

        _synced.TrySetResult();
    }

    /// <summary>The changes of one or more whole transactions; complete up to the revision.</summary>
    public void Apply(IReadOnlyList<CacheChange> changes, long revision)
    {
        lock (_lock)
        {
            foreach (var change in changes)
            {
                var happened = change.Now is { } now
                    ? _history.Put(now)
                    : _history.Delete(change.Key, change.Revision);
                if (happened is not null)
                {
                    OfferLocked(happened);
                }
            }

            AdvanceLocked(revision);
        }
    }

    /// <summary>Nothing of this resource changed up to the revision.</summary>
    public void Advance(long revision)
    {
        lock (_lock)
        {
            AdvanceLocked(revision);
        }
    }

    /// <summary>
    /// The store stood at the revision at that time; if the cache has reached it, the cache was fresh then.
    /// </summary>
    public void Confirm(long revision, long askedAt)
    {
        lock (_lock)
        {
            if (IsSynced && _history.Revision >= revision)
            {
                Interlocked.Exchange(ref _provenAt, askedAt);
            }
        }
    }

    // === the readers' side ===

    public CacheSnapshot Snapshot()
    {
        lock (_lock)
        {
            return new CacheSnapshot(_history.Objects, _history.Revision);
        }
    }

    /// <returns>null when the revision lies too far back; <paramref name="oldest"/> is then the oldest that
    /// works</returns>
    public WatchSubscription? Subscribe(long afterRevision, string keyPrefix, out long oldest)
    {
        lock (_lock)
        {
            oldest = _history.Floor;
            if (_history.Since(afterRevision) is not { } missed)
            {
                return null;
            }

            var subscription = new WatchSubscription(this, keyPrefix, missed);
            _subscriptions.Add(subscription);
            return subscription;
        }
    }

    /// <summary>The state now and everything after it, without a gap between the two.</summary>
    public (CacheSnapshot State, WatchSubscription Subscription) SubscribeWithState(string keyPrefix)
    {
        lock (_lock)
        {
            var subscription = new WatchSubscription(this, keyPrefix, []);
            _subscriptions.Add(subscription);
            return (new CacheSnapshot(_history.Objects, _history.Revision), subscription);
        }
    }

    /// <returns>false when the cache did not reach the revision in time</returns>
    public async Task<bool> WaitForAsync(long revision, TimeSpan timeout, CancellationToken cancellationToken)
    {
        TaskCompletionSource reached;
        lock (_lock)
        {
            if (_history.Revision >= revision)
            {
                return true;
            }

            reached = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            _waiting.Add((revision, reached));
        }

        try
        {
            await reached.Task.WaitAsync(timeout, time, cancellationToken);
            return true;
        }
        catch (TimeoutException)
        {
            return false;
        }
        finally
        {
            lock (_lock)
            {
                _waiting.RemoveAll(one => one.Reached == reached);
            }
        }
    }

    internal long? CaughtUpTo(WatchSubscription subscription)
    {
        lock (_lock)
        {
            return subscription.End is null && subscription.Live.Count == 0 ? _history.Revision : null;
        }
    }

    internal void Remove(WatchSubscription subscription)
    {
        lock (_lock)
        {
            _subscriptions.Remove(subscription);
        }
    }

    private void OfferLocked(CachedEvent change)
    {
        List<WatchSubscription>? cut = null;
        foreach (var subscription in _subscriptions)
        {
            if (!subscription.Offer(change))
            {
                (cut ??= []).Add(subscription);
            }
        }

        foreach (var subscription in cut ?? [])
        {
            _subscriptions.Remove(subscription);
            Interlocked.Increment(ref _cutTotal);
        }
    }

    private void AdvanceLocked(long revision)
    {
        _history.Advance(revision);
        foreach (var (_, reached) in _waiting.Where(one => one.Revision <= _history.Revision))
        {
            reached.TrySetResult();
        }
    }
}

/// <summary>A change as the store tells it, read. A null <paramref name="Now"/> is a deletion.</summary>
internal readonly record struct CacheChange(string Key, long Revision, StoredObject? Now);
