using System.Collections.Immutable;
using System.Text.Json;
using Mainstay.Kube;

namespace Mainstay.Restarts;

/// <summary>A deployment that has pods on a node and can have others elsewhere first.</summary>
/// <param name="Replicas">what it asks for</param>
/// <param name="PodsHere">names of its pods on the node</param>
internal sealed record Mover(ObjectKey Deployment, int Replicas, ImmutableArray<string> PodsHere);

/// <summary>A pod that cannot be moved without being away for a while.</summary>
/// <param name="IsOnlyOne">no other pod of its kind is ready anywhere else</param>
internal sealed record StuckPod(ObjectKey Pod, string Why, bool IsOnlyOne);

/// <summary>What lives on a node, and how it can be moved: a pure function of the lists of an API server.</summary>
internal sealed record NodeMoves(
    ImmutableArray<Mover> Movers, ImmutableArray<StuckPod> Stuck, ImmutableArray<string> Services)
{
    public int Pods => Movers.Sum(mover => mover.PodsHere.Length) + Stuck.Length;

    public static NodeMoves Of(string node, ClusterLists lists)
    {
        var pods = lists.Pods.Select(PodHere.Read).Where(pod => pod.IsAlive).ToList();
        var sets = lists.ReplicaSets.ToDictionary(ObjectKey.Of, set => Owner(set, "Deployment"));
        var deployments = lists.Deployments.ToDictionary(ObjectKey.Of);
        var here = pods.Where(pod => pod.Node == node && !pod.StaysWithNode).ToList();
        var elsewhere = lists.Nodes.Any(other => ObjectKey.Of(other).Name != node && IsOpen(other));
        var movers = ImmutableArray.CreateBuilder<Mover>();
        var stuck = ImmutableArray.CreateBuilder<StuckPod>();
        foreach (var group in here.GroupBy(pod => DeploymentOf(pod, sets)))
        {
            var why = WhyNot(group.Key, group.First(), deployments, elsewhere);
            if (why is null && group.Key is { } key)
            {
                var replicas = (int)(deployments[key].Child("spec")?.Number("replicas") ?? 1);
                movers.Add(new Mover(key, replicas, [.. group.Select(pod => pod.Key.Name)]));
                continue;
            }

            foreach (var pod in group)
            {
                var hasOther = pods.Any(other =>
                    other.Node != node && other.IsReady && pod.Owner.Length > 0 && other.Owner == pod.Owner);
                stuck.Add(new StuckPod(pod.Key, why ?? "", !hasOther));
            }
        }

        return new NodeMoves(movers.ToImmutable(), stuck.ToImmutable(), Behind(here, lists.Services));
    }

    private static string? WhyNot(
        ObjectKey? deployment, PodHere pod, Dictionary<ObjectKey, JsonElement> known, bool elsewhere)
    {
        if (deployment is not { } key || !known.TryGetValue(key, out var found))
        {
            return "no deployment would make another one";
        }

        if (!elsewhere)
        {
            return "no other node takes pods";
        }

        if (found.Child("spec")?.Child("strategy")?.Text("type") == "Recreate")
        {
            return $"deployment {key} allows one at a time (Recreate)";
        }

        return pod.IsPinned ? "it is bound to this node" : null;
    }

    private static ObjectKey? DeploymentOf(PodHere pod, Dictionary<ObjectKey, string> sets) =>
        pod.OwnerKind == "ReplicaSet"
        && sets.TryGetValue(new ObjectKey(pod.Key.Namespace, pod.Owner), out var name) && name.Length > 0
            ? new ObjectKey(pod.Key.Namespace, name)
            : null;

    private static ImmutableArray<string> Behind(List<PodHere> pods, IEnumerable<JsonElement> services) =>
    [
        .. services
            .Where(service =>
            {
                var selector = service.Child("spec")?.Map("selector")
                    ?? ImmutableDictionary<string, string>.Empty;
                var space = ObjectKey.Of(service).Namespace;
                return selector.Count > 0 && pods.Any(pod => pod.Key.Namespace == space
                    && selector.All(pair => pod.Labels.GetValueOrDefault(pair.Key) == pair.Value));
            })
            .Select(service => ObjectKey.Of(service).ToString())
            .Order(StringComparer.Ordinal),
    ];

    private static bool IsOpen(JsonElement node) =>
        node.Child("spec")?.Flag("unschedulable") != true
        && (node.Child("status")?.Items("conditions").Any(condition =>
            condition.Text("type") == "Ready" && condition.Text("status") == "True") ?? false);

    internal static string Owner(JsonElement json, string kind) => ObjectMeta.Read(json).OwnerReferences
        .FirstOrDefault(owner => owner.IsController && owner.Kind == kind)?.Name ?? "";

    private sealed record PodHere(ObjectKey Key, string Node, ImmutableDictionary<string, string> Labels)
    {
        public string Owner { get; init; } = "";

        public string OwnerKind { get; init; } = "";

        public bool IsReady { get; init; }

        public bool IsAlive { get; init; }

        /// <summary>A mirror, or a daemon's: it belongs to the node.</summary>
        public bool StaysWithNode { get; init; }

        public bool IsPinned { get; init; }

        public static PodHere Read(JsonElement json)
        {
            var meta = ObjectMeta.Read(json);
            var (spec, status) = (json.Child("spec"), json.Child("status"));
            var owner = meta.OwnerReferences.FirstOrDefault(reference => reference.IsController);
            return new PodHere(meta.Key, spec?.Text("nodeName") ?? "", meta.Labels)
            {
                Owner = owner?.Name ?? "",
                OwnerKind = owner?.Kind ?? "",
                IsReady = meta.DeletionTimestamp is null && (status?.Items("conditions").Any(condition =>
                    condition.Text("type") == "Ready" && condition.Text("status") == "True") ?? false),
                IsAlive = status?.Text("phase") is not ("Succeeded" or "Failed"),
                StaysWithNode = owner?.Kind == "DaemonSet"
                    || meta.Annotations.ContainsKey("kubernetes.io/config.mirror"),
                IsPinned = spec?.Child("nodeSelector")?.Text("kubernetes.io/hostname").Length > 0,
            };
        }
    }
}

/// <summary>The lists that moves are made from, as one API server gave them.</summary>
internal sealed record ClusterLists(
    ImmutableArray<JsonElement> Nodes, ImmutableArray<JsonElement> Pods, ImmutableArray<JsonElement> ReplicaSets)
{
    public ImmutableArray<JsonElement> Deployments { get; init; } = [];

    public ImmutableArray<JsonElement> Services { get; init; } = [];

    public static async Task<ClusterLists> ReadAsync(KubeHttp api, CancellationToken cancellationToken)
    {
        async Task<ImmutableArray<JsonElement>> ListAsync(string path)
        {
            using var list = await api.GetAsync(path, cancellationToken);
            return [.. list.RootElement.Items("items").Select(item => item.Clone())];
        }

        return new ClusterLists(
            await ListAsync("/api/v1/nodes"),
            await ListAsync("/api/v1/pods"),
            await ListAsync("/apis/apps/v1/replicasets"))
        {
            Deployments = await ListAsync("/apis/apps/v1/deployments"),
            Services = await ListAsync("/api/v1/services"),
        };
    }
}
