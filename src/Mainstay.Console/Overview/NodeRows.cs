using Mainstay.ConsoleSite.Cluster;

namespace Mainstay.ConsoleSite.Overview;

/// <summary>One row per node.</summary>
internal static class NodeRows
{
    public static IReadOnlyList<NodeRow> Of(Evidence evidence) =>
    [
        .. evidence.Cluster.Nodes.Select(node => new NodeRow(
            node.Name,
            node.Zone,
            node.Address,
            StateOf(node, evidence),
            node.Reason,
            node.Pods,
            node.PodsReady,
            (evidence.Now - node.LeaseRenewedAt)?.TotalSeconds,
            node.Version)),
    ];

    private static State StateOf(NodeView node, Evidence evidence)
    {
        if (!evidence.ClusterFreshness.Fresh)
        {
            return new State(Health.Unknown, "unknown");
        }

        var silent = evidence.Now - node.LeaseRenewedAt > Limits.LeaseFresh;
        return node switch
        {
            { Ready: "False" } => new State(Health.Bad, "not ready"),
            { Ready: not "True" } => new State(Health.Bad, "lost"),
            _ when silent => new State(Health.Warning, "lease is old"),
            { Cordoned: true } => new State(Health.Warning, "cordoned"),
            _ => new State(Health.Good, "ready"),
        };
    }
}
