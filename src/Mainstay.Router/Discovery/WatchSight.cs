using Mainstay.Kube;

namespace Mainstay.Router.Discovery;

/// <summary>One of the router's watches as whoever judges its freshness sees it. For any thread.</summary>
internal sealed class WatchSight(Func<WatchedKind?> kind, Func<ReflectorStatus> status)
{
    /// <summary>What is watched; null before that is known.</summary>
    public WatchedKind? Kind => kind();

    /// <summary>The server that it is watched on.</summary>
    public Uri Server => status().Server;

    /// <summary>Whether a watch is open, as far as one can know at this end of it.</summary>
    public bool IsWatching => status().Phase == ReflectorPhase.Watching;

    /// <summary>
    /// With each heartbeat in it: the sequence, and whether it came by the watch; set before the loops run.
    /// </summary>
    public Action<long, bool> HeartbeatHeard { get; set; } = (_, _) => { };

    public void Heard(long sequence, bool byWatch) => HeartbeatHeard(sequence, byWatch);
}
