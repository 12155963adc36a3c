using Mainstay.Router.Discovery;
using Mainstay.Router.Metrics;

namespace Mainstay.Router.Balancing;

/// <summary>
/// What one loop knows of one service: a balancer per port, and its counters, which outlive the service.
/// </summary>
internal sealed class ServiceState(string scope, string name)
{
    private PortState[] _ports = [];

    public ServiceCounters Counters { get; } = new(scope, name);

    public ServiceRoute? Route { get; private set; }

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
    }
}
