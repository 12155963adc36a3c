using System.Collections.Immutable;
using System.Text.Json.Nodes;
using k8s.Models;
using Mainstay.Controllers.Core;
using Mainstay.Controllers.Scheduling;
using Mainstay.Kube;

namespace Mainstay.Controllers.DaemonSets;

/// <summary>Which node a daemon's pod is for, and which nodes are to have one.</summary>
internal static class DaemonPods
{
    /// <summary>What a daemon puts up with, whatever its template says: it belongs to the node, well or not.</summary>
    private static readonly ImmutableArray<(string Key, string Effect)> Tolerated =
    [
        ("node.kubernetes.io/not-ready", "NoExecute"), ("node.kubernetes.io/unreachable", "NoExecute"),
        ("node.kubernetes.io/disk-pressure", "NoSchedule"), ("node.kubernetes.io/memory-pressure", "NoSchedule"),
        ("node.kubernetes.io/pid-pressure", "NoSchedule"), ("node.kubernetes.io/unschedulable", "NoSchedule"),
    ];

    /// <summary>The node a pod is on, or is meant for by its affinity.</summary>
    public static string NodeOf(V1Pod pod) => !string.IsNullOrEmpty(pod.Spec.NodeName) ? pod.Spec.NodeName
        : pod.Spec.Affinity?.NodeAffinity?.RequiredDuringSchedulingIgnoredDuringExecution?.NodeSelectorTerms?
            .SelectMany(t => t.MatchFields ?? [])
                .FirstOrDefault(f => f.Key == "metadata.name")?.Values?.FirstOrDefault() ?? "";

    /// <summary>Whether the node is to have a pod now, and whether it may keep one that it has.</summary>
    public static (bool Run, bool Keep) Eligibility(V1DaemonSet set, V1Node node)
    {
        var template = set.Spec.Template;
        var sample = new V1Pod { Metadata = template.Metadata ?? new V1ObjectMeta(), Spec = template.Spec };
        if (!NodeFit.IsSelected(sample, new NodeLoad(node, [])))
        {
            return (false, false);
        }
        var run = true;
        foreach (var taint in node.Spec?.Taints ?? [])
        {
            var tolerated = NodeFit.Tolerates(template.Spec.Tolerations, taint) || IsTolerated(taint);
            if (!tolerated && taint.Effect == "NoExecute")
            {
                return (false, false);
            }
            run &= tolerated || taint.Effect != "NoSchedule";
        }
        return (run, true);
    }

    /// <summary>The pod for one node: bound by the scheduler, which the affinity leaves one choice.</summary>
    public static CreateObject For(Owner owner, Kept<V1DaemonSet> set, string node, (string Hash, Random Random) chance)
    {
        var create = PodTemplate.Pod(owner, set.Raw, chance.Random);
        var metadata = (JsonObject)create.Body["metadata"]!;
        if (metadata["labels"] is not JsonObject labels)
        {
            metadata["labels"] = labels = new JsonObject();
        }
        labels[DaemonRevision.HashLabel] = chance.Hash;
        var spec = (JsonObject)create.Body["spec"]!;
        var required = Child(Child(Child(spec, "affinity"), "nodeAffinity"),
            "requiredDuringSchedulingIgnoredDuringExecution");
        var terms = required["nodeSelectorTerms"] as JsonArray ?? [new JsonObject()];
        foreach (var term in terms.OfType<JsonObject>())
        {
            term["matchFields"] = new JsonArray(new JsonObject
            {
                ["key"] = "metadata.name",
                ["operator"] = "In",
                ["values"] = new JsonArray(node),
            });
        }
        required["nodeSelectorTerms"] = terms.DeepClone();
        var tolerations = spec["tolerations"] as JsonArray ?? [];
        foreach (var (key, effect) in Tolerated)
        {
            tolerations.Add(new JsonObject { ["key"] = key, ["operator"] = "Exists", ["effect"] = effect });
        }
        spec["tolerations"] = tolerations.DeepClone();
        return create;
    }

    // A pod on a lost node stays its daemon's pod; NoSchedule of a lost node says only what NoExecute says too.
    private static bool IsTolerated(V1Taint taint) => Tolerated.Contains((taint.Key, taint.Effect))
        || taint.Key is "node.kubernetes.io/not-ready" or "node.kubernetes.io/unreachable";

    private static JsonObject Child(JsonObject of, string name)
    {
        if (of[name] is not JsonObject child)
        {
            of[name] = child = new JsonObject();
        }
        return child;
    }
}
