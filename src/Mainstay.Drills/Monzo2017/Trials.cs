using Mainstay.Drills.Timeline;
using Mainstay.Drills.Verdicts;

namespace Mainstay.Drills.Monzo2017;

/// <summary>A trial of one protection, and where in a run it is seen.</summary>
/// <param name="Step">the step that makes the fault</param>
/// <param name="Until">the step that mends it</param>
/// <param name="Journeys">what goes the way that it harms</param>
internal sealed record Trial(string Step, string Until, Func<string, bool> Journeys);

/// <summary>
/// In the story some protections stand behind others: no router dies in the dark while the guard refuses restarts, no
/// list is emptied, and no service fails while the gate holds. A run without a single protection has them tried one by
/// one, beside the story; each single run has every trial, so that what one shows by its absence the others show by its
/// presence.
/// </summary>
internal sealed class Trials(DrillScene scene)
{
    /// <summary>Nothing failed for so long: a router is back.</summary>
    public const double AnsweredSeconds = 3;

    private const string At = "beside it";

    public static readonly Trial Crash = new("crash", Story.ApiRestart, _ => true);

    public static readonly Trial Emptied = new("emptied", "filled", _ => true);

    public static readonly Trial DependencyAway = new("dependency-away", "dependency-back", Story.IsCardPayment);

    private static readonly TimeSpan CrashMax = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan Shown = TimeSpan.FromSeconds(8);
    private static readonly TimeSpan Calm = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan ScaleMax = TimeSpan.FromSeconds(60);

    private int _replicas;

    private bool AreOn => scene.Stage.Options.Without.Length == 1;

    /// <summary>While no API server answers routers or agents.</summary>
    public IEnumerable<DrillStep> InTheDark() => AreOn ? [CrashStep()] : [];

    /// <summary>After the story.</summary>
    public IEnumerable<DrillStep> AtTheEnd() => AreOn ? [.. EmptiedSteps(), .. DependencySteps()] : [];

    private DrillStep CrashStep() => new(
        Crash.Step, At, StepKind.Fault, "the router of the customers' node dies in the dark", TimeSpan.Zero)
    {
        ActAsync = CrashAsync,
    };

    private IEnumerable<DrillStep> EmptiedSteps()
    {
        var stopped = new List<Faults.ProcessSeen>();
        yield return new DrillStep(
            Emptied.Step, At, StepKind.Fault,
            "every EndpointSlice of the bank is deleted while the controllers hang", Calm)
        {
            ActAsync = async token =>
            {
                stopped.AddRange(scene.Stage.Controllers().Where(process => process.Pause()));
                var deleted = await scene.Cluster.DeleteSlicesAsync(token);
                return $"{deleted} deleted, {stopped.Count} processes of controllers stand still";
            },
        };
        yield return new DrillStep(Emptied.Until, At, StepKind.Recovery, "the controllers go on", Shown)
        {
            ActAsync = _ => Task.FromResult($"{stopped.Count(process => process.Resume())} go on"),
        };
    }

    private IEnumerable<DrillStep> DependencySteps()
    {
        yield return new DrillStep(
            DependencyAway.Step, At, StepKind.Fault, $"{Story.Deployed} is scaled to zero: payments depend on it", Calm)
        {
            ActAsync = async token =>
            {
                _replicas = await scene.Cluster.ReplicasAsync(Story.Deployed, token);
                await scene.Cluster.ScaleAsync(Story.Deployed, 0, token);
                return await ScaledAsync("none is left", token);
            },
        };
        yield return new DrillStep(
            DependencyAway.Until, At, StepKind.Recovery, $"{Story.Deployed} is scaled back", Shown)
        {
            ActAsync = async token =>
            {
                await scene.Cluster.ScaleAsync(Story.Deployed, _replicas, token);
                return await ScaledAsync($"{_replicas} are ready", token);
            },
        };
    }

    private async Task<string> CrashAsync(CancellationToken cancellationToken)
    {
        var node = await scene.Cluster.NodeOfAsync("customers", cancellationToken)
            ?? scene.Stage.Addresses.Nodes[0];
        var began = scene.Observer.Now;
        var killed = scene.Stage.RoutersOf(node).Count(router => router.Kill());
        var back = await scene.Waits.UntilAsync(
            _ => Task.FromResult(IsAnsweredSince(began)), CrashMax, cancellationToken);
        var what = killed > 0 ? $"{killed} of {node} killed" : $"none of {node} was alive";
        return back
            ? $"{what}; the node agent started another, which routes"
            : $"{what}; nothing is routed there after {CrashMax.TotalSeconds:0} s";
    }

    private bool IsAnsweredSince(double began)
    {
        var now = scene.Observer.Now;
        var lately = Window.Of(scene.Observer.Samples, _ => true, now - AnsweredSeconds, now);
        return now - began > AnsweredSeconds + 1 && lately is { Answered: > 0, Failed: 0 };
    }

    private async Task<string> ScaledAsync(string done, CancellationToken cancellationToken)
    {
        var isDone = await scene.Waits.UntilAsync(
            token => scene.Cluster.IsRolledOutAsync(Story.Deployed, token), ScaleMax, cancellationToken);
        return isDone ? done : $"not done after {ScaleMax.TotalSeconds:0} s";
    }
}
