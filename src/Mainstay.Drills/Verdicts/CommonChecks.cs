using System.Collections.Immutable;
using System.Globalization;
using Mainstay.Drills.Timeline;

namespace Mainstay.Drills.Verdicts;

/// <summary>What is asked of a run whatever protections it had, or most of them.</summary>
internal static class CommonChecks
{
    /// <summary>The right root is named within this time of its fault.</summary>
    public const double NamedWithinSeconds = 10;

    /// <summary>Share of attempts answered from which customers are well.</summary>
    public const double WellAbove = 0.98;

    public static IEnumerable<Check> Money(DrillRecord record)
    {
        foreach (var journey in Journey.All.Where(journey => journey.MovesMoney))
        {
            var totals = record.Totals.FirstOrDefault(total => total.Journey == journey.Name);
            yield return new Check(
                $"{journey.Title}: every one is answered",
                totals is { Pending: 0, Answered: > 0 },
                totals is null ? "not counted" : string.Create(
                    CultureInfo.InvariantCulture,
                    $"{totals.Answered} answered, {totals.Pending} without an answer, "
                    + $"{totals.FailedAttempts} failed attempts on the way"));
        }

        yield return LedgerSound(record.Money);
    }

    /// <summary>No customer noticed: nothing failed on the way, and nothing was turned away.</summary>
    public static Check Unharmed(DrillRecord record, Journey journey)
    {
        var totals = record.Totals.FirstOrDefault(total => total.Journey == journey.Name);
        var window = Window.Of(record.Samples, name => name == journey.Name, 0, record.Seconds);
        return new Check(
            $"{journey.Title}: no attempt fails",
            totals is { FailedAttempts: 0, Shed: 0, Answered: > 0 } && window is { Answered: > 0, Failed: 0 },
            totals is null ? "not counted" : string.Create(
                CultureInfo.InvariantCulture,
                $"{totals.Answered} answered, {Math.Max(totals.FailedAttempts, window.Failed)} attempts failed, "
                + $"{totals.Shed} turned away{Reasons(record, journey)}"));
    }

    /// <summary>When the first attempts failed, and why: what somebody looks for next.</summary>
    private static string Reasons(DrillRecord record, Journey journey) => string.Concat(record.Samples
        .Where(sample => sample.Journey == journey.Name && sample.Failure.Length > 0)
        .Take(Limits.FailureReasonsMax)
        .Select(sample => string.Create(
            CultureInfo.InvariantCulture, $"; by {sample.Second:0.0} s: {sample.Failure}")));

    /// <summary>Each step did what it says, and those who were counted are the same to the end.</summary>
    public static Check Done(DrillRecord record)
    {
        var undone = record.Steps.Where(step => record.InVain.Contains(step.Id)).Select(step => step.Title).ToList();
        var words = undone.Count > 0 ? $"not so: {string.Join("; ", undone)}" : $"{record.Steps.Length} steps";
        return new Check(
            "every step of the story was taken, and the customers were counted throughout",
            record.Steps.Length > 0 && undone.Count == 0 && record.CountedAnew == 0,
            record.CountedAnew == 0 ? words
                : $"{words}; the load generator began anew {record.CountedAnew} times");
    }

    public static Check LedgerSound(MoneyRecord money) => new(
        "no payment is lost, doubled or altered",
        money.IsSound,
        money.Reason.Length > 0 ? money.Reason : string.Create(
            CultureInfo.InvariantCulture,
            $"{money.Accepted} accepted, {money.Booked} booked; {money.Lost} lost, {money.Doubled} doubled, "
            + $"{money.Altered} altered"));

    public static Check Named(DrillRecord record, FaultRecord fault)
    {
        var named = fault.NamedBy(record.Signals);
        var after = named?.Second - fault.Begins;
        return new Check(
            $"root named within {NamedWithinSeconds:0} s: {fault.Title}",
            after <= NamedWithinSeconds,
            named is { } found
                ? string.Create(
                    CultureInfo.InvariantCulture, $"{found.By} ({found.Subject}) after {after:0.0} s")
                : "never named");
    }

    public static Check Recovered(DrillRecord record)
    {
        // The last seconds: queues have drained, and what fails now fails for good.
        var end = Window.Of(record.Samples, _ => true, record.Seconds - 4, record.Seconds);
        return new Check("at the end every journey is well again", end.Success >= WellAbove, end.ToString());
    }
}
