using System.Collections.Immutable;

namespace Mainstay.Kernel.Signals;

/// <summary>
/// Every signal that there is: the one list that code, alerts and the documents are made from. The causes of each
/// (<see cref="SignalDefinition.ExplainedBy"/>) are what folds a storm of signals under its root.
/// </summary>
public static class SignalCatalog
{
    public static readonly SignalDefinition NoQuorum = new(
        "no-quorum", Severity.Critical, 1,
        "The store has no majority: nothing can be written, deployed or scaled; calls go on.",
        "Bring members back (mainstay store members lists them); restart nothing else: what starts anew cannot load.");

    public static readonly SignalDefinition SlowStore = new(
        "slow-store", Severity.Warning, 5,
        "The store answers writes or quorum reads slowly.",
        "Look at the disk and the load of the member named; do not change the membership now.")
    {
        ExplainedBy = ["no-quorum", "store-member-mute"],
    };

    public static readonly SignalDefinition StoreMemberDown = new(
        "store-member-down", Severity.Warning, 1,
        "A member of the store does not answer.",
        "Start it again, or replace it (mainstay store members replace); see what may still be lost before.")
    {
        // Members that are down are why a quorum is lost; the loss is what is told first.
        ExplainedBy = ["no-quorum"],
    };

    public static readonly SignalDefinition MembershipChanged = new(
        "membership-changed", Severity.Info, 5,
        "The store's membership or version changed a short while ago.",
        "Watch that every client followed (mainstay store members); hold other changes until this is gone.");

    public static readonly SignalDefinition StoreMemberRemoved = new(
        "store-member-removed", Severity.Warning, 5,
        "An API server's client is configured with, or talks to, a member that was removed.",
        "Give the API server the present members (mainstay store members prints them).")
    {
        ExplainedBy = ["membership-changed"],
    };

    public static readonly SignalDefinition StoreMemberMute = new(
        "store-member-mute", Severity.Warning, 5,
        "A member of the store holds connections open and does not answer; the client has left it.",
        "Restart that member; nothing else is at fault.");

    public static readonly SignalDefinition ApiServerDown = new(
        "api-server-down", Severity.Warning, 1,
        "An API server does not answer.",
        "Start it again; calls go on meanwhile. Do not restart routers or agents because of it.")
    {
        ExplainedBy = ["no-quorum"],
    };

    public static readonly SignalDefinition ApiCacheStale = new(
        "api-cache-stale", Severity.Critical, 2,
        "An API server serves an old state: its watch cache no longer follows the store.",
        "Restart that API server (mainstay restart api --plan); readers have left it for another where there is one.")
    {
        ExplainedBy = ["no-quorum", "store-member-mute", "store-member-removed"],
    };

    public static readonly SignalDefinition HeartbeatWriterDead = new(
        "heartbeat-writer-dead", Severity.Info, 2,
        "Nobody writes the heartbeat: freshness is unproven until another router is elected.",
        "Nothing, for some seconds; if it stays, look why no router can write.")
    {
        ExplainedBy = ["no-quorum", "api-server-down"],
    };

    public static readonly SignalDefinition DiscoveryStale = new(
        "discovery-stale", Severity.Critical, 2,
        "A router's table no longer follows the cluster: it may call pods that are gone.",
        "Repair the hop that is named. Do not restart the router: it has its last good table.")
    {
        ExplainedBy = ["api-cache-stale", "api-server-down", "no-quorum", "heartbeat-writer-dead"],
    };

    public static readonly SignalDefinition ObjectQuarantined = new(
        "object-quarantined", Severity.Warning, 3,
        "An object of discovery makes no sense; it is kept out and its last good value is in use.",
        "Mend or delete the object named; no other service is touched by it.");

    public static readonly SignalDefinition NullInObject = new(
        "null-in-object", Severity.Warning, 3,
        "An object of discovery has null where a list belongs: routers read it as empty, other readers may fail.",
        "Delete or repair the object named; start no reader of another make before.");

    public static readonly SignalDefinition BrakeHolding = new(
        "brake-holding", Severity.Warning, 1,
        "Endpoints vanished all at once; those that still answer are kept in use.",
        "Find out who removed them; scale to zero on purpose is not held.")
    {
        ExplainedBy = ["discovery-stale", "api-cache-stale"],
    };

    public static readonly SignalDefinition SnapshotUnconfirmed = new(
        "snapshot-unconfirmed", Severity.Warning, 1,
        "A router uses addresses from its disk that no node agent could confirm.",
        "Start the agents that are named.")
    {
        ExplainedBy = ["node-agent-lost", "api-server-down"],
    };

