using System.Collections.Immutable;
using System.Text.Json.Nodes;
using k8s.Models;
using Mainstay.Controllers.Core;
using Mainstay.Kube;
using Microsoft.Extensions.Logging;

namespace Mainstay.Controllers.NodeHealth;

/// <summary>
/// Looks at all nodes together, every few seconds, under one key. A silent node becomes <c>Ready=Unknown</c> and is
/// tainted; its pods become not ready, so that endpoints let them go, and are deleted when their patience ends. A node
/// that comes back loses its taints; its agent says anew what its pods are.
/// </summary>
internal sealed class NodeHealthReconciler(NodePulse pulse, NodeHealthWorld world) : IReconciler
{
    public static readonly ObjectKey AllNodes = new("", "all-nodes");
    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(2);
    private bool _inStorm;
    private NodeJudgement? _judgement;

    public string Name => "nodes";

    /// <summary>What was judged last, for whoever tells of it.</summary>
    public NodeJudgement? Judgement => Volatile.Read(ref _judgement);

    public void Wire(ClusterCaches caches, WorkQueue queue)
    {
        queue.Add(AllNodes);
        caches.Nodes.Objects.AddListener(change =>
        {
            if (change.Old is null || change.New is null || ReadyOf(change.Old)?.Status != ReadyOf(change.New)?.Status)
            {
                queue.Add(AllNodes);
            }
        });
    }

    public Outcome Reconcile(ObjectKey key, DateTimeOffset now)
    {
        var nodes = world.Caches.Nodes.Objects.Snapshot.Values.Where(n => n.Metadata.DeletionTimestamp is null)
            .ToList();
        var judgement = pulse.Judge(nodes.ToDictionary(n => n.Metadata.Name, Sign), world.HeardAgo());
        Volatile.Write(ref _judgement, judgement);
        if (judgement.IsStorm != _inStorm && judgement.IsStorm)
        {
            world.Log.StormStopped(judgement.Silent.Count, judgement.Nodes);
        }
        _inStorm = judgement.IsStorm;
        var writes = ImmutableArray.CreateBuilder<Write>();
        if (!judgement.IsStorm)
        {
            foreach (var node in nodes)
            {
                writes.AddRange(Node(node, judgement, now));
            }
        }
        return new Outcome(writes.ToImmutable(), LookEvery);
    }

    private IEnumerable<Write> Node(V1Node node, NodeJudgement judgement, DateTimeOffset now)
    {
        var name = node.Metadata.Name;
        var ready = ReadyOf(node)?.Status;
        if (judgement.Silent.TryGetValue(name, out var silence) && ready != "Unknown")
        {
            world.Log.NodeSilent(name, silence);
            yield return Unknown(node, now);
            yield return new RecordEvent(Kinds.Node, node.Metadata.Key(), node.Metadata.Uid)
            {
                Reason = "NodeNotReady",
                Message = $"Node {name} has not renewed its lease for {silence.TotalSeconds:0} s",
                IsWarning = true,
            };
            // The taints follow with the next look, on the node as it then stands.
            yield break;
        }
        if (NodeTaints.Patch(node, ready, now) is { } taints)
        {
            yield return taints;
        }
        if (ready == "True")
        {
            yield break;
        }
        foreach (var pod in world.Caches.Pods.Objects.By(ClusterCaches.PodsByNode, name))
        {
            if (Pod(pod, node, now) is { } write)
            {
                yield return write;
            }
        }
    }

    private Write? Pod(V1Pod pod, V1Node node, DateTimeOffset now)
    {
        var isMirror = pod.Metadata.Annotations?.ContainsKey("kubernetes.io/config.mirror") == true;
        if (!isMirror && pod.Metadata.DeletionTimestamp is null
            && NodeTaints.LeavesAt(pod, node, world.EvictAfter) is { } leaves && leaves <= now)
        {
            return new DeleteObject(Kinds.Pod, pod.Metadata.Key(), pod.Metadata.Uid);
        }
        if (!pod.IsReady())
        {
            return null;
        }
        var condition = Condition("Ready", "False", now);
        condition["reason"] = "NodeNotReady";
        return new PatchObject(Kinds.Pod, pod.Metadata.Key(), new JsonObject
        {
            ["metadata"] = Ownership.Precondition(pod.Metadata),
            ["status"] = new JsonObject { ["conditions"] = new JsonArray(condition) },
        })
        {
            Subresource = "status",
            Strategic = true,
        };
    }

    private static PatchObject Unknown(V1Node node, DateTimeOffset now)
    {
        var conditions = new JsonArray();
        foreach (var type in (node.Status?.Conditions ?? []).Select(c => c.Type).Append("Ready").Distinct())
        {
            if (type is "Ready" or "MemoryPressure" or "DiskPressure" or "PIDPressure")
            {
                var condition = Condition(type, "Unknown", now);
                condition["reason"] = "NodeStatusUnknown";
                condition["message"] = "The node agent stopped renewing its lease.";
                conditions.Add(condition);
            }
        }
        return new PatchObject(Kinds.Node, node.Metadata.Key(), new JsonObject
        {
            ["metadata"] = Ownership.Precondition(node.Metadata),
            ["status"] = new JsonObject { ["conditions"] = conditions },
        })
        {
            Subresource = "status",
            Strategic = true,
        };
    }

    private static JsonObject Condition(string type, string status, DateTimeOffset now) => new()
    {
        ["type"] = type,
        ["status"] = status,
        ["lastTransitionTime"] = Writer.Rfc3339(now),
    };

    private string Sign(V1Node node)
    {
        var lease = world.Caches.NodeLeases.Get(new ObjectKey("kube-node-lease", node.Metadata.Name));
        return $"{lease?.Spec?.RenewTime.ToMoment():O} {ReadyOf(node)?.LastHeartbeatTime.ToMoment():O}";
    }

    private static V1NodeCondition? ReadyOf(V1Node node) =>
        node.Status?.Conditions?.FirstOrDefault(c => c.Type == "Ready");
}

/// <summary>What node health needs of the world.</summary>
/// <param name="Caches">what is known of the cluster</param>
/// <param name="EvictAfter">how long a pod without tolerations of its own stays bound to a lost node</param>
/// <param name="Log">where a storm is told of</param>
internal sealed record NodeHealthWorld(ClusterCaches Caches, TimeSpan EvictAfter, ILogger Log)
{
    /// <summary>How long the API server has said nothing about nodes and their leases.</summary>
    public required Func<TimeSpan> HeardAgo { get; init; }
}
