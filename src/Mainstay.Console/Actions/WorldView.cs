using System.Collections.Immutable;
using System.Globalization;
using Mainstay.Kernel.Signals;

namespace Mainstay.ConsoleSite.Actions;

/// <summary>Calls to one service through one router, counted since that router's start.</summary>
/// <param name="Router">the subject of the router</param>
/// <param name="Service">as <c>bank/payments</c></param>
public readonly record struct CallKey(string Router, string Service);

/// <param name="Total">calls answered</param>
/// <param name="Failed">calls answered by 5xx, whoever it came from</param>
public readonly record struct CallCount(double Total, double Failed);

/// <summary>The platform at one moment, as far as it answered.</summary>
public sealed record WorldView(DateTimeOffset At)
{
    public ImmutableArray<Signal> Signals { get; init; } = [];

    /// <summary>Parts that did not answer, by subject, with the reason.</summary>
    public ImmutableSortedDictionary<string, string> Silent { get; init; } =
        ImmutableSortedDictionary<string, string>.Empty;

    public ImmutableDictionary<CallKey, CallCount> Calls { get; init; } =
        ImmutableDictionary<CallKey, CallCount>.Empty;

    /// <summary>Calls to each service in the time just before; a service that is not in it had none.</summary>
    public ImmutableDictionary<string, CallCount> Lately { get; init; } =
        ImmutableDictionary<string, CallCount>.Empty;

    /// <summary>Share of all calls that passed through a router, 0 to 1; null where nobody counted any of it.</summary>
    public double? ShareOf(string router)
    {
        var own = Calls.Where(pair => pair.Key.Router == router).Select(pair => pair.Value.Total).ToList();
        var total = Calls.Values.Sum(count => count.Total);
        return own.Count > 0 && total > 0 ? own.Sum() / total : null;
    }
}

/// <summary>Whether the platform got worse between two moments: a pure function.</summary>
public static class WorldJudge
{
    /// <summary>Fewer calls than this between two moments say nothing.</summary>
    public const int CallsMin = 20;

    /// <summary>
    /// A service that answers less than this share of its calls well has fallen, if it did better before.
    /// </summary>
    public const double SuccessMin = 0.99;

    private static readonly ImmutableHashSet<string> OfUnitsInHand =
    [
        SignalCatalog.PartSilent.Name, SignalCatalog.RestartUnproven.Name, SignalCatalog.NodeAgentLost.Name,
        SignalCatalog.ServiceFailing.Name,
    ];

    /// <param name="before">before the wave</param>
    /// <param name="now">now</param>
    /// <param name="inHand">subjects that are being acted on: their own silence is expected</param>
    /// <returns>why it is worse, in one sentence; null where it is not</returns>
    public static string? Worse(WorldView before, WorldView now, ImmutableHashSet<string> inHand) =>
        NewSignal(before, now, inHand) ?? NewSilence(before, now, inHand) ?? Fallen(before, now, inHand);

    /// <summary>Whether a subject is a service, and not a part of the platform.</summary>
    public static bool IsService(string subject) => subject.StartsWith("service/", StringComparison.Ordinal);

    /// <summary>Calls to each service between two looks.</summary>
    public static ImmutableDictionary<string, CallCount> Between(WorldView earlier, WorldView now) =>
        now.Calls.Keys.Select(key => key.Service).Distinct(StringComparer.Ordinal)
            .ToImmutableDictionary(service => service, service => Since(earlier, now, service));

    private static string? NewSignal(WorldView before, WorldView now, ImmutableHashSet<string> inHand)
    {
        var known = before.Signals.Select(signal => (signal.Name, signal.Subject)).ToHashSet();
        var worst = now.Signals
            .Where(signal => signal.Severity == Severity.Critical)
            .FirstOrDefault(signal =>
                !known.Contains((signal.Name, signal.Subject)) && !IsExpected(signal, inHand));
        return worst is null ? null : $"{worst.Name} on {worst.Subject} is new: {worst.Reading.Summary}";
    }

    /// <summary>
    /// A unit that starts anew is neither proven nor, for a moment, heard; who reads from it says that it is stale. A
    /// service whose calls go to its fallback fails in what the fallback does not take; <see cref="Fallen"/> judges it.
    /// </summary>
    private static bool IsExpected(Signal signal, ImmutableHashSet<string> inHand) =>
        signal.Reading.CausedBy.Any(inHand.Contains)
        || (inHand.Contains(signal.Subject) && OfUnitsInHand.Contains(signal.Name));

    private static string? NewSilence(WorldView before, WorldView now, ImmutableHashSet<string> inHand)
    {
        var silent = now.Silent.Keys
            .FirstOrDefault(part => !before.Silent.ContainsKey(part) && !inHand.Contains(part));
        return silent is null ? null : $"{silent} no longer answers: {now.Silent[silent]}";
    }

    /// <summary>
    /// While a service is itself acted on, by its fallback say, it may do other than before, for a fallback takes what
    /// it can; and so may whoever calls it, which the counters do not tell. One has fallen then only if nothing is
    /// answered well.
    /// </summary>
    private static string? Fallen(WorldView before, WorldView now, ImmutableHashSet<string> inHand)
    {
        var services = now.Calls.Keys.Select(key => key.Service).Distinct(StringComparer.Ordinal);
        var isOfServices = inHand.Any(IsService);
        foreach (var service in services.Order(StringComparer.Ordinal))
        {
            var since = Since(before, now, service);
            var isWell = isOfServices ? Success(since) > 0 : Success(since) >= SuccessMin;
            if (since.Total < CallsMin || isWell)
            {
                continue;
            }

            // What it did just before counts; a day that went badly hides no fall. Few calls then say less than all.
            var lately = before.Lately.GetValueOrDefault(service);
            var earlier = lately.Total >= CallsMin ? lately : Sum(before, service);
            if (earlier.Total < CallsMin || Success(earlier) > Success(since))
            {
                var percent = (100 * Success(since)).ToString("0.0", CultureInfo.InvariantCulture);
                return $"{service} answers {percent} % of {since.Total:0} calls well since this wave began";
            }
        }

        return null;
    }

    /// <summary>A counter that went down began anew: all it counts is new.</summary>
    private static CallCount Since(WorldView before, WorldView now, string service)
    {
        var (total, failed) = (0.0, 0.0);
        foreach (var (key, count) in now.Calls.Where(pair => pair.Key.Service == service))
        {
            var old = before.Calls.GetValueOrDefault(key);
            var isReset = count.Total < old.Total || count.Failed < old.Failed;
            total += isReset ? count.Total : count.Total - old.Total;
            failed += isReset ? count.Failed : count.Failed - old.Failed;
        }

        return new CallCount(total, failed);
    }

    private static CallCount Sum(WorldView view, string service)
    {
        var counts = view.Calls.Where(pair => pair.Key.Service == service).Select(pair => pair.Value).ToList();
        return new CallCount(counts.Sum(count => count.Total), counts.Sum(count => count.Failed));
    }

    private static double Success(CallCount count) => count.Total > 0 ? 1 - (count.Failed / count.Total) : 1;
}
