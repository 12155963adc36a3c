using System.Collections.Immutable;
using System.Globalization;
using Mainstay.Drills.Timeline;

namespace Mainstay.Drills.Reports;

/// <summary>The few words and figures on top of a report.</summary>
internal static class Headline
{
    public static string Mode(DrillRecord record) =>
        record.Without.IsEmpty ? "with every protection"
        : Protections.IsAll(record.Without) ? "without any protection"
        : $"without {string.Join(", ", record.Without)}";

    public static string Verdict(DrillRecord record, ImmutableArray<Check> checks)
    {
        var missed = checks.Count(check => !check.Holds);
        if (missed > 0)
        {
            return $"Not as expected: {missed} of {checks.Length} expectations do not hold.";
        }

        return record.Without.IsEmpty ? "The whole story happened, and no customer noticed."
            : Protections.IsAll(record.Without) ? "The outage happened, in the shape of the story, and ended as it did."
            : record.Without is [var alone] ? $"What {alone} is good for was seen to be gone, and all else held."
            : "The story ended well.";
    }

    /// <summary>Figure and what it is of.</summary>
    public static IEnumerable<(string Figure, string Of)> Figures(DrillRecord record)
    {
        var payments = record.Totals.Where(total =>
            Journey.All.Any(journey => journey.MovesMoney && journey.Name == total.Journey)).ToList();
        yield return (Number(payments.Sum(total => total.Answered)), "payments answered");
        yield return (Number(payments.Sum(total => total.Pending)), "payments never answered");
        yield return (Number(record.Totals.Sum(total => total.FailedAttempts)), "attempts failed");
        yield return (Number(record.Money.Lost + record.Money.Doubled), "payments lost or doubled");
        var named = record.Faults.Select(fault => fault.NamedBy(record.Signals)?.Second - fault.Begins).ToList();
        if (named.Count > 0)
        {
            yield return (
                named.Contains(null) ? "never" : $"{Seconds(named.Max() ?? 0)} s",
                "longest time to the right root");
        }
    }

    public static string Number(long number) => number.ToString("#,0", CultureInfo.InvariantCulture);

    public static string Seconds(double second) => second.ToString("0.0", CultureInfo.InvariantCulture);

    public static string Percent(double? share) =>
        share is { } known ? (100 * known).ToString("0.#", CultureInfo.InvariantCulture) + " %" : "no attempt";
}
