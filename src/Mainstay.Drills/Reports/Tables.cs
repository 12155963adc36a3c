using System.Collections.Immutable;
using Mainstay.Drills.Timeline;

namespace Mainstay.Drills.Reports;

/// <summary>One table of a report: both forms of the report show the same ones.</summary>
/// <param name="Caption">its heading</param>
/// <param name="Note">one sentence below the heading; may be empty</param>
internal sealed record Table(
    string Caption, string Note, ImmutableArray<string> Columns, ImmutableArray<ImmutableArray<string>> Rows);

/// <summary>The tables of a report, in their order.</summary>
internal static class Tables
{
    public static IEnumerable<Table> Of(DrillRecord record, ImmutableArray<Check> checks)
    {
        yield return Expectations(checks);
        yield return JourneySuccess(record);
        yield return Timeline(record);
        if (record.Faults.Length > 0)
        {
            yield return Roots(record);
        }

        yield return Signals(record);
        yield return Payments(record);
        if (record.Samples.Any(sample => sample.Failure.Length > 0))
        {
            yield return Failures(record);
        }
    }

    private static Table Expectations(ImmutableArray<Check> checks) => new(
        "What must hold",
        "",
        ["", "expectation", "measured"],
        [.. checks.Select(check => Row(check.Holds ? "✓ holds" : "✕ does not", check.Title, check.Measured))]);

    private static Table JourneySuccess(DrillRecord record)
    {
        var phases = Phase.Of(record);
        return new Table(
            "Success of each journey",
            "Share of attempts that were answered. A payment that fails is tried again under its id, until it is.",
            ["journey", .. phases.Select(phase =>
                $"{phase.Title} ({Headline.Seconds(phase.Begins)}–{Headline.Seconds(phase.Ends)} s)")],
            [.. Journey.All.Select(journey => Row(
                [journey.Title, .. phases.Select(phase => Headline.Percent(phase.Success(record, journey.Name)))]))]);
    }

    private static Table Timeline(DrillRecord record) => new(
        "The story, step by step",
        "A minute of the story is a second here; a step that waits for the platform moves what follows.",
        ["#", "story", "second", "kind", "what", "what came of it"],
        [.. record.Steps.Select((step, index) => Row(
            $"{index + 1}", step.At, Headline.Seconds(step.Begins), step.Kind.ToString().ToLowerInvariant(), step.Title,
            step.Outcome))]);

    private static Table Roots(DrillRecord record) => new(
        "Time to the right root",
        "From the fault to the first second in which the console showed its root as a root, or a check named it.",
        ["fault", "began at", "named by", "after", "advice"],
        [.. record.Faults.Select(fault => fault.NamedBy(record.Signals) is { } named
            ? Row(
                fault.Title, $"{Headline.Seconds(fault.Begins)} s", $"{named.By} ({named.Subject})",
                $"{Headline.Seconds(named.Second - fault.Begins)} s", named.Advice)
            : Row(fault.Title, $"{Headline.Seconds(fault.Begins)} s", "nobody", "never", "none"))]);

    /// <summary>One row for the subjects that were told in one row of the console, with one sentence for all.</summary>
    private static Table Signals(DrillRecord record) => new(
        "Signals",
        "",
        ["signal", "subjects", "severity", "seen", "as", "what it said"],
        [.. record.Signals
            .GroupBy(spell => (
                spell.Name, spell.Signal.Severity, IsRoot: spell.RootSince is not null, spell.Signal.Summary))
            .Take(Limits.SignalRowsMax)
            .Select(told => Row(
                told.Key.Name, string.Join(", ", told.Select(spell => spell.Subject).Distinct().Order()),
                told.Key.Severity,
                $"{Headline.Seconds(told.Min(spell => spell.Begins))}–"
                + $"{Headline.Seconds(told.Max(spell => spell.Ends))} s",
                told.Key.IsRoot ? "root" : "folded", told.Key.Summary))]);

    private static Table Payments(DrillRecord record) => new(
        "Counted by the customers",
        "",
        ["journey", "sent", "succeeded", "refused", "failed attempts", "without an answer at the end", "turned away"],
        [.. record.Totals.Select(total => Row(
            Journey.All.FirstOrDefault(journey => journey.Name == total.Journey)?.Title ?? total.Journey,
            Headline.Number(total.Sent), Headline.Number(total.Succeeded), Headline.Number(total.Refused),
            Headline.Number(total.FailedAttempts), Headline.Number(total.Pending), Headline.Number(total.Shed)))]);

    private static Table Failures(DrillRecord record) => new(
        "Failed attempts",
        $"The first {Limits.FailureRowsMax} seconds in which attempts failed.",
        ["second", "journey", "failed", "why the last one did"],
        [.. record.Samples
            .Where(sample => sample.Failure.Length > 0)
            .Take(Limits.FailureRowsMax)
            .Select(sample => Row(
                Headline.Seconds(sample.Second),
                Journey.All.FirstOrDefault(journey => journey.Name == sample.Journey)?.Title ?? sample.Journey,
                Headline.Number(sample.Failed), sample.Failure))]);

    private static ImmutableArray<string> Row(params string[] cells) => [.. cells];
}
