using Mainstay.Kube;

namespace Mainstay.Router.Discovery;

/// <summary>
/// Stands between the reflector of the slices and their cache: tells the heartbeat apart from what is routed on, and
/// which revision the cache has reached, each after the cache has it. On the reflector's loop.
/// </summary>
internal sealed class SliceTap(ObjectCache<SliceSet> cache, SliceListeners listeners) : IReflectorHandler<SliceSet>
{
    public void Replaced(IReadOnlyDictionary<ObjectKey, SliceSet> objects, string revision)
    {
        cache.Replaced(objects, revision);
        if (objects.TryGetValue(Freshness.Heartbeat.Key, out var set) && set.Heartbeat is { } heartbeat)
        {
            listeners.Heartbeat(heartbeat.Sequence, false);
        }

        listeners.Applied.Heard(revision, isChange: true);
        listeners.Changed();
    }

    public void Changed(ObjectKey key, SliceSet value, string revision)
    {
        cache.Changed(key, value, revision);
        listeners.Applied.Heard(revision, isChange: value.Heartbeat is null);
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
        listeners.Applied.Heard(revision, isChange: key != Freshness.Heartbeat.Key);
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

/// <summary>Who listens to a <see cref="SliceTap"/>; called on the reflector's loop, so be quick.</summary>
/// <param name="Changed">something that is routed on is another</param>
/// <param name="Heartbeat">its sequence, and whether it came by the watch and not by a list</param>
/// <param name="Applied">is told of revisions</param>
internal sealed record SliceListeners(Action Changed, Action<long, bool> Heartbeat, AppliedRevision Applied)
{
    /// <summary>The API server does not know the kind that is watched.</summary>
    public required Action NotFound { get; init; }
}
