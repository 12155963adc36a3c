using System.Text.Json.Nodes;
using k8s.Models;
using Mainstay.Controllers.Core;

namespace Mainstay.Controllers.NodeHealth;

/// <summary>The taints that say how a node is, and what they do to the pods on it.</summary>
internal static class NodeTaints
{
    public const string NotReady = "node.kubernetes.io/not-ready";
    public const string Unreachable = "node.kubernetes.io/unreachable";
    private const string Unschedulable = "node.kubernetes.io/unschedulable";

    /// <summary>The patch that gives a node the taints of its state; null when it has them.</summary>
    /// <param name="ready">the Ready condition's status as it will stand</param>
    public static PatchObject? Patch(V1Node node, string? ready, DateTimeOffset now)
    {
        var wanted = new List<(string Key, string Effect)>();
        if (ready is "False" or null)
        {
            wanted.AddRange([(NotReady, "NoSchedule"), (NotReady, "NoExecute")]);
        }
        else if (ready == "Unknown")
        {
            wanted.AddRange([(Unreachable, "NoSchedule"), (Unreachable, "NoExecute")]);
        }
        if (node.Spec?.Unschedulable == true)
        {
            wanted.Add((Unschedulable, "NoSchedule"));
        }
        var ours = (node.Spec?.Taints ?? []).Where(IsOurs).ToList();
        if (ours.Count == wanted.Count && ours.All(t => wanted.Contains((t.Key, t.Effect))))
        {
            return null;
        }
        var taints = new JsonArray();
        foreach (var taint in (node.Spec?.Taints ?? []).Where(t => !IsOurs(t) || wanted.Remove((t.Key, t.Effect))))
        {
            taints.Add(JsonNode.Parse(k8s.KubernetesJson.Serialize(taint)));
        }
        foreach (var (key, effect) in wanted)
        {
            var taint = new JsonObject { ["key"] = key, ["effect"] = effect };
            if (effect == "NoExecute")
            {
                taint["timeAdded"] = Writer.Rfc3339(now);
            }
            taints.Add(taint);
        }
        return new PatchObject(Kinds.Node, node.Metadata.Key(), new JsonObject
        {
            ["metadata"] = Ownership.Precondition(node.Metadata),
            ["spec"] = new JsonObject { ["taints"] = taints.Count == 0 ? null : taints },
        });
    }

    /// <summary>When a pod has to leave a node with these taints; null for never.</summary>
    public static DateTimeOffset? LeavesAt(V1Pod pod, V1Node node, TimeSpan patience)
    {
        DateTimeOffset? leaves = null;
        foreach (var taint in (node.Spec?.Taints ?? []).Where(t => t.Effect == "NoExecute"))
        {
            var at = LeavesAt(pod, taint, patience);
            leaves = at is not null && (leaves is null || at < leaves) ? at : leaves;
        }
        return leaves;
    }

    private static DateTimeOffset? LeavesAt(V1Pod pod, V1Taint taint, TimeSpan patience)
    {
        var since = taint.TimeAdded.ToMoment() ?? DateTimeOffset.UnixEpoch;
        var tolerations = (pod.Spec.Tolerations ?? []).Where(t => Scheduling.NodeFit.Tolerates(t, taint)).ToList();
        if (tolerations.Count == 0)
        {
            // Who says nothing about lost nodes gets the patience that is usual; any other taint means now.
            return taint.Key is NotReady or Unreachable ? since + patience : since;
        }
        var bounded = tolerations.Where(t => t.TolerationSeconds is not null)
            .Select(t => Math.Max(0, t.TolerationSeconds ?? 0)).ToList();
        return bounded.Count == 0 ? null : since.AddSeconds(bounded.Min());
    }

    private static bool IsOurs(V1Taint taint) => taint.Key is NotReady or Unreachable or Unschedulable;
}
