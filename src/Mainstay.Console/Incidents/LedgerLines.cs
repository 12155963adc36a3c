using Mainstay.ConsoleSite.Actions;
using Mainstay.ConsoleSite.Changes;
using Mainstay.ConsoleSite.Memory;
using Mainstay.ConsoleSite.Signals;
using Mainstay.Kernel.Signals;

namespace Mainstay.ConsoleSite.Incidents;

/// <summary>What signals began and ended, but for those that are only worth knowing.</summary>
internal sealed class SignalLines(ConsoleDatabase database) : ITimelineSource
{
    public IEnumerable<TimelineLine> Between(DateTimeOffset from, DateTimeOffset to) =>
        new SignalHistory(database).Between(from, to)
            .Where(happened => happened.Severity > Severity.Info)
            .Select(happened => new TimelineLine(
                happened.At,
                TimelineKind.Signal,
                happened.Raised
                    ? $"{happened.Name} on {happened.Subject} began: {happened.Summary}"
                    : $"{happened.Name} on {happened.Subject} ended",
                happened.Root == happened.Name ? SignalsJson.Word(happened.Severity) : $"under {happened.Root}"));

    public override string ToString() => "signals";
}

/// <summary>What was changed.</summary>
internal sealed class ChangeLines(ConsoleDatabase database) : ITimelineSource
{
    public IEnumerable<TimelineLine> Between(DateTimeOffset from, DateTimeOffset to) =>
        new ChangeLedger(database).Between(from, to).Select(change => new TimelineLine(
            change.At,
            TimelineKind.Change,
            $"{change.What} {change.Kind} {Name(change)}"
                + (change.Detail.Length > 0 ? $": {change.Detail}" : "")
                + (change.Actor.Length > 0 ? $" (by {change.Actor})" : ""),
            change.Source));

    public override string ToString() => "changes";

    private static string Name(Change change) =>
        change.Namespace.Length > 0 ? $"{change.Namespace}/{change.Name}" : change.Name;
}

/// <summary>What was done by guarded actions, refusals with the tool's reason included.</summary>
internal sealed class ActionLines(ConsoleDatabase database) : ITimelineSource
{
    /// <summary>An action that began long before may still run.</summary>
    private static readonly TimeSpan Before = TimeSpan.FromHours(2);

    public IEnumerable<TimelineLine> Between(DateTimeOffset from, DateTimeOffset to)
    {
        foreach (var action in new ActionLedger(database).Between(from - Before, to))
        {
            var what = $"{action.Verb} {action.Target} by {action.Actor}";
            if (action.PlannedAt >= from)
            {
                var why = action.State == ActionState.Refused ? $" refused: {action.Reason}" : " asked for";
                yield return new TimelineLine(action.PlannedAt, TimelineKind.Action, what + why, action.Id);
            }

            if (action.StartedAt is { } started && started >= from && started < to)
            {
                yield return new TimelineLine(started, TimelineKind.Action, $"{what} began", action.Id);
            }

            if (action.EndedAt is { } ended && ended >= from && ended < to && action.State != ActionState.Refused)
            {
                var came = action.Outcome.Length > 0 ? $": {action.Outcome}" : "";
                var end = $"{what} {action.StateWord}{came}";
                yield return new TimelineLine(ended, TimelineKind.Action, end, action.Id);
            }
        }
    }

    public override string ToString() => "actions";
}
