using Mainstay.Router.Discovery;
using Mainstay.Router.Metrics;
using Mainstay.Router.Resilience;

namespace Mainstay.Router.Balancing;

/// <summary>
/// What one loop knows of one service: a balancer per port, and its counters, which outlive the service for a while.
/// </summary>
internal sealed class ServiceState(string scope, string name)
{
    private PortState[] _ports = [];
    private long _goneMicros;

    public ServiceCounters Counters { get; } = new(scope, name);

    public ServiceRoute? Route { get; private set; }

    /// <summary>Null for a service that has none; other threads may read whether it is active.</summary>
    public ServiceFallback? Fallback { get; private set; }

    /// <summary>In the order of the route's ports; other threads may read it.</summary>
    public ReadOnlySpan<PortState> Ports => Volatile.Read(ref _ports);

    /// <param name="route">null when the service is gone</param>
    /// <param name="random">for new balancers</param>
    /// <param name="nowMicros">the time</param>
    public void Adopt(ServiceRoute? route, Random random, long nowMicros)
    {
        if (ReferenceEquals(route, Route))
        {
            return;
        }

        var before = Route;
        var routes = route is null ? [] : route.Ports;
        var ports = new PortState[routes.Length];
        for (var index = 0; index < routes.Length; index++)
        {
            var known = before?.PortIndex(routes[index].Port) ?? -1;
            ports[index] = known >= 0 ? _ports[known] : new PortState(random, nowMicros);
            ports[index].Adopt(routes[index]);
        }

        foreach (var gone in _ports.Except(ports))
        {
            gone.Adopt(null);
        }

        Volatile.Write(ref _ports, ports);
        Route = route;
        _goneMicros = nowMicros;
    }

    /// <summary>Gone for so long that nobody waits for its figures, and without a call that is out.</summary>
    public bool MayBeForgotten(long nowMicros) =>
        Route is null && Counters.InFlight == 0 && nowMicros - _goneMicros >= Limits.ServiceGoneMilliseconds * 1000L;

    /// <summary>
    /// After all services follow the same table: where the fallback is now. What it learned stays; a service that is
    /// gone has none.
    /// </summary>
    public void Link(
        IReadOnlyDictionary<(string, string), ServiceState> services, FallbackMode? wanted,
        FallbackAgreements agreements)
    {
        if (Route?.Fallback is not { } route)
        {
            Fallback = null;
            return;
        }

        if (Fallback is not { } known || (known.Route with { ByHand = route.ByHand }) != route)
        {
            Fallback = new ServiceFallback(
                route, $"{Route.Name}.{Route.Namespace}", agreements.Of(Route.Namespace, Route.Name, route));
        }

        var target = services.GetValueOrDefault((route.Namespace, route.Name));
        var port = target?.Route?.PortIndex(route.Port) ?? -1;
        Fallback.Target = port >= 0 ? target?.Ports[port] : null;
        Fallback.Switch.Mode = wanted ?? (route.ByHand ? FallbackMode.On : FallbackMode.Auto);
    }
}
