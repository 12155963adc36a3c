using System.Collections.Immutable;

namespace Mainstay.Kube;

/// <summary>
/// What a reflector knows, to look things up in from any thread. Indexes are named functions from an object to the
/// values it is found by. Listeners are told on the reflector's loop, after the cache has changed.
/// </summary>
public sealed class ObjectCache<T> : IReflectorHandler<T>
    where T : class
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, ObjectIndex<T>> _indexes = [];
    private readonly List<Action<CacheChange<T>>> _listeners = [];
    private ImmutableDictionary<ObjectKey, T> _objects = ImmutableDictionary<ObjectKey, T>.Empty;
    private string _revision = "";

    /// <summary>The revision that the content stands at; empty before the first list. Listeners see the new
    /// one.</summary>
    public string Revision => Volatile.Read(ref _revision);

    /// <summary>All objects at one moment.</summary>
    public ImmutableDictionary<ObjectKey, T> Snapshot => Volatile.Read(ref _objects);

    /// <summary>Called with each disturbance of the reflector, for its owner's log.</summary>
    public Action<ReflectorDisturbance>? OnDisturbed { get; init; }

    /// <summary>Called with each object that makes no sense, for its owner's log.</summary>
    public Action<QuarantinedObject>? OnQuarantined { get; init; }

    /// <summary>Called with each object that makes sense again or is gone.</summary>
    public Action<QuarantinedObject>? OnReleased { get; init; }

    /// <summary>Called when a list that was asked for found the watch to have missed something.</summary>
    public Action<ReflectorRepair>? OnRepaired { get; init; }

    public T? Find(ObjectKey key) => Snapshot.GetValueOrDefault(key);

    /// <summary>Adds an index; only before the reflector runs.</summary>
    public void AddIndex(string name, Func<ObjectKey, T, IEnumerable<string>> values) =>
        _indexes.Add(name, new ObjectIndex<T>(values));

    /// <summary>Adds a listener; only before the reflector runs.</summary>
    public void AddListener(Action<CacheChange<T>> listener) => _listeners.Add(listener);

    /// <summary>The objects that the index finds by the value.</summary>
    public ImmutableArray<T> By(string index, string value)
    {
        lock (_lock)
        {
            return _indexes[index].Find(value, _objects);
        }
    }

    public void Replaced(IReadOnlyDictionary<ObjectKey, T> objects, string revision)
    {
        var changes = new List<CacheChange<T>>();
        lock (_lock)
        {
            foreach (var (key, old) in _objects)
            {
                if (!objects.ContainsKey(key))
                {
                    changes.Add(new CacheChange<T>(key, old, null));
                }
            }
            foreach (var (key, value) in objects)
            {
                changes.Add(new CacheChange<T>(key, _objects.GetValueOrDefault(key), value));
            }
            ApplyLocked(changes, revision);
        }
        Tell(changes);
    }

    public void Changed(ObjectKey key, T value, string revision) => Apply(key, value, revision);

    public void Deleted(ObjectKey key, string revision) => Apply(key, null, revision);

    public void Disturbed(ReflectorDisturbance disturbance) => OnDisturbed?.Invoke(disturbance);

    public void Quarantined(QuarantinedObject quarantined) => OnQuarantined?.Invoke(quarantined);

    public void Released(QuarantinedObject quarantined) => OnReleased?.Invoke(quarantined);

    public void Repaired(ReflectorRepair repair) => OnRepaired?.Invoke(repair);

    private void Apply(ObjectKey key, T? value, string revision)
    {
        CacheChange<T>[] changes;
        lock (_lock)
        {
            changes = [new CacheChange<T>(key, _objects.GetValueOrDefault(key), value)];
            ApplyLocked(changes, revision);
        }
        Tell(changes);
    }

    private void ApplyLocked(IReadOnlyList<CacheChange<T>> changes, string revision)
    {
        var next = _objects.ToBuilder();
        foreach (var change in changes)
        {
            foreach (var index in _indexes.Values)
            {
                index.Apply(change);
            }
            if (change.New is { } value)
            {
                next[change.Key] = value;
            }
            else
            {
                next.Remove(change.Key);
            }
        }
        Volatile.Write(ref _objects, next.ToImmutable());
        Volatile.Write(ref _revision, revision);
    }

    private void Tell(IReadOnlyList<CacheChange<T>> changes)
    {
        foreach (var change in changes)
        {
            foreach (var listener in _listeners)
            {
                listener(change);
            }
        }
    }
}

/// <summary>From what to what an object went; null stands for its absence. After a relist both may be alike.</summary>
public sealed record CacheChange<T>(ObjectKey Key, T? Old, T? New)
    where T : class;

/// <summary>One index of a cache. Not thread safe: the cache's lock is around it.</summary>
internal sealed class ObjectIndex<T>(Func<ObjectKey, T, IEnumerable<string>> values)
    where T : class
{
    private readonly Dictionary<string, HashSet<ObjectKey>> _keys = new(StringComparer.Ordinal);

    public void Apply(CacheChange<T> change)
    {
        if (change.Old is { } old)
        {
            foreach (var value in values(change.Key, old))
            {
                if (_keys.TryGetValue(value, out var found) && found.Remove(change.Key) && found.Count == 0)
                {
                    _keys.Remove(value);
                }
            }
        }
        if (change.New is { } added)
        {
            foreach (var value in values(change.Key, added))
            {
                if (!_keys.TryGetValue(value, out var found))
                {
                    _keys[value] = found = [];
                }
                found.Add(change.Key);
            }
        }
    }

    public ImmutableArray<T> Find(string value, ImmutableDictionary<ObjectKey, T> objects) =>
        _keys.TryGetValue(value, out var found) ? [.. found.Select(key => objects[key])] : [];
}
