using System.Collections.Immutable;
using Mainstay.ConsoleSite.Cluster;
using Mainstay.ConsoleSite.Scrape;
using Mainstay.Kernel.Signals;

namespace Mainstay.ConsoleSite.Signals.Failures;

/// <summary>
/// Raises what the routers' counters tell: services that fail, and undone rollouts that did not help.
/// </summary>
internal sealed class FailureJudge(RouterFleet fleet, Func<ClusterView> cluster, TimeProvider time) : ISignalJudge
{
    private readonly FailingServices _services = new();

    public void Judge(CollectedSignals collected, SignalBoard board)
    {
        var now = time.GetUtcNow();
        var failing = _services.Look(fleet.FailuresSince(now - Limits.FailureWindow), now);
        board.SetAll(
            SignalCatalog.ServiceFailing,
            failing.ToDictionary(pair => $"service/{pair.Key.Namespace}/{pair.Key.Name}", pair => pair.Value));
        board.SetAll(
            SignalCatalog.RollbackDidNotHelp,
            Rollbacks.DidNotHelp(
                cluster().Revisions, fleet.FailuresSince, failing.Keys.ToImmutableHashSet(), now));
    }
}
