using System.Globalization;
using k8s.Models;
using Mainstay.Controllers.Core;
using Mainstay.Controllers.Routed;
using Mainstay.Kernel.Signals;
using Mainstay.Kube;

namespace Mainstay.Controllers.Signals;

/// <summary>Rollouts that wait for routers, with the routers' names; gates that were opened without proof.</summary>
internal static class RolloutHolds
{
    /// <summary>From pods that wait to one signal for each deployment, daemon set or lone pod.</summary>
    public static Dictionary<string, SignalReading> Of(
        IEnumerable<RoutedHold> pending, ClusterCaches caches, DateTimeOffset now)
    {
        var late = pending.Where(h => h.Judgement is not null && now - h.Since >= Limits.HoldSignalledAfter);
        return late.GroupBy(h => OwnerOf(h.Pod, caches)).ToDictionary(
            g => g.Key.Subject, g => Reading(g.Key.Object, [.. g], caches, now), StringComparer.Ordinal);
    }

    public static Dictionary<string, SignalReading> Unproven(IEnumerable<V1Pod> pods) => pods
        .Where(p => p.IsActive() && p.Condition(RoutedGate.ConditionType) is
            { Status: "True", Reason: RoutedGate.Unproven })
        .ToDictionary(CrashLoops.Subject, p => new SignalReading(
            $"{p.Metadata.NamespaceProperty}/{p.Metadata.Name} was let go ready by its node: "
            + p.Condition(RoutedGate.ConditionType)?.Message)
        {
            Evidence = [new("node", p.Spec?.NodeName ?? "")],
            Culprit = new ObjectReference("Pod", p.Metadata.NamespaceProperty ?? "", p.Metadata.Name),
        }, StringComparer.Ordinal);

    /// <summary>Whom a rollout of the pod belongs to, as a subject and as an object.</summary>
    public static (string Subject, ObjectReference Object) OwnerOf(V1Pod pod, ClusterCaches caches)
    {
        var (kind, space, name) = ("Pod", pod.Metadata.NamespaceProperty ?? "", pod.Metadata.Name);
        var owner = Ownership.ControllerOf(pod.Metadata);
        if (owner is { Kind: "ReplicaSet" } && caches.ReplicaSets.Find(new ObjectKey(space, owner.Name)) is { } set)
        {
            owner = Ownership.ControllerOf(set) ?? owner;
        }
        if (owner is not null)
        {
            (kind, name) = (owner.Kind, owner.Name);
        }
        return ($"{kind.ToLowerInvariant()}/{space}/{name}", new ObjectReference(kind, space, name));
    }

    private static SignalReading Reading(
        ObjectReference owner, List<RoutedHold> holds, ClusterCaches caches, DateTimeOffset now)
    {
        var judgements = holds.Select(h => h.Judgement).OfType<RoutedJudgement>().ToList();
        var lagging = judgements.SelectMany(j => j.Lagging).Distinct().Order(StringComparer.Ordinal).ToList();
        var unlisted = judgements.SelectMany(j => j.Unlisted).Distinct().Order(StringComparer.Ordinal).ToList();
        var excused = judgements.SelectMany(j => j.Excused).Distinct().Order(StringComparer.Ordinal);
        var seconds = (now - holds.Min(h => h.Since)).TotalSeconds;
        var applied = RouterSeen.All(caches).Where(r => lagging.Contains(r.Node))
            .Select(r => $"{r.Node}: {r.Applied?.ToString(CultureInfo.InvariantCulture) ?? "none"}");
        var whom = lagging.Count > 0 ? $"the routers of {string.Join(", ", lagging)} have not taken up"
            : $"the endpoints of {string.Join(", ", unlisted)} do not list";
        return new SignalReading($"The rollout of {owner.Namespace}/{owner.Name} is held: {whom} {holds.Count} of its "
            + $"new pods for {seconds:0} s; the old pods stay.")
        {
            Evidence =
            [
                new("routers", string.Join(", ", lagging)),
                new("appliedRevisions", string.Join(", ", applied)),
                new("neededRevision", judgements.Max(j => j.Revision)?.ToString(CultureInfo.InvariantCulture) ?? ""),
                new("keptOut", string.Join("; ", judgements.SelectMany(j => j.KeptOut).Distinct())),
                new("excusedRouters", string.Join(", ", excused)),
                new("unlistedServices", string.Join(", ", unlisted)),
                new("pods", string.Join(", ", holds.Select(h => h.Pod.Metadata.Name).Order(StringComparer.Ordinal))),
                new("heldSeconds", seconds.ToString("0.0", CultureInfo.InvariantCulture)),
                new("override", $"kubectl annotate -n {owner.Namespace} {owner.Kind.ToLowerInvariant()} {owner.Name} "
                    + $"{RoutedGate.OverrideAnnotation}=true"),
            ],
            Culprit = owner,
            CausedBy = [.. lagging.Select(node => $"router/{node}")],
        };
    }
}
