using Mainstay.Kube;
using Mainstay.Router.Discovery.Freshness;

namespace Mainstay.Router.Discovery;

/// <summary>What is read of an object of a kind that a heartbeat is written in.</summary>
internal interface IDiscoveryObject
{
    /// <summary>Only in the heartbeat object itself, which is never routed on.</summary>
    Heartbeat? Heartbeat { get; }

    /// <summary>Where it has null instead of a list, such as <c>spec.ports</c>; empty for nowhere.</summary>
    string NullList { get; }
}

/// <summary>
/// Stands between the reflector of a kind and its cache: tells the heartbeat apart from what is routed on, and which
/// revision the cache has reached, each after the cache has it. On the reflector's loop.
/// </summary>
internal sealed class HeartbeatTap<T>(
    WatchedKind kind, ObjectCache<T> cache, TapListeners listeners) : IReflectorHandler<T>
    where T : class, IDiscoveryObject
{
    public void Replaced(IReadOnlyDictionary<ObjectKey, T> objects, string revision)
    {
        cache.Replaced(objects, revision);
        listeners.Nulls.Replaced(kind, objects);
        if (objects.TryGetValue(Heartbeat.Key, out var bearer) && bearer.Heartbeat is { } heartbeat)
        {
            listeners.Heartbeat(heartbeat.Sequence, false);
        }

        listeners.Advanced(revision, true);
        listeners.Changed();
    }

    public void Changed(ObjectKey key, T value, string revision)
    {
        cache.Changed(key, value, revision);
        listeners.Nulls.Changed(key, value);
        listeners.Advanced(revision, value.Heartbeat is null);
        if (value.Heartbeat is { } heartbeat)
        {
            listeners.Heartbeat(heartbeat.Sequence, true);
        }
        else
        {
            listeners.Changed();
        }
    }

    public void Deleted(ObjectKey key, string revision)
    {
        cache.Deleted(key, revision);
        listeners.Nulls.Deleted(key);
        listeners.Advanced(revision, key != Heartbeat.Key);
        listeners.Changed();
    }

    public void Quarantined(QuarantinedObject quarantined) => cache.Quarantined(quarantined);

    public void Released(QuarantinedObject quarantined) => cache.Released(quarantined);

    public void Repaired(ReflectorRepair repair) => cache.Repaired(repair);

    public void Disturbed(ReflectorDisturbance disturbance)
    {
        cache.Disturbed(disturbance);
        if (disturbance.IsNotFound)
        {
            listeners.NotFound();
        }
    }
}

/// <summary>Who listens to a <see cref="HeartbeatTap{T}"/>; called on the reflector's loop, so be quick.</summary>
/// <param name="Changed">something that is routed on is another</param>
/// <param name="Heartbeat">its sequence, and whether it came by the watch and not by a list</param>
/// <param name="Nulls">names objects with null for a list</param>
internal sealed record TapListeners(Action Changed, Action<long, bool> Heartbeat, NullListReports Nulls)
{
    /// <summary>The cache has reached a revision; whether by a change of what is routed on.</summary>
    public Action<string, bool> Advanced { get; init; } = (_, _) => { };

    /// <summary>The API server does not know the kind that is watched.</summary>
    public Action NotFound { get; init; } = () => { };
}
