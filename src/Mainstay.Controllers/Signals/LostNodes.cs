using System.Collections.Immutable;
using System.Globalization;
using k8s.Models;
using Mainstay.Controllers.Core;
using Mainstay.Controllers.NodeHealth;
using Mainstay.Kernel.Signals;
using Mainstay.Kube;

namespace Mainstay.Controllers.Signals;

/// <summary>Nodes whose agents are silent, by name, whether or not the storm stop lets anything follow.</summary>
internal static class LostNodes
{
    /// <returns>null while nothing can be said: the API server tells the controllers nothing</returns>
    public static Dictionary<string, SignalReading>? Of(
        ClusterCaches caches, NodeJudgement? judgement, DateTimeOffset now)
    {
        if (judgement is null or { IsDeaf: true })
        {
            return null;
        }
        var found = new Dictionary<string, SignalReading>(StringComparer.Ordinal);
        foreach (var node in caches.Nodes.Objects.Snapshot.Values)
        {
            TimeSpan? silence = judgement.Silent.TryGetValue(node.Metadata.Name, out var known) ? known : null;
            // Controllers that have just started have heard no silence yet; the node itself says what was found.
            if (silence is not null || IsUnknown(node))
            {
                found[$"node/{node.Metadata.Name}"] = Reading(node, (silence, judgement), caches, now);
            }
        }
        return found;
    }

    private static bool IsUnknown(V1Node node) =>
        node.Status?.Conditions?.Any(c => c is { Type: "Ready", Status: "Unknown" }) == true;

    private static SignalReading Reading(
        V1Node node, (TimeSpan? Silence, NodeJudgement Of) judged, ClusterCaches caches, DateTimeOffset now)
    {
        var name = node.Metadata.Name;
        var lease = caches.NodeLeases.Get(new ObjectKey("kube-node-lease", name))?.Spec?.RenewTime.ToMoment();
        var pods = caches.Pods.Objects.By(ClusterCaches.PodsByNode, name).Where(p => p.IsActive())
            .Select(p => $"{p.Metadata.NamespaceProperty}/{p.Metadata.Name}").Order(StringComparer.Ordinal)
            .ToImmutableArray();
        var storm = judged.Of.IsStorm;
        var stop = storm ? $" {judged.Of.Silent.Count} of {judged.Of.Nodes} nodes are silent at once: more likely "
            + "it is the way to them, and no pod is taken from any." : "";
        var heard = judged.Silence is { } silence ? $"for {silence.TotalSeconds:0} s" : "and counts as lost";
        return new SignalReading($"The agent of {name} is silent {heard}; {pods.Length} pods are there.{stop}")
        {
            Evidence =
            [
                new("silenceSeconds", Seconds(judged.Silence)),
                new("leaseAgeSeconds", Seconds(lease is { } at ? now - at : null)),
                new("podCount", pods.Length.ToString(CultureInfo.InvariantCulture)),
                new("pods", string.Join(", ", pods.Take(Limits.BlockedPodsTold))),
                new("stormStop", storm ? "holds" : "open"),
                new("silentNodes", $"{judged.Of.Silent.Count} of {judged.Of.Nodes}"),
            ],
            Culprit = new ObjectReference("Node", "", name),
        };
    }

    private static string Seconds(TimeSpan? time) =>
        time?.TotalSeconds.ToString("0.0", CultureInfo.InvariantCulture) ?? "";
}
