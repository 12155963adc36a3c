using System.Collections.Immutable;
using System.Diagnostics.Metrics;
using Mainstay.Controllers.Core;
using Mainstay.Controllers.NodeHealth;
using Mainstay.Controllers.Routed;
using Mainstay.Kernel.Signals;

namespace Mainstay.Controllers.Signals;

/// <summary>
/// What the controllers know that is wrong, judged anew each second from the caches: every judgement is a pure function
/// of them, so a signal ends when its cause does. What the caches cannot tell while the API server is away stays as it
/// was: silence of one's own is not news of others.
/// </summary>
internal sealed class ControllersSignals(LoopWorld world, HeartbeatSeen heartbeat, string instance)
{
    private readonly SignalBoard _board = new(world.Time);

    public HeartbeatSeen Heartbeat => heartbeat;

    /// <summary>What is waited for; empty before the loops run.</summary>
    public Func<IEnumerable<RoutedHold>> Pending { get; set; } = () => [];

    /// <summary>What was judged of the nodes last; null before the loops run.</summary>
    public Func<NodeJudgement?> Nodes { get; set; } = () => null;

    /// <summary>The document of <c>/signals.json</c>.</summary>
    public byte[] ToJson() => SignalsJson.Write(new SignalsReport("controllers", instance, world.Time.GetUtcNow(),
        _board.Active, [heartbeat.Hop]));

    /// <summary>Judges until cancelled, and then returns.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(Limits.SignalsJudged, world.Time);
        try
        {
            while (await timer.WaitForNextTickAsync(cancellationToken))
            {
                Judge(world.Time.GetUtcNow());
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // Asked to end.
        }
    }

    public void Judge(DateTimeOffset now)
    {
        var pods = world.Caches.Pods.Objects.Snapshot.Values;
        _board.SetAll(SignalCatalog.CrashLoop, CrashLoops.Of(pods, now));
        _board.SetAll(SignalCatalog.RolloutNotConverged, RolloutHolds.Of(Pending(), world.Caches, now));
        _board.SetAll(SignalCatalog.RoutedGateUnproven, RolloutHolds.Unproven(pods));
        _board.SetAll(SignalCatalog.RolloutStuck, StuckRollouts.Of(world.Caches, now));
        if (LostNodes.Of(world.Caches, Nodes(), now) is { } lost)
        {
            _board.SetAll(SignalCatalog.NodeAgentLost, lost);
        }
    }

    public void Observe(ControllersMetrics metrics)
    {
        metrics.Observe("mainstay_signal_active", () => _board.Active.Select(signal => new Measurement<double>(1,
            Tag("signal", signal.Name), Tag("severity", SignalsJson.Word(signal.Severity)),
            Tag("subject", signal.Subject))));
        metrics.Observe("mainstay_heartbeat_sequence", () => OfHop(hop => hop.Sequence));
        metrics.Observe("mainstay_heartbeat_age_seconds",
            () => OfHop(hop => hop.Age?.TotalSeconds ?? double.PositiveInfinity));
    }

    private ImmutableArray<Measurement<double>> OfHop(Func<Hop, double> value)
    {
        var hop = heartbeat.Hop;
        return [new Measurement<double>(value(hop), Tag("hop", hop.Name), Tag("via", hop.Via))];
    }

    private static KeyValuePair<string, object?> Tag(string name, string value) => new(name, value);
}
