using Google.Protobuf;
using Mainstay.Store.Mvcc;

namespace Mainstay.Store.Watch;

/// <summary>
/// All watchers of the store. <see cref="Dispatch"/> puts those behind that a batch concerns and wakes their streams;
/// a stream takes its turns with <see cref="Peek"/> and <see cref="Advance"/>. Thread safe; nothing waits inside the
/// lock.
/// </summary>
internal sealed class WatchHub
{
    private readonly Lock _gate = new();
    private readonly Dictionary<ByteString, List<Watcher>> _byKey = [];
    private readonly Dictionary<(ByteString Key, ByteString End), RangeWatchers> _byRange = [];
    private MvccView _view;
    private int _count;

    public WatchHub(MvccView view)
    {
        _view = view;
    }

    public int Count
    {
        get
        {
            lock (_gate)
            {
                return _count;
            }
        }
    }

    /// <summary>Watchers that have something to send, or something to look through.</summary>
    public int CountBehind()
    {
        lock (_gate)
        {
            return _byKey.Values.Sum(list => list.Count(watcher => watcher.IsBehind))
                + _byRange.Values.Sum(range => range.Watchers.Count(watcher => watcher.IsBehind));
        }
    }

    /// <summary>
    /// Adds a watcher; the revision that the store then stands at is what its creation is answered with.
    /// </summary>
    public (Watcher Watcher, long Revision) Add(WatchSpec spec, IWatchSink sink)
    {
        lock (_gate)
        {
            var now = _view.Revision;
            var next = spec.StartRevision == 0 ? now + 1 : spec.StartRevision;
            var watcher = new Watcher(spec, sink, next, isBehind: next <= now);
            ListForLocked(spec).Add(watcher);
            _count++;
            return (watcher, now);
        }
    }

    public void Remove(Watcher watcher)
    {
        lock (_gate)
        {
            var list = ListForLocked(watcher.Spec);
            _count -= list.Remove(watcher) ? 1 : 0;
            if (list.Count == 0 && watcher.Spec.Interval.IsSingle)
            {
                _byKey.Remove(watcher.Spec.Key);
            }
            else if (list.Count == 0)
            {
                _byRange.Remove((watcher.Spec.Key, watcher.Spec.RangeEnd));
            }
        }
    }

    /// <summary>The store has gone on to this view.</summary>
    public void Dispatch(MvccView view)
    {
        lock (_gate)
        {
            for (var revision = _view.Revision + 1; revision <= view.Revision; revision++)
            {
                for (var change = view.History.At(revision); change is not null; change = change.NextInRevision)
                {
                    PutBehindLocked(change, revision);
                }
            }

            _view = view;
        }
    }

    /// <summary>What a watcher has to look through; null where it is in sync.</summary>
    public (MvccView View, long From)? Peek(Watcher watcher)
    {
        lock (_gate)
        {
            return watcher.IsBehind ? (_view, watcher.NextRevision) : null;
        }
    }

    /// <summary>The watcher has been told everything below a revision.</summary>
    public void Advance(Watcher watcher, long nextRevision)
    {
        lock (_gate)
        {
            watcher.NextRevision = nextRevision;
            watcher.IsBehind = nextRevision <= _view.Revision;
        }
    }

    /// <summary>The store's revision if none of these watchers is behind it; null if one is.</summary>
    public long? RevisionIfAllInSync(IEnumerable<Watcher> watchers)
    {
        lock (_gate)
        {
            return watchers.Any(watcher => watcher.IsBehind) ? null : _view.Revision;
        }
    }

    public long Revision
    {
        get
        {
            lock (_gate)
            {
                return _view.Revision;
            }
        }
    }

    private void PutBehindLocked(KeyVersion change, long revision)
    {
        if (_byKey.TryGetValue(change.Kv.Key, out var watchers))
        {
            PutBehindLocked(watchers, change, revision);
        }

        foreach (var range in _byRange.Values)
        {
            if (range.Interval.Contains(change.Key))
            {
                PutBehindLocked(range.Watchers, change, revision);
            }
        }
    }

    private static void PutBehindLocked(List<Watcher> watchers, KeyVersion change, long revision)
    {
        foreach (var watcher in watchers)
        {
            if (!watcher.IsBehind && revision >= watcher.NextRevision
                && WatchScan.Concerns(watcher.Spec, watcher.Spec.Interval, change))
            {
                watcher.IsBehind = true;
                watcher.NextRevision = revision;
                watcher.Sink.Wake(watcher);
            }
        }
    }

    private List<Watcher> ListForLocked(WatchSpec spec)
    {
        if (spec.Interval.IsSingle)
        {
            if (!_byKey.TryGetValue(spec.Key, out var list))
            {
                _byKey[spec.Key] = list = [];
            }

            return list;
        }

        if (!_byRange.TryGetValue((spec.Key, spec.RangeEnd), out var range))
        {
            _byRange[(spec.Key, spec.RangeEnd)] = range = new RangeWatchers(spec.Interval, []);
        }

        return range.Watchers;
    }

    private sealed record RangeWatchers(KeyInterval Interval, List<Watcher> Watchers);
}
