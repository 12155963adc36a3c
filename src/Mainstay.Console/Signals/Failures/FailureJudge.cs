using System.Collections.Immutable;
using Mainstay.Kernel.Signals;

namespace Mainstay.ConsoleSite.Signals.Failures;

/// <summary>
/// Raises what the routers' counters tell: services that fail, and undone rollouts that did not help. The console
/// judges each second; a command judges once, by the same rules, where no console answers.
/// </summary>
internal sealed class FailureJudge(IFailureSource source, TimeProvider time) : ISignalJudge
{
    private readonly FailingServices _services = new(source.Window);

    public void Judge(CollectedSignals collected, SignalBoard board)
    {
        var now = time.GetUtcNow();
        var young = source.MadeSince(now - Limits.ServiceStarts);
        var failing = _services.Look(
            [.. source.Lately().Select(sum => young.Contains(sum.Service) ? sum.WithoutEarlyCalls() : sum)], now);
        board.SetAll(
            SignalCatalog.ServiceFailing,
            failing.ToDictionary(pair => $"service/{pair.Key.Namespace}/{pair.Key.Name}", pair => pair.Value));
        board.SetAll(
            SignalCatalog.RollbackDidNotHelp,
            Rollbacks.DidNotHelp(source.Revisions, source.Since, failing.Keys.ToImmutableHashSet(), now));
    }
}
