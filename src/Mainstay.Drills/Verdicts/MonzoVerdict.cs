using System.Collections.Immutable;
using Mainstay.Drills.Monzo2017;
using Mainstay.Drills.Timeline;

namespace Mainstay.Drills.Verdicts;

/// <summary>
/// What a run of <c>monzo-2017-10</c> must show. With every protection: nothing that a customer sees, the root named,
/// the restart refused. With none: the outage of the story, in its shape. With one off: what that one is good for is
/// seen to be gone, and each of the others holds. With several off: money is safe, and it ends.
/// </summary>
internal static class MonzoVerdict
{
    private const double HarmedBelow = 0.6;
    private const double DownBelow = 0.1;

    public static ImmutableArray<Check> Of(DrillRecord record) =>
        record.Without.IsEmpty ? Protected(record)
        : Protections.IsAll(record.Without) ? Unprotected(record)
        : record.Without is [var alone] ? ProtectionEvidence.Without(alone, record)
        : Partly(record);

    private static ImmutableArray<Check> Protected(DrillRecord record) =>
    [
        .. CommonChecks.Money(record),
        .. Journey.All.Select(journey => CommonChecks.Unharmed(record, journey)),
        .. record.Faults.Select(fault => CommonChecks.Named(record, fault)),
        Refused(record.Refusals),
        CommonChecks.Done(record),
        CommonChecks.Recovered(record),
    ];

    private static ImmutableArray<Check> Partly(DrillRecord record) =>
    [
        .. CommonChecks.Money(record),
        CommonChecks.Recovered(record),
    ];

    private static ImmutableArray<Check> Unprotected(DrillRecord record)
    {
        var deployed = record.Step("deploy")?.Ends ?? 0; // until the last old pod has gone, calls still arrive
        var restart = Begin(record, "restart");
        var deletion = Begin(record, "deletion");
        Window During(Func<string, bool> journeys, double begins, double ends) =>
            Window.Of(record.Samples, journeys, begins, ends);
        return
        [
            Above("before the deploy, every journey is well", During(_ => true, 0, Begin(record, "deploy"))),
            Below(
                "from the deploy on, what uses the deployed service fails", HarmedBelow,
                During(Story.UsesDeployed, deployed, restart)),
            Above(
                "until the fleet restart, prepaid cards are unharmed",
                During(journey => !Story.UsesDeployed(journey), deployed, restart)),
            .. Journey.All.Select(journey => Below(
                $"from the fleet restart on, {journey.Title.ToLowerInvariant()} are down", DownBelow,
                During(name => name == journey.Name, restart + 1, deletion))),
            CommonChecks.Recovered(record),
            CommonChecks.LedgerSound(record.Money),
        ];
    }

    private static Check Refused(ImmutableArray<RefusalRecord> refusals)
    {
        string Named(Func<RefusalRecord, string> what) =>
            refusals.Select(what).FirstOrDefault(name => name.Length > 0, "");
        var (hop, thing) = (Named(refusal => refusal.Hop), Named(refusal => refusal.Object));
        return new Check(
            "every restart of the fleet is refused, and hop and object are named",
            !refusals.IsEmpty && refusals.All(refusal => refusal.Refused) && hop.Length > 0 && thing.Length > 0,
            refusals.IsEmpty ? "none was asked for"
                : $"{refusals.Count(refusal => refusal.Refused)} of {refusals.Length} refused; "
                + $"hop {Or(hop)}, object {Or(thing)}");
    }

    private static Check Above(string title, Window window) =>
        new(title, window.Success >= CommonChecks.WellAbove, window.ToString());

    private static Check Below(string title, double limit, Window window) =>
        new(title, window.Success <= limit, window.ToString());

    private static double Begin(DrillRecord record, string step) => record.Step(step)?.Begins ?? 0;

    private static string Or(string text) => text.Length > 0 ? text : "not named";
}
