using Mainstay.Router.Discovery;
using Mainstay.Router.Resilience;

namespace Mainstay.Router.Balancing;

/// <summary>
/// One loop's state beside the shared table: place for place the same services. It follows the table when a call or the
/// publisher finds that there is a newer one. Owned by its loop; <see cref="Known"/> may be read from anywhere.
/// </summary>
/// <param name="random">for new balancers</param>
/// <param name="agreements">with the router's other loops; null where fallbacks are not taken</param>
internal sealed class LoopTable(Random random, FallbackAgreements? agreements)
{
    private FallbackWishes _wanted = FallbackWishes.None;
    private readonly Dictionary<(string, string), ServiceState> _byName = [];
    private ServiceState[] _services = [];
    private ServiceState[] _known = [];

    public RouteTable Table { get; private set; } = RouteTable.Empty;

    /// <summary>Every service of the table, and those that went a short while ago, for the metrics.</summary>
    public ReadOnlySpan<ServiceState> Known => Volatile.Read(ref _known);

    public ServiceState this[int index] => _services[index];

    /// <param name="table">the current one</param>
    /// <param name="wanted">what a person wants of fallbacks</param>
    /// <param name="nowMicros">the time</param>
    public void Follow(RouteTable table, FallbackWishes wanted, long nowMicros)
    {
        if (ReferenceEquals(table, Table) && ReferenceEquals(wanted, _wanted))
        {
            return;
        }

        var services = new ServiceState[table.Services.Length];
        for (var index = 0; index < services.Length; index++)
        {
            services[index] = StateOf(table.Services[index]);
            services[index].Adopt(table.Services[index], random, nowMicros);
        }

        ServiceState[] gone = [.. _services.Except(services)];
        foreach (var service in gone)
        {
            service.Adopt(null, random, nowMicros);
        }

        if (agreements is not null)
        {
            foreach (var service in services.Concat(gone))
            {
                service.Link(_byName, wanted.Of(service.Counters.Namespace, service.Counters.Name), agreements);
            }
        }

        _services = services;
        _wanted = wanted;
        Table = table;
        Remember(nowMicros);
    }

    /// <summary>Once for each table, however many services came and went with it.</summary>
    private void Remember(long nowMicros)
    {
        foreach (var ((scope, name), state) in _byName)
        {
            if (state.MayBeForgotten(nowMicros))
            {
                _byName.Remove((scope, name));
            }
        }

        Volatile.Write(ref _known, [.. _byName.Values]);
    }

    private ServiceState StateOf(ServiceRoute route)
    {
        if (!_byName.TryGetValue((route.Namespace, route.Name), out var state))
        {
            state = new ServiceState(route.Namespace, route.Name);
            _byName.Add((route.Namespace, route.Name), state);
        }

        return state;
    }
}
