using System.Collections.Immutable;
using k8s.Models;
using Mainstay.Controllers.Core;
using Mainstay.Kube;

namespace Mainstay.Controllers.Scheduling;

/// <summary>Where a pod goes, or why nowhere.</summary>
internal sealed record PlacementResult(string? Node, string Reason);

/// <summary>
/// Chooses a node: of those that fit, the one in the zone with the fewest pods of the same owner, then on the node with
/// the fewest of them, then with the fewest pods at all, then by name. Spreading comes first, because losing a zone
/// or a
/// node must cost a service as little as can be.
/// </summary>
internal static class Placement
{
    public static PlacementResult Choose(V1Pod pod, IReadOnlyList<NodeLoad> nodes)
    {
        var faults = new SortedDictionary<string, int>(StringComparer.Ordinal);
        var fitting = new List<NodeLoad>();
        foreach (var load in nodes)
        {
            var fault = NodeFit.Fault(pod, load) ?? Topology.Fault(pod, load, nodes);
            if (fault is null)
            {
                fitting.Add(load);
            }
            else
            {
                faults[fault] = faults.GetValueOrDefault(fault) + 1;
            }
        }
        if (fitting.Count > 0)
        {
            return new PlacementResult(Best(pod, fitting, nodes), "");
        }
        var reasons = faults.Count == 0 ? "no nodes are registered"
            : string.Join(", ", faults.Select(f => $"{f.Value} {f.Key}"));
        return new PlacementResult(null, $"0/{nodes.Count} nodes are available: {reasons}.");
    }

    private static string Best(V1Pod pod, List<NodeLoad> fitting, IReadOnlyList<NodeLoad> nodes)
    {
        var inZone = nodes.GroupBy(n => n.Zone).ToDictionary(g => g.Key, g => g.Sum(n => Siblings(pod, n)));
        return fitting.OrderBy(n => inZone[n.Zone]).ThenBy(n => Siblings(pod, n)).ThenBy(n => n.Pods.Length)
            .ThenBy(n => n.Name, StringComparer.Ordinal).First().Name;
    }

    private static int Siblings(V1Pod pod, NodeLoad load) =>
        Ownership.ControllerOf(pod.Metadata) is { } owner
            ? load.Pods.Count(p => p.Metadata.DeletionTimestamp is null
                && Ownership.ControllerOf(p.Metadata)?.Uid == owner.Uid) : 0;
}

/// <summary>The rules a pod makes about the company it keeps: topology spread that must hold, and required
/// anti-affinity.</summary>
internal static class Topology
{
    public static string? Fault(V1Pod pod, NodeLoad load, IReadOnlyList<NodeLoad> nodes) =>
        Spread(pod, load, nodes) ?? Company(pod, load, nodes);

    private static string? Spread(V1Pod pod, NodeLoad load, IReadOnlyList<NodeLoad> nodes)
    {
        foreach (var rule in pod.Spec.TopologySpreadConstraints ?? [])
        {
            if (rule.WhenUnsatisfiable != "DoNotSchedule")
            {
                continue;
            }
            if (load.Label(rule.TopologyKey) is not { } domain)
            {
                return "node(s) didn't match pod topology spread constraints (missing required label)";
            }
            var matching = nodes.Where(n => n.Label(rule.TopologyKey) is not null && NodeFit.IsSelected(pod, n))
                .GroupBy(n => n.Label(rule.TopologyKey) ?? "")
                .ToDictionary(g => g.Key, g => g.Sum(n => Matching(pod, rule.LabelSelector, n)));
            if (matching.GetValueOrDefault(domain) + 1 - matching.Values.DefaultIfEmpty(0).Min() > rule.MaxSkew)
            {
                return "node(s) didn't match pod topology spread constraints";
            }
        }
        return null;
    }

    private static string? Company(V1Pod pod, NodeLoad load, IReadOnlyList<NodeLoad> nodes)
    {
        var terms = pod.Spec.Affinity?.PodAntiAffinity?.RequiredDuringSchedulingIgnoredDuringExecution ?? [];
        foreach (var term in terms)
        {
            if (load.Label(term.TopologyKey) is { } domain
                && nodes.Any(n => n.Label(term.TopologyKey) == domain && Matching(pod, term.LabelSelector, n) > 0))
            {
                return "node(s) didn't match pod anti-affinity rules";
            }
        }
        return null;
    }

    /// <summary>The pods of the same namespace on the node that the selector means.</summary>
    private static int Matching(V1Pod pod, V1LabelSelector? selector, NodeLoad load)
    {
        var labels = Selector(selector);
        return load.Pods.Count(p => p.Metadata.DeletionTimestamp is null
            && p.Metadata.NamespaceProperty == pod.Metadata.NamespaceProperty
            && labels.Matches(p.Metadata.Labels.AsReadOnly()));
    }

    private static LabelSelector Selector(V1LabelSelector? selector)
    {
        if (selector is null)
        {
            return LabelSelector.Nothing;
        }
        ImmutableArray<LabelRequirement> equal = LabelSelector.FromMap(
            selector.MatchLabels ?? new Dictionary<string, string>()).Requirements;
        return LabelSelector.Of([.. equal, .. (selector.MatchExpressions ?? [])
            .Select(e => LabelRequirement.FromWords(e.Key ?? "", e.OperatorProperty ?? "", [.. e.Values ?? []]))]);
    }
}
