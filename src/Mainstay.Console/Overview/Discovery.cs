using System.Collections.Immutable;
using Mainstay.ConsoleSite.Signals;
using Mainstay.Kernel.Signals;

namespace Mainstay.ConsoleSite.Overview;

/// <summary>How fresh discovery is, hop by hop and router by router.</summary>
/// <param name="Freshness">of what is shown</param>
/// <param name="Layers">the way of a change, from the store to the routers, and the controllers that read
/// beside</param>
/// <param name="Cells">one for each router</param>
public sealed record Discovery(
    Freshness Freshness, IReadOnlyList<DiscoveryLayer> Layers, IReadOnlyList<DiscoveryCell> Cells)
{
    /// <summary>Age of the heartbeat from which on a hop is late; it advances each second.</summary>
    public const double LateSeconds = 3;

    /// <summary>Age from which on a hop is stale.</summary>
    public const double StaleSeconds = 10;

    /// <summary>Pure.</summary>
    public static Discovery Of(OverviewPageModel page, SignalReport? report, Freshness freshness)
    {
        var hops = freshness.Fresh && report is not null ? report.Hops : [];
        var signals = freshness.Fresh && report is not null ? report.Signals : [];
        return new Discovery(
            freshness,
            [
                Store(signals, hops),
                Layer("API servers and their caches", "api/", hops),
                Layer("Routers", "router/", hops),
                Layer("Controllers, beside them", "controllers", hops),
            ],
            [.. page.Routers.Rows.Select(row => Cell(row, hops))]);
    }

    internal static State StateOf(double? ageSeconds) => ageSeconds switch
    {
        null => new State(Health.Unknown, "not proven"),
        < LateSeconds => new State(Health.Good, "fresh"),
        < StaleSeconds => new State(Health.Warning, "late"),
        _ => new State(Health.Bad, "stale"),
    };

    /// <summary>
    /// A heartbeat that advances behind an API server was written to the store; without one nothing is known.
    /// </summary>
    private static DiscoveryLayer Store(ImmutableArray<Signal> signals, ImmutableArray<Hop> hops)
    {
        var worst = signals
            .Where(signal => signal.Subject == "store" || signal.Subject.StartsWith("store/", StringComparison.Ordinal))
            .Where(signal => signal.Severity > Severity.Info)
            .OrderByDescending(signal => signal.Severity)
            .FirstOrDefault();
        var written = hops.Any(hop => hop.Age?.TotalSeconds < StaleSeconds);
        var state = (written, worst) switch
        {
            (_, { Severity: Severity.Critical }) => new State(Health.Bad, worst.Name),
            (_, not null) => new State(Health.Warning, worst.Name),
            (true, _) => new State(Health.Good, "takes writes"),
            _ => new State(Health.Unknown, "not proven"),
        };
        return new DiscoveryLayer("Store", state, null, worst?.Reading.Summary ?? "", 0);
    }

    /// <summary>A layer is as its worst hop, which is named.</summary>
    private static DiscoveryLayer Layer(string title, string prefix, ImmutableArray<Hop> hops)
    {
        var own = hops.Where(hop => hop.Name.StartsWith(prefix, StringComparison.Ordinal)).ToList();
        if (own.Count == 0)
        {
            return new DiscoveryLayer(title, StateOf(null), null, "no hop of it has told", 0);
        }

        var worst = own.OrderByDescending(hop => hop.Age ?? TimeSpan.MaxValue).First();
        var via = worst.Via.Length > 0 ? $" by {worst.Via}" : "";
        var said = worst.Age is null ? "has never seen the heartbeat" : $"saw sequence {worst.Sequence}";
        return new DiscoveryLayer(
            title, StateOf(worst.Age?.TotalSeconds), worst.Age?.TotalSeconds, $"{worst.Name}{via} {said}", own.Count);
    }

    private static DiscoveryCell Cell(RouterRow row, ImmutableArray<Hop> hops)
    {
        var name = row.Node.Length > 0 ? row.Node : row.Address;
        var hop = hops.FirstOrDefault(one => one.Name == $"router/{row.Node}");
        var age = hop?.Age?.TotalSeconds;
        return new DiscoveryCell(name, StateOf(age), age, hop?.Sequence, hop?.Via ?? "", row);
    }
}

/// <param name="Worst">the hop that lags most, in words</param>
/// <param name="Hops">how many of it told</param>
public sealed record DiscoveryLayer(string Title, State State, double? AgeSeconds, string Worst, int Hops);

/// <param name="AgeSeconds">time since the router saw the heartbeat advance; null: it did not say</param>
public sealed record DiscoveryCell(
    string Router, State State, double? AgeSeconds, long? Sequence, string Via, RouterRow Row);