    public static readonly SignalDefinition RestartUnsafe = new(
        "restart-unsafe", Severity.Critical, 2,
        "A throw-away instance could not start: a restart of this part now would lose calls.",
        "Do not restart it. Repair what the proof names, then prove again.")
    {
        ExplainedBy = ["api-server-down", "api-cache-stale", "no-quorum", "object-quarantined"],
    };

    public static readonly SignalDefinition RestartUnproven = new(
        "restart-unproven", Severity.Warning, 2,
        "No fresh proof says that this part could start now.",
        "Ask for a proof (mainstay restart PART --plan does); do not restart before.")
    {
        ExplainedBy = ["api-server-down", "no-quorum"],
    };

    public static readonly SignalDefinition NodeAgentLost = new(
        "node-agent-lost", Severity.Critical, 1,
        "A node's agent is silent: crashed pods there are not started again.",
        "Look at the node (mainstay nodes); its pods may well run and are still called.")
    {
        ExplainedBy = ["api-server-down", "no-quorum"],
    };

    public static readonly SignalDefinition RouterDown = new(
        "router-down", Severity.Critical, 1,
        "A node's router is not there: calls that pods of this node make fail.",
        "Its agent starts it again; if it does not come back, read its log and the agent's.")
    {
        ExplainedBy = ["node-agent-lost"],
    };

    public static readonly SignalDefinition CrashLoop = new(
        "crash-loop", Severity.Warning, 5,
        "A container ends again and again.",
        "Read its log (kubectl logs --previous); undo the rollout if it began with one.");

    public static readonly SignalDefinition RolloutStuck = new(
        "rollout-stuck", Severity.Warning, 5,
        "A rollout makes no progress: new pods do not become ready.",
        "Undo it (kubectl rollout undo) or mend what the pods say.")
    {
        ExplainedBy = ["crash-loop", "rollout-not-converged"],
    };

    public static readonly SignalDefinition RolloutNotConverged = new(
        "rollout-not-converged", Severity.Critical, 2,
        "Routers have not taken up the new pods; the old pods are kept.",
        "Repair the routers named; the change itself is not at fault, and undoing it will not help.")
    {
        ExplainedBy = ["discovery-stale", "api-cache-stale", "api-server-down", "no-quorum"],
    };

    public static readonly SignalDefinition RoutedGateUnproven = new(
        "routed-gate-unproven", Severity.Warning, 2,
        "Pods were let go ready without proof that the routers have them.",
        "Look why the routers' revisions could not be read.")
    {
        ExplainedBy = ["rollout-not-converged", "api-server-down"],
    };

    public static readonly SignalDefinition RollbackDidNotHelp = new(
        "rollback-did-not-help", Severity.Critical, 5,
        "A rollout was undone and the failures stay: the change is not the cause.",
        "Look at the shared layer: discovery, API server, store. Stop undoing changes.")
    {
        ExplainedBy = ["rollout-not-converged", "discovery-stale", "api-cache-stale", "no-quorum"],
    };

    public static readonly SignalDefinition ServiceFailing = new(
        "service-failing", Severity.Critical, 5,
        "Calls to a service fail.",
        "See what the failures single out (mainstay why SERVICE): a node, a version or a dependency.")
    {
        ExplainedBy =
        [
            "service-failing", "rollout-not-converged", "discovery-stale", "crash-loop", "router-down",
            "api-cache-stale",
        ],
    };

    public static readonly SignalDefinition FallbackActive = new(
        "fallback-active", Severity.Warning, 1,
        "Calls to a service are answered by its fallback.",
        "Repair the service; the way back is taken by itself.")
    {
        ExplainedBy = ["service-failing", "rollout-stuck"],
    };

    public static readonly SignalDefinition PartSilent = new(
        "part-silent", Severity.Warning, 5,
        "A part of the platform does not say how it is: nothing is known of it, and nothing is not green.",
        "Look at the part named; its agent should have started it again.")
    {
        ExplainedBy = ["node-agent-lost"],
    };

    /// <summary>All of them, in the order from cause to effect.</summary>
    public static ImmutableArray<SignalDefinition> All { get; } =
    [
        NoQuorum, StoreMemberDown, StoreMemberMute, StoreMemberRemoved, MembershipChanged, SlowStore,
        ApiServerDown, ApiCacheStale, HeartbeatWriterDead, DiscoveryStale, ObjectQuarantined, NullInObject,
        BrakeHolding,
        SnapshotUnconfirmed, RestartUnsafe, RestartUnproven, NodeAgentLost, RouterDown, PartSilent,
        CrashLoop,
        RolloutNotConverged, RoutedGateUnproven, RolloutStuck, RollbackDidNotHelp, ServiceFailing, FallbackActive,
    ];

    /// <returns>null for a name that is not in the list</returns>
    public static SignalDefinition? Find(string name) => All.FirstOrDefault(signal => signal.Name == name);
}
