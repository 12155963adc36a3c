using System.Collections.Immutable;
using Mainstay.ConsoleSite.Signals.Failures;
using Mainstay.Kube;
using Microsoft.Extensions.Logging;

namespace Mainstay.ConsoleSite.Scrape;

/// <summary>
/// The routers: those named on the command line, those on the nodes' addresses, those known from before. One router may
/// be found under two addresses; it is counted under the first that answers for its node. Thread safe.
/// </summary>
internal sealed class RouterFleet(TimeProvider time, ILogger<RouterFleet> logger)
{
    private readonly Lock _lock = new();
    private readonly SortedDictionary<string, RouterState> _routers = new(StringComparer.Ordinal);
    private readonly TrafficBook _traffic = new();
    private readonly FailureBook _failures = new();

    /// <summary>The addresses to read.</summary>
    public ImmutableArray<Uri> Addresses
    {
        get
        {
            lock (_lock)
            {
                return [.. _routers.Values.Select(router => router.Address)];
            }
        }
    }

    /// <summary>Says which routers there are. One that is no longer named is forgotten once it is silent.</summary>
    public void Expect(IEnumerable<ExpectedRouter> expected)
    {
        lock (_lock)
        {
            var wanted = new HashSet<string>(StringComparer.Ordinal);
            foreach (var router in expected)
            {
                var key = router.Address.ToString();
                wanted.Add(key);
                _routers[key] = _routers.TryGetValue(key, out var known)
                    ? known with { ExpectedNode = router.Node.Length > 0 ? router.Node : known.ExpectedNode }
                    : new RouterState(router.Address, router.Node);
            }

            foreach (var (key, state) in _routers.Where(pair => !wanted.Contains(pair.Key)).ToList())
            {
                if (Age(state) is not { } age || age > Limits.RouterFresh)
                {
                    _routers.Remove(key);
                    _traffic.Forget(key);
                    if (state.Table is { } table && PrimaryOf(table.Node) is null)
                    {
                        _failures.Forget(table.Node);
                    }
                }
            }
        }
    }

    public void Take(Uri address, RouterReading reading)
    {
        lock (_lock)
        {
            var key = address.ToString();
            if (!_routers.TryGetValue(key, out var state))
            {
                return;
            }

            Tell(state, reading);
            if (reading is { Table: { } table, Counters: { } counters })
            {
                var now = time.GetUtcNow();
                _routers[key] = state with { Table = table, AnsweredAt = now, Fault = null };
                if (PrimaryOf(table.Node) == key)
                {
                    _traffic.Add(key, counters, now);
                    _failures.Add(table, counters, now);
                }
                else
                {
                    _traffic.Forget(key);
                }
            }
            else
            {
                _routers[key] = state with { Fault = reading.Fault };
            }
        }
    }

    public FleetView View()
    {
        lock (_lock)
        {
            var now = time.GetUtcNow();
            var routers = _routers
                .Where(pair => pair.Value.Table is not { } table || PrimaryOf(table.Node) == pair.Key)
                .Select(pair => new RouterView(
                    pair.Value.Address,
                    pair.Value.Table?.Node ?? pair.Value.ExpectedNode,
                    pair.Value.Table,
                    pair.Value.AnsweredAt,
                    pair.Value.Fault,
                    Age(pair.Value) <= Limits.RouterFresh,
                    _traffic.Through(pair.Key, now)));
            var withoutTwins = routers
                .GroupBy(router => router.Node.Length > 0 ? router.Node : router.Address.ToString())
                .Select(same => same.OrderByDescending(router => router.Table is not null).First())
                .OrderBy(router => router.Node, StringComparer.Ordinal);
            return new FleetView([.. withoutTwins], [.. _traffic.Services], service => Figures(service, now));
        }
    }

    /// <summary>Calls of each service since then, and which of them failed where.</summary>
    public ImmutableArray<ServiceSum> FailuresSince(DateTimeOffset start)
    {
        lock (_lock)
        {
            return _failures.Since(start, time.GetUtcNow());
        }
    }

    private TrafficFigures Figures(ObjectKey service, DateTimeOffset now)
    {
        lock (_lock)
        {
            return _traffic.Of(service, now);
        }
    }

    /// <summary>
    /// The address under which a node's router counts: the first, in a fixed order, that answers now.
    /// </summary>
    private string? PrimaryOf(string node) => _routers
        .Where(pair => pair.Value.Table?.Node == node)
        .OrderBy(pair => Age(pair.Value) <= Limits.RouterFresh ? 0 : 1)
        .ThenBy(pair => pair.Value.ExpectedNode == node ? 0 : 1)
        .Select(pair => pair.Key)
        .FirstOrDefault();

    private TimeSpan? Age(RouterState state) => time.GetUtcNow() - state.AnsweredAt;

    private void Tell(RouterState before, RouterReading reading)
    {
        if (reading.Fault is { } fault && (before.Fault is null))
        {
            logger.RouterSilent(before.Address.ToString(), fault);
        }
        else if (reading.Table is { } table && (before.Fault is not null || before.Table is null))
        {
            logger.RouterAnswers(before.Address.ToString(), table.Node);
            if (reading.Exposition is { BadLines: > 0 and var count, FirstFault: { } why })
            {
                logger.BadMetrics(before.Address.ToString(), count, why);
            }
        }
    }

    private sealed record RouterState(Uri Address, string ExpectedNode)
    {
        public RouterTable? Table { get; init; }

        public DateTimeOffset? AnsweredAt { get; init; }

        public string? Fault { get; init; }
    }
}

/// <param name="Node">the node it should be on; "" if it is not known</param>
internal sealed record ExpectedRouter(Uri Address, string Node);

/// <param name="Answers">it has answered lately, so that the table is what it uses now</param>
internal sealed record RouterView(
    Uri Address, string Node, RouterTable? Table, DateTimeOffset? AnsweredAt, string? Fault, bool Answers,
    TrafficFigures Traffic);

internal sealed record FleetView(
    ImmutableArray<RouterView> Routers, ImmutableArray<ObjectKey> ServicesWithTraffic,
    Func<ObjectKey, TrafficFigures> Traffic)
{
    public int Answering => Routers.Count(router => router.Answers);
}
