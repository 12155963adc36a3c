using System.Collections.Immutable;
using Mainstay.Kernel.Signals;

namespace Mainstay.Router.Discovery.Freshness;

/// <summary>
/// All that keeps a router's watches fresh: a heartbeat in each of them, read here, and written here when this router
/// is elected; a comparison for Services; and a look at what a router that starts would list. The loops are owned by
/// <see cref="RunAsync"/>; the rest is for any thread.
/// </summary>
internal sealed class FreshnessGuard
{
    private readonly string _node;
    private readonly ObjectSources _sources;
    private readonly FreshnessLoop _endpoints;
    private readonly FreshnessLoop _services;
    private readonly HeartbeatWriter _writer;
    private readonly ServicesHeartbeat _servicesHeartbeat;
    private readonly ServicesCheck _servicesCheck;
    private readonly StartLook _startLook;

    public FreshnessGuard(
        ObjectSources sources, KubeConnections connections, DiscoveryParts parts, DiscoveryWorld world)
    {
        (_node, _sources) = (parts.Node, sources);
        var store = new HeartbeatStore(connections.Write, $"router/{parts.Node}", world.Time);
        _writer = new HeartbeatWriter(Sight, store, world);
        _servicesHeartbeat = new ServicesHeartbeat(() => _writer.Written, store, world);
        _endpoints = new FreshnessLoop(
            new GuardedWatch(
                sources.EndpointsWatch, sources.Leave, new StaleSignal(parts.Signals, $"router/{parts.Node}"))
            {
                Options = parts.Freshness,
            },
            connections, parts, world);
        var stale = new StaleSignal(parts.Signals, $"router/{parts.Node}/services");
        _services = new FreshnessLoop(
            new GuardedWatch(sources.ServicesWatch, sources.Leave, stale)
            {
                Options = parts.Freshness.ForServices,
                WhileUnwritten = WhileUnwritten,
            },
            connections, parts, world);
        _servicesCheck = new ServicesCheck(sources, connections.Probe, stale, world);
        _startLook = new StartLook(() => _writer.Written is not null, sources, connections.Probe, world);
    }

    /// <summary>What is known of the watch of the endpoints.</summary>
    public FreshnessView Endpoints => _endpoints.View;

    /// <summary>Whether one of the watches does not follow the store.</summary>
    public bool IsStale => _endpoints.View.State == FreshnessState.Stale
        || _services.View.State == FreshnessState.Stale;

    /// <summary>How far each watch has brought the heartbeat; the endpoints' first. Services that have none say
    /// nothing.</summary>
    public ImmutableArray<Hop> Hops
    {
        get
        {
            var endpoints = HopOf("", _endpoints.View, _sources.EndpointsWatch);
            return _services.View is { Sequence: >= 0 } services
                ? [endpoints, HopOf("/services", services, _sources.ServicesWatch)]
                : [endpoints];
        }
    }

    /// <summary>Until cancelled.</summary>
    public Task RunAsync(CancellationToken cancellationToken) => Task.WhenAll(
        _endpoints.RunAsync(cancellationToken),
        _services.RunAsync(cancellationToken),
        _servicesCheck.RunAsync(cancellationToken),
        _servicesHeartbeat.RunAsync(cancellationToken),
        _startLook.RunAsync(cancellationToken),
        _writer.RunAsync(cancellationToken));

    private Hop HopOf(string watch, FreshnessView view, WatchSight sight) => new(
        $"router/{_node}{watch}", $"api/{sight.Server.ToString().TrimEnd('/')}", view.Sequence, view.Age);

    private HeartbeatSight Sight() => new(_sources.EndpointsWatch.Kind, _endpoints.View.Sequence, _endpoints.View.Age);

    private string WhileUnwritten()
    {
        var fault = _servicesHeartbeat.Fault is { Length: > 0 } why ? $" (this router cannot: {why})" : "";
        return $"{fault}; until it is written Services are compared with a quorum list, every 60 to 90 s";
    }
}
