using System.Collections.Immutable;
using Mainstay.Drills;
using Mainstay.Drills.Monzo2017;
using Mainstay.Drills.Timeline;

namespace Mainstay.Tests.Drills;

/// <summary>Runs of <c>monzo-2017-10</c> as they should go: a deploy at 20 s, the fleet restart at 40 s.</summary>
internal static class SampleRuns
{
    private const int Seconds = 100;

    public static readonly DrillRecord Protected = new()
    {
        Name = Story.Name,
        Title = Story.Title,
        Description = "The outage <of> a bank.",
        Stage = "3 nodes",
        StartedAt = new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero),
        Seconds = Seconds,
        Without = [],
        IsShort = false,
        Steps =
        [
            new("deploy", "14:10", StepKind.Action, "a deploy", 20, 25, "rolled out"),
            new("restart", "14:26", StepKind.Action, "restart every router", 40, 41, "refused | by the guard"),
            new("api-restart", "14:37", StepKind.Recovery, "API servers restarted", 55, 58, "3 killed"),
            new("deletion", "15:31", StepKind.Recovery, "the Service is deleted", 80, 80, "gone"),
        ],
        Faults = [new("mute", "a mute watch", 19, 55, ["discovery-stale"], ["127.0.0.1:5001"])],
        Samples = Samples(down: (_, _) => false),
        Totals = Totals(failedAttempts: 0),
        Signals =
        [
            new(
                new SeenSignal(
                    "discovery-stale", "router/node-1", "critical", true, "A table is stale.", "Repair the hop.",
                    "via 127.0.0.1:5001"),
                22, 30, [new(23.5, true, "via 127.0.0.1:5001")]),
        ],
        Money = new MoneyRecord(300, 300, 0, 0, 0, ""),
        Refusals =
        [
            new(true, "api/127.0.0.1:5001", "EndpointSlice bank/x", "not proven safe"),
            new(true, "api/127.0.0.1:5001", "", "not proven safe"),
        ],
    };

    public static readonly DrillRecord Unprotected = Protected with
    {
        Without = Protections.Parse([Protections.All]),
        Samples = Samples(down: (journey, second) => Story.UsesDeployed(journey)
            ? second is > 23 and <= 83
            : second is > 40 and <= 83),
        Totals = Totals(failedAttempts: 400),
        Signals = [],
        Refusals = [],
    };

    /// <summary>A run without one protection, in which these did not do what they are for.</summary>
    public static DrillRecord Single(string without, params string[] harmed)
    {
        bool IsHarmed(string protection) => harmed.Contains(protection);
        var down = Harm.Where(harm => IsHarmed(harm.Protection)).ToList();
        ImmutableArray<string> roots = ["discovery-stale"];
        return Protected with
        {
            Without = [without],
            Steps = [.. Protected.Steps, .. TrialSteps],
            Faults =
            [
                Protected.Faults[0] with { Id = Story.MuteWatch },
                new("null-object", "null in a list", 10, 80, [], [])
                {
                    ByCheck = new FaultNaming("mainstay check", "EndpointSlice bank/x", "delete it", 11),
                },
                new(Story.NoConfiguration, "500 everywhere", 38, 55, roots, []),
            ],
            Samples = Samples((journey, second) => down.Exists(harm =>
                second > harm.Begins && second <= harm.Ends && harm.Journeys(journey))),
            Signals = IsHarmed("freshness") ? []
                : [Protected.Signals[0] with { Ends = 60, Looks = [.. Protected.Signals[0].Looks] }],
            InVain = IsHarmed("freshness") ? [Story.Deploy] : [],
            Refusals = IsHarmed(Protections.Guard) ? []
                : [new(true, "api/127.0.0.1:5001", "", "no") { Step = Story.Restart }],
            Tables =
            [
                .. Enumerable.Range(1, 3).Select(node => new TableRecord(
                    Story.Poison, $"node-{node}", IsHarmed("tolerance") ? "connecting" : "live")),
            ],
        };
    }

    private static readonly ImmutableArray<StepRecord> TrialSteps =
    [
        new(Story.FirstRestart, "14:18", StepKind.Action, "a restart", 30, 31, "refused"),
        new(Trials.Crash.Step, "", StepKind.Fault, "a router dies", 45, 52, "killed"),
        new(Trials.Emptied.Step, "", StepKind.Fault, "slices deleted", 83, 84, "9 deleted"),
        new(Trials.Emptied.Until, "", StepKind.Recovery, "controllers go on", 88, 88, "1 goes on"),
        new(Trials.DependencyAway.Step, "", StepKind.Fault, "scaled to zero", 89, 90, "none is left"),
        new(Trials.DependencyAway.Until, "", StepKind.Recovery, "scaled back", 95, 96, "2 are ready"),
    ];

    /// <summary>What fails, and when, where a protection does not do what it is for.</summary>
    private static readonly
        ImmutableArray<(string Protection, int Begins, int Ends, Func<string, bool> Journeys)> Harm =
    [
        ("snapshot", 45, 55, _ => true),
        ("brake", 84, 88, _ => true),
        ("fallback", 90, 95, Story.IsCardPayment),
        ("gate", 22, 27, Story.UsesDeployed),
        (Protections.Guard, 40, 43, _ => true),
    ];

    private static ImmutableArray<JourneySample> Samples(Func<string, int, bool> down) =>
    [
        .. Enumerable.Range(1, Seconds).SelectMany(second => Journey.All.Select(journey => down(journey.Name, second)
            ? new JourneySample(second, journey.Name, 0, 9, 4) { Failure = "gateway answered 502" }
            : new JourneySample(second, journey.Name, 3, 0, 0))),
    ];

    private static ImmutableArray<JourneyTotals> Totals(long failedAttempts) =>
        [.. Journey.All.Select(journey => new JourneyTotals(journey.Name, 300, 295, 5, failedAttempts, 0, 0))];
}
