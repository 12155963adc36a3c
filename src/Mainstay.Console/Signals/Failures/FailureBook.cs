using System.Collections.Immutable;
using Mainstay.ConsoleSite.Scrape;
using Mainstay.Kube;

namespace Mainstay.ConsoleSite.Signals.Failures;

/// <summary>Calls and those of them that failed, over some time.</summary>
/// <param name="ByRouter">among the failures: answered by the router itself, as no endpoint did</param>
internal readonly record struct CallSum(double Calls, double Failures, double ByRouter)
{
    /// <summary>0 to 1; 0 without calls.</summary>
    public double Share => Calls > 0 ? Failures / Calls : 0;

    public static CallSum operator +(CallSum one, CallSum other) =>
        new(one.Calls + other.Calls, one.Failures + other.Failures, one.ByRouter + other.ByRouter);
}

/// <summary>Calls to one endpoint.</summary>
internal sealed record EndpointSum(string Pod, string Node, CallSum Sum)
{
    /// <summary>
    /// The ReplicaSet that the pod's name tells, which is one version of a Deployment: <c>payments-5d4f9</c> of
    /// <c>payments-5d4f9-x7k2p</c>. It is known with every API server down.
    /// </summary>
    public string Version => Pod.LastIndexOf('-') is > 0 and var dash ? Pod[..dash] : Pod;
}

/// <summary>What happened to the calls of one service over a window.</summary>
/// <param name="Total">of all routers</param>
/// <param name="ByNode">of the router of each node, as its callers saw it</param>
/// <param name="Endpoints">as the routers tried them; a call may have several tries</param>
/// <param name="Callers">of each calling pod, as namespace/name</param>
internal sealed record ServiceSum(
    ObjectKey Service, CallSum Total, ImmutableSortedDictionary<string, CallSum> ByNode,
    ImmutableArray<EndpointSum> Endpoints, ImmutableDictionary<string, CallSum> Callers)
{
    /// <summary>Without the calls that the router itself answered: no endpoint, no connection, timeout.</summary>
    public ServiceSum WithoutEarlyCalls() => this with
    {
        Total = new CallSum(Total.Calls - Total.ByRouter, Total.Failures - Total.ByRouter, 0),
    };
}

/// <summary>
/// The last readings of each router, and what happened between them:
/// <code>
///     node-1  12:00:00  payments 100 calls, 0 failed      12:00:05  140 calls, 30 failed
///     over 5 s: 40 calls, 30 failed; a counter that fell began anew, so that all it has counts
/// </code>
/// Not thread safe: its owner locks.
/// </summary>
internal sealed class FailureBook
{
    private readonly Dictionary<string, List<Reading>> _byNode = new(StringComparer.Ordinal);

    public void Add(RouterTable table, RouterCounters counters, DateTimeOffset at)
    {
        if (!_byNode.TryGetValue(table.Node, out var readings))
        {
            _byNode.Add(table.Node, readings = []);
        }

        // A router that started anew has counted nothing yet of what was before.
        if (readings.Count > 0 && readings[^1].Table.StartedAt != table.StartedAt)
        {
            readings.Clear();
        }

        readings.Add(new Reading(table, counters, at));
        readings.RemoveAll(old => at - old.At > Limits.FailureWindow + Limits.SignalsInterval || old.At > at);
    }

    /// <summary>Forgets a router that is no more.</summary>
    public void Forget(string node) => _byNode.Remove(node);

    /// <summary>What happened since then, at most <see cref="Limits.FailureWindow"/> ago.</summary>
    public ImmutableArray<ServiceSum> Since(DateTimeOffset start, DateTimeOffset now)
    {
        var sums = new Dictionary<ObjectKey, Gathered>();
        foreach (var (node, readings) in _byNode)
        {
            // One that is silent has nothing to say about now.
            if (readings.Count < 2 || now - readings[^1].At > Limits.RouterFresh)
            {
                continue;
            }

            var first = readings.FirstOrDefault(reading => reading.At >= start);
            if (first is not null && first != readings[^1])
            {
                Gather(sums, node, first, readings[^1]);
            }
        }

        return [.. sums.Values.Select(gathered => gathered.Sum())];
    }

    private static void Gather(Dictionary<ObjectKey, Gathered> sums, string node, Reading first, Reading last)
    {
        foreach (var (key, after) in last.Counters.Services)
        {
            if (key.Name.Length == 0)
            {
                continue;
            }

            var before = first.Counters.Services.GetValueOrDefault(key);
            var total = new CallSum(
                Grown(before?.Requests, after.Requests),
                Grown(before?.Errors, after.Errors),
                Grown(before?.RouterErrors, after.RouterErrors));
            if (!sums.TryGetValue(key, out var gathered))
            {
                sums.Add(key, gathered = new Gathered(key));
            }

            gathered.Add(node, total, first.Table.Services.GetValueOrDefault(key),
                last.Table.Services.GetValueOrDefault(key));
        }
    }

    private static double Grown(double? before, double after) => before > after ? after : after - (before ?? 0);

    private sealed record Reading(RouterTable Table, RouterCounters Counters, DateTimeOffset At);

    /// <summary>One service, while routers are added up.</summary>
    private sealed class Gathered(ObjectKey service)
    {
        private readonly Dictionary<string, CallSum> _byNode = new(StringComparer.Ordinal);
        private readonly Dictionary<(string Pod, string Node), CallSum> _endpoints = [];
        private readonly Dictionary<string, CallSum> _callers = new(StringComparer.Ordinal);

        public void Add(string node, CallSum total, TableService? first, TableService? last)
        {
            _byNode[node] = _byNode.GetValueOrDefault(node) + total;
            var endpoints = first?.Endpoints.ToLookup(endpoint => endpoint.Pod);
            foreach (var after in last?.Endpoints ?? [])
            {
                var before = endpoints?[after.Pod].FirstOrDefault(earlier => earlier.Address == after.Address);
                var key = (after.Pod.Length > 0 ? after.Pod : after.Address, after.Node);
                _endpoints[key] = _endpoints.GetValueOrDefault(key) + new CallSum(
                    Grown(before?.Tries, after.Tries), Grown(before?.Failures, after.Failures), 0);
            }

            var callers = first?.Callers.ToLookup(caller => (caller.Namespace, caller.Pod));
            foreach (var after in last?.Callers ?? [])
            {
                var before = callers?[(after.Namespace, after.Pod)].FirstOrDefault();
                var key = $"{after.Namespace}/{after.Pod}";
                _callers[key] = _callers.GetValueOrDefault(key) + new CallSum(
                    Grown(before?.Calls, after.Calls), Grown(before?.Failures, after.Failures), 0);
            }
        }

        public ServiceSum Sum() => new(
            service,
            _byNode.Values.Aggregate(default(CallSum), (sum, more) => sum + more),
            _byNode.ToImmutableSortedDictionary(StringComparer.Ordinal),
            [.. _endpoints.Select(pair => new EndpointSum(pair.Key.Pod, pair.Key.Node, pair.Value))],
            _callers.ToImmutableDictionary(StringComparer.Ordinal));
    }
}
