using System.Collections.Immutable;
using System.Globalization;
using Mainstay.Drills.Monzo2017;
using Mainstay.Drills.Timeline;

namespace Mainstay.Drills.Verdicts;

/// <summary>What a run shows of one protection. A run may show neither: it then proves nothing of it.</summary>
/// <param name="Holds">it did what it is for</param>
/// <param name="IsGone">what it prevents was seen to happen</param>
/// <param name="Measured">what was measured</param>
internal readonly record struct Evidence(bool Holds, bool IsGone, string Measured);

/// <summary>
/// One row for each protection: what must be seen where it is on, what where it is the only one that is off, and where
/// in the record of a run to look. The verdict of a run without one asks its row for <see cref="Evidence.IsGone"/>, and
/// each other row for <see cref="Evidence.Holds"/>.
/// </summary>
/// <param name="Protection">its name on the command line</param>
/// <param name="WhileOn">what must hold with it</param>
/// <param name="WhenOff">what must be seen without it</param>
internal sealed record ProtectionEvidence(
    string Protection, string WhileOn, string WhenOff, Func<DrillRecord, Evidence> Look)
{
    /// <summary>At most this share of attempts is answered where a service counts as down.</summary>
    private const double DownBelow = 0.6;

    /// <summary>A router that routes again does so at once: samples are of a second each, hence this margin.</summary>
    private const double MarginSeconds = 1;

    /// <summary>How long after a restart by force callers may notice it, in seconds.</summary>
    private const double RestartSeconds = 10;

    /// <summary>In the order of <see cref="Protections.Known"/>.</summary>
    public static readonly ImmutableArray<ProtectionEvidence> All =
    [
        new("tolerance",
            "null in a list blinds no router: each has a live table of it",
            "null in a list blinds the routers: none has a live table of it",
            Blinded),
        new("snapshot",
            "a router that dies in the dark routes again before an API server answers",
            "a router that dies in the dark routes nothing until an API server answers",
            record => Around(record, Trials.Crash, ended: true)),
        new("freshness",
            "the mute watch is named in time",
            "the mute watch is not named in time, and the deploy does not come through it",
            Stale),
        new("brake",
            "endpoints that somebody deletes cost no call while their pods answer",
            "endpoints that somebody deletes are gone at once, though their pods answer",
            record => Around(record, Trials.Emptied)),
        new("fallback",
            "cards are taken while a dependency of payments is away",
            "cards are not taken while a dependency of payments is away",
            record => Around(record, Trials.DependencyAway)),
        new("gate",
            "the deploy under a mute watch costs no call",
            "the deploy under a mute watch loses calls: old pods go before the routers know the new ones",
            Deploy),
        new(Protections.Guard,
            "the restart of every router in the dark is refused, and the hop is named",
            "the restart of every router in the dark is carried out, and calls fail by it",
            Restart),
    ];

    /// <summary>
    /// Without which a fault has no name among the signals; one that is not here is named by <c>mainstay check</c>.
    /// </summary>
    private static readonly ImmutableDictionary<string, string> NamedBy = ImmutableDictionary<string, string>.Empty
        .Add(Story.MuteWatch, "freshness")
        .Add(Story.NoConfiguration, "freshness");

    /// <summary>The verdict of a run in which this protection alone was off.</summary>
    public static ImmutableArray<Check> Without(string alone, DrillRecord record) =>
    [
        .. All.Where(row => row.Protection == alone).Select(row => row.Gone(record)),
        .. All.Where(row => row.Protection != alone).Select(row => row.Held(record)),
        .. record.Faults
            .Where(fault => fault.Id != Story.MuteWatch && NamedBy.GetValueOrDefault(fault.Id) != alone)
            .Select(fault => CommonChecks.Named(record, fault)),
        .. CommonChecks.Money(record),
        CommonChecks.Recovered(record),
    ];

    private Check Gone(DrillRecord record)
    {
        var evidence = Look(record);
        return new Check($"without {Protection}: {WhenOff}", evidence.IsGone, evidence.Measured);
    }

    private Check Held(DrillRecord record)
    {
        var evidence = Look(record);
        return new Check($"{Protection} holds: {WhileOn}", evidence.Holds, evidence.Measured);
    }

    private static Evidence Blinded(DrillRecord record)
    {
        var tables = record.Tables.Where(table => table.Step == Story.Poison).ToList();
        var live = tables.Count(table => table.State == "live");
        return new Evidence(
            tables.Count > 0 && live == tables.Count,
            tables.Count > 0 && live == 0,
            tables.Count == 0 ? "no router was asked" : $"{live} of {tables.Count} routers have a live table");
    }

    private static Evidence Stale(DrillRecord record)
    {
        if (record.Faults.FirstOrDefault(fault => fault.Id == Story.MuteWatch) is not { } fault)
        {
            return new Evidence(false, false, "no watch was muted");
        }

        var named = CommonChecks.Named(record, fault);
        var isDeployed = !record.InVain.Contains(Story.Deploy);
        return new Evidence(
            named.Holds, !named.Holds && !isDeployed,
            $"{named.Measured}; the deploy {(isDeployed ? "came" : "did not come")} through");
    }

    /// <summary>From the deploy until what follows the rollback.</summary>
    private static Evidence Deploy(DrillRecord record) => Answered(
        record.Step(Story.Deploy)?.Begins, record.Step(Story.FirstRestart)?.Begins, CommonChecks.WellAbove,
        (from, until) => Window.Of(record.Samples, Story.UsesDeployed, from, until));

    private static Evidence Restart(DrillRecord record)
    {
        var asked = record.Refusals.Where(refusal => refusal.Step == Story.Restart).ToList();
        var hop = asked.Select(refusal => refusal.Hop).FirstOrDefault(name => name.Length > 0, "");
        var begins = record.Step(Story.Restart)?.Begins ?? double.PositiveInfinity;
        var after = Window.Of(record.Samples, _ => true, begins, begins + RestartSeconds);
        return new Evidence(
            asked.Count > 0 && asked.All(refusal => refusal.Refused) && hop.Length > 0,
            asked.Count == 0 && after.Failed > 0,
            asked.Count == 0 ? $"nobody asked; {after} in the {RestartSeconds:0} s from there on"
                : $"{asked.Count(refusal => refusal.Refused)} of {asked.Count} refused; hop "
                + (hop.Length > 0 ? hop : "not named"));
    }

    private static Evidence Around(DrillRecord record, Trial trial, bool ended = false)
    {
        var during = record.Step(trial.Step);
        // What is waited for has come at the step's end, or has not come at all: the last seconds tell.
        var begins = ended ? during?.Ends - Trials.AnsweredSeconds : during?.Ends + MarginSeconds;
        var ends = ended ? during?.Ends : record.Step(trial.Until)?.Begins;
        return Answered(begins, ends, DownBelow, (from, until) =>
            Window.Of(record.Samples, trial.Journeys, from, until));
    }

    /// <param name="begins">null where nothing began</param>
    /// <param name="ends">null where nothing ended</param>
    /// <param name="goneBelow">the share of attempts answered below which the protection is seen to be gone</param>
    /// <param name="look">what was answered from one second to another</param>
    private static Evidence Answered(
        double? begins, double? ends, double goneBelow, Func<double, double, Window> look)
    {
        if (begins is not { } from || ends is not { } until)
        {
            return new Evidence(false, false, "it was not tried");
        }

        var window = look(from, until);
        return new Evidence(
            window.Success >= CommonChecks.WellAbove,
            // Where nothing comes to an end, nothing is answered either.
            window.Success < goneBelow,
            string.Create(CultureInfo.InvariantCulture, $"{window}, from {from:0.0} to {until:0.0} s"));
    }
}
