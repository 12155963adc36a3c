using k8s.Models;

namespace Mainstay.Controllers.Core;

/// <summary>All that the controllers know of the cluster. Reconcilers read it, reflectors alone write it.</summary>
internal sealed class ClusterCaches
{
    public const string PodsByNode = "node";

    public ClusterCaches()
    {
        Pods.Objects.AddIndex(PodsByNode, (_, pod) => [pod.Spec?.NodeName ?? ""]);
        All =
        [
            Pods, Nodes, Namespaces, Services, Endpoints, EndpointSlices, Deployments, ReplicaSets, DaemonSets,
            ControllerRevisions, ServiceAccounts, ConfigMaps, Secrets, NodeLeases,
        ];
    }

    public ClusterCache<V1Pod> Pods { get; } = new(Kinds.Pod);

    public ClusterCache<V1Node> Nodes { get; } = new(Kinds.Node);

    public ClusterCache<V1Namespace> Namespaces { get; } = new(Kinds.Namespace);

    public ClusterCache<V1Service> Services { get; } = new(Kinds.Service);

    public ClusterCache<Bare> Endpoints { get; } = new(Kinds.Endpoints);

    public ClusterCache<Bare> EndpointSlices { get; } = new(Kinds.EndpointSlice);

    public ClusterCache<Kept<V1Deployment>> Deployments { get; } = new(Kinds.Deployment);

    public ClusterCache<Kept<V1ReplicaSet>> ReplicaSets { get; } = new(Kinds.ReplicaSet);

    public ClusterCache<Kept<V1DaemonSet>> DaemonSets { get; } = new(Kinds.DaemonSet);

    public ClusterCache<Kept<V1ControllerRevision>> ControllerRevisions { get; } = new(Kinds.ControllerRevision);

    public ClusterCache<Bare> ServiceAccounts { get; } = new(Kinds.ServiceAccount);

    public ClusterCache<Bare> ConfigMaps { get; } = new(Kinds.ConfigMap);

    public ClusterCache<Bare> Secrets { get; } = new(Kinds.Secret);

    /// <summary>The nodes' leases alone, of the namespace <c>kube-node-lease</c>.</summary>
    public ClusterCache<V1Lease> NodeLeases { get; } = new(Kinds.Lease);

    /// <summary>
    /// The routers' leases alone, of the namespace <c>kube-system</c>. Not one of <see cref="All"/>: they own nothing
    /// and nobody owns them.
    /// </summary>
    public ClusterCache<Bare> RouterLeases { get; } = new(Kinds.Lease);

    public IReadOnlyList<IClusterCache> All { get; }

    public IClusterCache? Of(KubeKind kind)
    {
        foreach (var cache in All)
        {
            if (cache.Kind == kind)
            {
                return cache;
            }
        }
        return null;
    }
}
