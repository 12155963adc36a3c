using System.Collections.Immutable;
using k8s.Models;
using Mainstay.Controllers.Core;
using Mainstay.Kube;

namespace Mainstay.Controllers.Scheduling;

/// <summary>A node and the pods that are, or will be, on it.</summary>
internal sealed record NodeLoad(V1Node Node, ImmutableArray<V1Pod> Pods)
{
    public const string ZoneLabel = "topology.kubernetes.io/zone";

    public string Name => Node.Metadata.Name;

    public string Zone => Label(ZoneLabel) ?? "";

    public string? Label(string name) =>
        Node.Metadata.Labels is { } labels && labels.TryGetValue(name, out var value) ? value : null;
}

/// <summary>Whether a pod may run on a node; a reason in words where not, as <c>kubectl describe</c> shows
/// it.</summary>
internal static class NodeFit
{
    private static readonly Dictionary<string, ResourceQuantity> None = [];

    /// <summary>The first rule that the node breaks; null when it fits.</summary>
    public static string? Fault(V1Pod pod, NodeLoad load) =>
        Readiness(load) ?? Unschedulable(pod, load) ?? Taints(pod, load) ?? Selected(pod, load) ?? Ports(pod, load)
        ?? Resources(pod, load);

    /// <summary>Whether the pod's selector and required affinity allow the node; taints and room do not
    /// count.</summary>
    public static bool IsSelected(V1Pod pod, NodeLoad load) => Selected(pod, load) is null;

    public static bool Tolerates(IEnumerable<V1Toleration>? tolerations, V1Taint taint) =>
        tolerations?.Any(t => Tolerates(t, taint)) ?? false;

    public static bool Tolerates(V1Toleration toleration, V1Taint taint) =>
        (string.IsNullOrEmpty(toleration.Effect) || toleration.Effect == taint.Effect)
        && (string.IsNullOrEmpty(toleration.Key) ? toleration.OperatorProperty == "Exists"
            : toleration.Key == taint.Key)
        && (toleration.OperatorProperty == "Exists" || (toleration.Value ?? "") == (taint.Value ?? ""));

    private static string? Readiness(NodeLoad load) =>
        load.Node.Status?.Conditions?.FirstOrDefault(c => c.Type == "Ready")?.Status == "True" ? null
            : "node(s) were not ready";

    private static string? Unschedulable(V1Pod pod, NodeLoad load)
    {
        var taint = new V1Taint { Key = "node.kubernetes.io/unschedulable", Effect = "NoSchedule" };
        return load.Node.Spec?.Unschedulable == true && !Tolerates(pod.Spec.Tolerations, taint)
            ? "node(s) were unschedulable" : null;
    }

    private static string? Taints(V1Pod pod, NodeLoad load) => (load.Node.Spec?.Taints ?? [])
        .FirstOrDefault(t => t.Effect is "NoSchedule" or "NoExecute"
            && !Tolerates(pod.Spec.Tolerations, t)) is { } taint
        ? $"node(s) had taint {{{taint.Key}: {taint.Value}}}, that the pod didn't tolerate" : null;

    private static string? Selected(V1Pod pod, NodeLoad load)
    {
        const string fault = "node(s) didn't match node selector";
        if (pod.Spec.NodeSelector is { Count: > 0 } selector && selector.Any(s => load.Label(s.Key) != s.Value))
        {
            return fault;
        }
        var required = pod.Spec.Affinity?.NodeAffinity?.RequiredDuringSchedulingIgnoredDuringExecution?
            .NodeSelectorTerms;
        return required is null || required.Any(term => Matches(term, load)) ? null : fault;
    }

    private static bool Matches(V1NodeSelectorTerm term, NodeLoad load)
    {
        var expressions = term.MatchExpressions ?? [];
        var fields = term.MatchFields ?? [];
        // A term that asks for nothing matches nothing.
        return expressions.Count + fields.Count > 0
            && expressions.All(e => Requirement(e).Matches(load.Label(e.Key)))
            && fields.All(f => f.Key == "metadata.name" && Requirement(f).Matches(load.Name));
    }

    private static LabelRequirement Requirement(V1NodeSelectorRequirement requirement) =>
        LabelRequirement.FromWords(requirement.Key ?? "", requirement.OperatorProperty ?? "",
            [.. requirement.Values ?? []]);

    private static string? Ports(V1Pod pod, NodeLoad load)
    {
        var wanted = HostPorts(pod).ToHashSet();
        return wanted.Count > 0 && load.Pods.SelectMany(HostPorts).Any(wanted.Contains)
            ? "node(s) didn't have free ports for the requested pod ports" : null;
    }

    // A host-network pod says its container ports as host ports too; the API server's defaults see to that. A pod with
    // an address of its own shares the node's name space of ports only where it says hostPort.
    private static IEnumerable<(string Protocol, int Port)> HostPorts(V1Pod pod) => (pod.Spec.Containers ?? [])
        .SelectMany(c => c.Ports ?? []).Where(p => p.HostPort is > 0)
            .Select(p => (p.Protocol ?? "TCP", p.HostPort ?? 0));

    private static string? Resources(V1Pod pod, NodeLoad load)
    {
        var room = load.Node.Status?.Allocatable ?? load.Node.Status?.Capacity;
        if (room is null)
        {
            return null;
        }
        if (room.TryGetValue("pods", out var pods) && load.Pods.Length + 1 > pods.ToDecimal())
        {
            return "Too many pods";
        }
        foreach (var (name, wanted) in Requests(pod))
        {
            var used = load.Pods.Sum(p => Requests(p).GetValueOrDefault(name));
            if (wanted > 0 && used + wanted > (room.TryGetValue(name, out var all) ? all.ToDecimal() : 0))
            {
                return $"Insufficient {name}";
            }
        }
        return null;
    }

    /// <summary>What the containers together ask for, or one init container if it alone asks for more.</summary>
    public static Dictionary<string, decimal> Requests(V1Pod pod)
    {
        var total = new Dictionary<string, decimal>();
        foreach (var container in pod.Spec.Containers ?? [])
        {
            foreach (var (name, quantity) in container.Resources?.Requests ?? None)
            {
                total[name] = total.GetValueOrDefault(name) + quantity.ToDecimal();
            }
        }
        foreach (var container in pod.Spec.InitContainers ?? [])
        {
            foreach (var (name, quantity) in container.Resources?.Requests ?? None)
            {
                total[name] = Math.Max(total.GetValueOrDefault(name), quantity.ToDecimal());
            }
        }
        return total;
    }
}
