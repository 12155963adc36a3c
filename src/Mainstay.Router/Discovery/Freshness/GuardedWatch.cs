using Mainstay.Kernel.Signals;

namespace Mainstay.Router.Discovery.Freshness;

/// <summary>A watch whose freshness is judged by the heartbeat in it, and what is done when it is stale.</summary>
/// <param name="Sight">the watch</param>
/// <param name="Leave">leaves a server: which, for which (null for the next one), and why</param>
/// <param name="Stale">how it is told; its subject is the watch's</param>
internal sealed record GuardedWatch(WatchSight Sight, Action<Uri, Uri?, string> Leave, StaleSignal Stale)
{
    public FreshnessOptions Options { get; init; } = new();

    /// <summary>What else to say when nobody writes the heartbeat; empty for nothing.</summary>
    public Func<string> WhileUnwritten { get; init; } = () => "";
}

/// <summary>
/// <see cref="SignalCatalog.DiscoveryStale"/> of one watch, which two may find: its heartbeat, and for Services a
/// comparison with a list. What the heartbeat says is told first. Thread safe.
/// </summary>
internal sealed class StaleSignal(SignalBoard board, string subject)
{
    private readonly Lock _lock = new();
    private SignalReading? _byHeartbeat;
    private SignalReading? _byComparison;

    public string Subject => subject;

    /// <param name="reading">null when it is fresh by its heartbeat</param>
    public void TellByHeartbeat(SignalReading? reading)
    {
        lock (_lock)
        {
            _byHeartbeat = reading;
            TellLocked();
        }
    }

    /// <param name="reading">null when a list says nothing else</param>
    public void TellByComparison(SignalReading? reading)
    {
        lock (_lock)
        {
            _byComparison = reading;
            TellLocked();
        }
    }

    private void TellLocked() => board.Set(SignalCatalog.DiscoveryStale, subject, _byHeartbeat ?? _byComparison);
}
