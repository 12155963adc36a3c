namespace Mainstay.Controllers;

/// <summary>Every bound of this project, with its unit and the reason for its size.</summary>
internal static class Limits
{
    /// <summary>Pods a replica set creates or deletes in one go: as Kubernetes, so that one set cannot hold the
    /// loop.</summary>
    public const int PodBurst = 500;

    /// <summary>Endpoints of one slice: as Kubernetes; more makes each change of one pod a large write.</summary>
    public const int EndpointsPerSlice = 100;

    /// <summary>Addresses of one Endpoints object: as Kubernetes; the slices have the rest.</summary>
    public const int EndpointsAddresses = 1000;

    /// <summary>What an API server takes as an event's message.</summary>
    public const int EventMessageCharacters = 1000;

    /// <summary>How often a key looks whether its last writes are in the caches, should no event say so.</summary>
    public static readonly TimeSpan ExpectationPoll = TimeSpan.FromMilliseconds(500);

    /// <summary>From a pod to its deployment: pod, replica set, deployment, and one to spare; no circle is
    /// followed.</summary>
    public const int OwnerDepth = 4;

    /// <summary>A held gate is told on the pod after this: in the good case routers follow sooner, without a
    /// write.</summary>
    public static readonly TimeSpan HoldToldAfter = TimeSpan.FromSeconds(2);

    /// <summary>A hold is told again this often; a node that hears nothing for ten minutes opens the gate.</summary>
    public static readonly TimeSpan HoldToldAgain = TimeSpan.FromMinutes(1);

    /// <summary>How often it is judged what is wrong: a cause is to be named within ten seconds.</summary>
    public static readonly TimeSpan SignalsJudged = TimeSpan.FromSeconds(1);

    /// <summary>A wait for routers is a signal after this: routers say within a quarter of a second what they have, and
    /// at least every five.</summary>
    public static readonly TimeSpan HoldSignalledAfter = TimeSpan.FromSeconds(6);

    /// <summary>A rollout without any progress is a signal after this; its own deadline is often ten minutes.</summary>
    public static readonly TimeSpan RolloutStuckAfter = TimeSpan.FromSeconds(30);

    /// <summary>Pods named in one signal: enough to begin with.</summary>
    public const int BlockedPodsTold = 5;

    /// <summary>A watch that is silent for this long is dead: our API server says something every five seconds, and a
    /// Kubernetes that says nothing for a minute lets a watch be opened again for next to nothing.</summary>
    public static readonly TimeSpan WatchIdle = TimeSpan.FromSeconds(20);

    /// <summary>The heartbeat comes each second; ten without one are no hiccup.</summary>
    public static readonly TimeSpan HeartbeatStale = TimeSpan.FromSeconds(10);

    /// <summary>Lists of everything while the heartbeat stays away: no more often than this after a while.</summary>
    public static readonly TimeSpan StaleListsCap = TimeSpan.FromMinutes(5);
}
