using Mainstay.Kernel.Signals;
using Mainstay.Kube;
using Mainstay.Router.Discovery.Freshness;

namespace Mainstay.Router.Discovery;

/// <summary>
/// The way of a change in the router, one file per step:
/// <code>
///     ObjectSources   Services and endpoints by list and watch -> DiscoveredObjects
///     FreshnessLoop   whether a watch follows the store, by the heartbeat in it; leaves a server that does not
///     ServicesCheck   the same for Services by a list, where their heartbeat may not be written
///     IObjectStage    what may change objects on the way, such as the brake
///     TablePublisher  the table, swapped in
///     SnapshotKeeper  the table on the disk
///     HeartbeatWriter, ServicesHeartbeat, RouterRegistration
///                     what this router writes: the heartbeats when it is elected, and itself
/// </code>
/// A table from the disk stays until both kinds have been listed once; the last table stays for any silence. An object
/// that makes no sense is kept out alone: its last good value stays in use, be it from before or from the snapshot.
/// </summary>
internal sealed class KubeDiscovery : IDiscovery, IDisposable
{
    private readonly KubeConnections _connections;
    private readonly DiscoveryParts _parts;
    private readonly ObjectSources _sources;
    private readonly TablePublisher _publisher;
    private readonly SnapshotKeeper _snapshot;
    private readonly FreshnessGuard? _freshness;
    private readonly RouterRegistration _registration;

    public KubeDiscovery(KubeConnections connections, DiscoveryParts parts, DiscoveryWorld world)
    {
        (_connections, _parts) = (connections, parts);
        _sources = new ObjectSources(connections.Watch, parts, world);
        _publisher = new TablePublisher(_sources, parts, world);
        _snapshot = new SnapshotKeeper(parts.Protections.Snapshot ? parts.Snapshot : null, world);
        _sources.Changed = _publisher.Touch;
        _registration = new RouterRegistration(Facts, connections.Write, world);
        if (parts.Protections.Freshness)
        {
            _freshness = new FreshnessGuard(_sources, connections, parts, world);
        }
    }

    public DiscoveryView View
    {
        get
        {
            var freshness = _freshness?.Endpoints;
            var state = _sources.IsWatching && _freshness?.IsStale != true ? SourceState.Live
                : !_sources.Synced.IsCompleted && _parts.Tables.Current.Revision > 0 ? SourceState.Snapshot
                : SourceState.Connecting;
            var server = _sources.Server.ToString().TrimEnd('/');
            var heardAgo = freshness?.Age ?? _sources.HeardAgo;
            return new DiscoveryView(server, state, heardAgo, _snapshot.Age, _sources.Quarantined)
            {
                Hops = _freshness?.Hops ?? [],
                Repairs = _sources.Repairs,
            };
        }
    }

    /// <summary>What is routed on, for those who judge it.</summary>
    public DiscoveredObjects Current => _publisher.Current;

    /// <summary>Asks for a new table: a stage changed its mind.</summary>
    public void Republish() => _publisher.Touch();

    /// <summary>Before anything else: what was known when the router last ran.</summary>
    public void LoadSnapshot()
    {
        if (_snapshot.Load() is { } saved)
        {
            _publisher.Restore(saved, "the snapshot");
        }
    }

    /// <summary>Takes better advice on what was on the disk; where the sources have spoken, theirs stays.</summary>
    public void Restore(DiscoveredObjects saved)
    {
        if (!_sources.Synced.IsCompleted)
        {
            _publisher.Restore(saved, "the snapshot, confirmed");
            // Had they just spoken, this brings their word back.
            _publisher.Touch();
        }
    }

    public Task RunAsync(CancellationToken cancellationToken) => Task.WhenAll(
        _sources.RunAsync(cancellationToken),
        _publisher.RunAsync(_connections.Watch.Server.ToString(), cancellationToken),
        _snapshot.RunAsync(() => _publisher.Current, () => View.State == SourceState.Live, cancellationToken),
        _freshness?.RunAsync(cancellationToken) ?? Task.CompletedTask,
        _registration.RunAsync(cancellationToken));

    public void Dispose() => _connections.Dispose();

    private RouterFacts Facts() => new(_parts.Node, _parts.AdminUrl)
    {
        AppliedRevision = _sources.Applied.Current,
        KeptOut = _sources.Quarantined,
        Tables = _sources.Applied.Tables,
        HeartbeatSequence = _freshness?.Endpoints.Sequence ?? -1,
        Proof = _parts.Proof(),
    };
}
