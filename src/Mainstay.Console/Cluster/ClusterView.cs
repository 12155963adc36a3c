using System.Collections.Immutable;

namespace Mainstay.ConsoleSite.Cluster;

/// <summary>What the API server last said, as far as pages need it. Goes to disk as it is.</summary>
internal sealed record ClusterView
{
    /// <summary>When the slowest of the kinds was last heard; null: some kind was never heard.</summary>
    public DateTimeOffset? HeardAt { get; init; }

    /// <summary>Where from.</summary>
    public string Server { get; init; } = "";

    /// <summary>Why nothing comes at the moment; null while all watches are open.</summary>
    public string? Fault { get; init; }

    /// <summary>Read from disk, and nothing newer has come yet.</summary>
    public bool FromDisk { get; init; }

    public ImmutableArray<NodeView> Nodes { get; init; } = [];

    public ImmutableArray<ServiceView> Services { get; init; } = [];

    /// <summary>The present template of each Deployment.</summary>
    public ImmutableArray<RevisionView> Revisions { get; init; } = [];

    /// <summary>Objects that make no sense, as "Kind name: reason".</summary>
    public ImmutableArray<string> Quarantined { get; init; } = [];
}

/// <param name="Ready">the node's own word: True, False or Unknown</param>
/// <param name="LeaseRenewedAt">when we saw the lease advance, by our clock; null: it has no lease</param>
/// <param name="AgentPort">where its agent says it listens; 0: it did not say</param>
internal sealed record NodeView(
    string Name, string Zone, string Address, string Ready, string Reason, bool Cordoned, string Version,
    int Pods, int PodsReady, DateTimeOffset? LeaseRenewedAt, int AgentPort = 0);

/// <param name="Desired">pods that its workloads ask for; null: no workload of this cluster stands behind it</param>
internal sealed record ServiceView(string Namespace, string Name, int? Desired, int Ready, int NotReady)
{
    /// <summary>The customer journeys that go through it.</summary>
    public ImmutableArray<string> Journeys { get; init; } = [];

    /// <summary>What is taken in its place when it fails; empty: nothing.</summary>
    public string Fallback { get; init; } = "";

    /// <summary>By the API server's clock; null: it did not say.</summary>
    public DateTimeOffset? MadeAt { get; init; }
}

/// <summary>The present template of a Deployment.</summary>
/// <param name="ReplicaSet">the set that runs it; its pods bear its name</param>
/// <param name="Since">when it became the present one; null: nobody wrote it down</param>
/// <param name="WasBroughtBack">it was the present one before, and was left for another: an undo</param>
/// <param name="Image">of its first container</param>
internal sealed record RevisionView(
    string Namespace, string Deployment, string ReplicaSet, long Revision, DateTimeOffset? Since, bool WasBroughtBack,
    string Image)
{
    /// <summary>The newest template of each Deployment among all that there are.</summary>
    public static ImmutableArray<RevisionView> Present(IEnumerable<ReplicaSetObject> templates) =>
    [
        .. templates
            .Where(set => set.Deployment.Length > 0)
            .GroupBy(set => (set.Key.Namespace, set.Deployment))
            .Select(sets => sets.MaxBy(set => set.Revision)!) // A group has members.
            .Select(set => new RevisionView(
                set.Key.Namespace, set.Deployment, set.Key.Name, set.Revision, set.Since, set.History.Length > 0,
                set.Image))
            .OrderBy(view => view.Namespace, StringComparer.Ordinal)
            .ThenBy(view => view.Deployment, StringComparer.Ordinal),
    ];
}
