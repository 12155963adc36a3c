using Mainstay.Drills.Observation;
using Mainstay.Drills.Stage;
using Mainstay.Drills.Timeline;

namespace Mainstay.Drills;

/// <summary>What a drill is, before it is run.</summary>
internal interface IDrill
{
    /// <summary>As on the command line.</summary>
    string Name { get; }

    string Title { get; }

    /// <summary>What happens in it and what is expected, in a few sentences.</summary>
    string Description { get; }

    IEnumerable<DrillStep> Steps(DrillScene scene);

    /// <summary>What must hold of a run, for the protections that it had.</summary>
    IEnumerable<Check> Checks(DrillRecord record);
}

/// <summary>How fast a drill goes.</summary>
/// <param name="Minute">what a minute of the story takes</param>
/// <param name="Baseline">steady state before the first step</param>
/// <param name="Settle">time after the last step</param>
/// <param name="StoreMembersAdded">members by which the store grows</param>
internal sealed record Pace(bool IsShort, TimeSpan Minute, TimeSpan Baseline, TimeSpan Settle, int StoreMembersAdded)
{
    public static readonly Pace Full = new(
        false, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(15), TimeSpan.FromSeconds(20), 6);

    /// <summary>For a test suite: the same steps, at the least time in which they show what they show.</summary>
    public static readonly Pace Short = new(
        true, TimeSpan.FromSeconds(0.15), TimeSpan.FromSeconds(3), TimeSpan.FromSeconds(8), 1);

    public TimeSpan Minutes(double minutes) => Minute * minutes;
}

/// <summary>Everything that the steps of one run act on.</summary>
internal sealed class DrillScene
{
    public required IDrill Drill { get; init; }

    public required PlatformStage Stage { get; init; }

    public required Cluster Cluster { get; init; }

    public required BankReader Bank { get; init; }

    public required Observer Observer { get; init; }

    public required Waits Waits { get; init; }

    public required FaultBook Faults { get; init; }

    public required Pace Pace { get; init; }

    /// <summary>Journeys a second.</summary>
    public required double Rate { get; init; }

    /// <summary>What the guarded restart answered, each time that it was asked for; steps add to it.</summary>
    public IList<RefusalRecord> Refusals { get; } = [];

    /// <summary>Steps whose awaited end did not come; steps add to it.</summary>
    public IList<string> InVain { get; } = [];

    /// <summary>What routers said of their tables; steps add to it.</summary>
    public IList<TableRecord> Tables { get; } = [];

    public bool Has(string protection) => !Stage.Options.Without.Contains(protection);

    public string StageInWords =>
        $"{Stage.Options.Zones} nodes in {Stage.Options.Zones} zones on one machine, {Stage.Options.Zones} API "
        + $"servers, etcd with {Stage.Options.Zones} members at first, the sample bank under {Rate:0.#} journeys a "
        + "second. Routers and node agents reach the API servers by fault proxies. The customers are counted on their "
        + "own address.";
}
