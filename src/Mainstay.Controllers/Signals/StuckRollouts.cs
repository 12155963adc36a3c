using System.Globalization;
using k8s.Models;
using Mainstay.Controllers.Core;
using Mainstay.Controllers.Deployments;
using Mainstay.Controllers.Routed;
using Mainstay.Kernel.Signals;

namespace Mainstay.Controllers.Signals;

/// <summary>Rollouts that have made no progress for a while or have passed their deadline, and which pod says
/// why.</summary>
internal static class StuckRollouts
{
    public static Dictionary<string, SignalReading> Of(ClusterCaches caches, DateTimeOffset now)
    {
        var found = new Dictionary<string, SignalReading>(StringComparer.Ordinal);
        foreach (var deployment in caches.Deployments.Objects.Snapshot.Values.Select(d => d.Model))
        {
            if (deployment.Metadata.DeletionTimestamp is null && deployment.Spec.Paused != true
                && Stands(deployment, now) is { } since)
            {
                var key = deployment.Metadata.Key();
                found[$"deployment/{key.Namespace}/{key.Name}"] = Reading(deployment, caches, (since, now));
            }
        }
        return found;
    }

    /// <summary>Since when nothing moves; null where a rollout is over, moves, or was never begun.</summary>
    private static DateTimeOffset? Stands(V1Deployment deployment, DateTimeOffset now)
    {
        var progress = deployment.Status?.Conditions?.FirstOrDefault(c => c.Type == "Progressing");
        if (progress is null or { Reason: "NewReplicaSetAvailable" or "DeploymentPaused" })
        {
            return null;
        }
        var moved = (progress.LastUpdateTime ?? progress.LastTransitionTime).ToMoment() ?? now;
        return progress.Reason == "ProgressDeadlineExceeded" || now - moved >= Limits.RolloutStuckAfter ? moved : null;
    }

    private static SignalReading Reading(
        V1Deployment deployment, ClusterCaches caches, (DateTimeOffset Since, DateTimeOffset Now) time)
    {
        var newest = caches.ReplicaSets.OwnedBy(deployment.Metadata.Uid)
            .MaxBy(set => Revision.Of(set.Metadata));
        var waiting = newest is null ? [] : caches.Pods.OwnedBy(newest.Metadata.Uid)
            .Where(p => p.IsActive() && !(p.IsReady() && RoutedGate.IsConverged(p)))
            .OrderBy(p => p.Metadata.Name, StringComparer.Ordinal).ToList();
        var why = waiting.Select(p => (p.Metadata.Name, Blocker: Blocker(p))).ToList();
        var seconds = (time.Now - time.Since).TotalSeconds;
        var (space, name) = (deployment.Metadata.NamespaceProperty ?? "", deployment.Metadata.Name);
        var (updated, wished) = (deployment.Status?.UpdatedReplicas ?? 0, deployment.Spec.Replicas ?? 1);
        return new SignalReading($"The rollout of {space}/{name} has not moved for {seconds:0} s: "
            + (why.Count > 0 ? $"{why[0].Name}: {why[0].Blocker}." : "no new pod could be made."))
        {
            Evidence =
            [
                new("stuckSeconds", seconds.ToString("0", CultureInfo.InvariantCulture)),
                new("updatedReplicas", $"{updated} of {wished}"),
                new("availableReplicas", (deployment.Status?.AvailableReplicas ?? 0)
                    .ToString(CultureInfo.InvariantCulture)),
                new("replicaSet", newest?.Metadata.Name ?? ""),
                .. why.Take(Limits.BlockedPodsTold).Select(w => new Evidence(w.Name, w.Blocker)),
                new("undo", $"kubectl rollout undo -n {space} deployment/{name}"),
            ],
            Culprit = new ObjectReference("Deployment", space, name),
            CausedBy =
            [
                $"deployment/{space}/{name}", .. waiting.Take(Limits.BlockedPodsTold).Select(CrashLoops.Subject),
            ],
        };
    }

    /// <summary>The first thing on its way to ready that a pod says it waits for.</summary>
    private static string Blocker(V1Pod pod)
    {
        if (pod.Condition("PodScheduled") is { Status: "False" } unplaced)
        {
            return $"not scheduled: {unplaced.Message}";
        }
        var container = (pod.Status?.InitContainerStatuses ?? []).Concat(pod.Status?.ContainerStatuses ?? [])
            .FirstOrDefault(c => c.State?.Waiting is not null);
        if (container?.State?.Waiting is { } waits)
        {
            return $"container {container.Name} waits: {waits.Reason} {waits.Message}".TrimEnd();
        }
        if (pod.Condition("ContainersReady") is { Status: "False" } unready)
        {
            return unready.Message ?? unready.Reason ?? "containers are not ready";
        }
        if (RoutedGate.IsOn(pod) && !RoutedGate.IsConverged(pod))
        {
            return pod.Condition(RoutedGate.ConditionType)?.Message
                ?? $"readiness gate {RoutedGate.ConditionType} is not written";
        }
        return pod.Condition("Ready") is { Status: "False" } last ? last.Message ?? last.Reason ?? "not ready"
            : "it has just begun";
    }
}
