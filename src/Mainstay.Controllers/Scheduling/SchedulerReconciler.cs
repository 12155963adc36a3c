using System.Collections.Immutable;
using System.Text.Json.Nodes;
using k8s.Models;
using Mainstay.Controllers.Core;
using Mainstay.Kube;

namespace Mainstay.Controllers.Scheduling;

/// <summary>
/// Gives each new pod a node. What was bound a moment ago counts although the cache does not show it yet: until the pod
/// is seen with its node, or is gone, it is assumed to be there.
/// </summary>
internal sealed class SchedulerReconciler(ClusterCaches caches) : IReconciler
{
    private const string SchedulerName = "default-scheduler";
    private static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(5);
    private readonly Dictionary<ObjectKey, Assumed> _assumed = [];

    public string Name => "scheduler";

    public void Wire(ClusterCaches caches, WorkQueue queue)
    {
        caches.Pods.Objects.AddListener(change =>
        {
            if (change.New is { } pod && Waits(pod))
            {
                queue.Add(change.Key);
            }
            else if (change.New is null || !change.New.IsActive())
            {
                AddWaiting(queue);
            }
        });
        caches.Nodes.Objects.AddListener(change =>
        {
            if (change.Old is null || change.New is null || !SameForScheduling(change.Old, change.New))
            {
                AddWaiting(queue);
            }
        });
    }

    public Outcome Reconcile(ObjectKey key, DateTimeOffset now)
    {
        if (caches.Pods.Get(key) is not { } pod || !Waits(pod) || IsAssumed(key, pod, now))
        {
            return Outcome.Nothing;
        }
        var placement = Placement.Choose(pod, Loads());
        if (placement.Node is { } node)
        {
            _assumed[key] = new Assumed(pod, node, now);
            return new Outcome([new BindPod(key, pod.Metadata.Uid, node)], RetryAfter);
        }
        return new Outcome(Unschedulable(key, pod, placement.Reason, now), RetryAfter);
    }

    private static bool Waits(V1Pod pod) => string.IsNullOrEmpty(pod.Spec?.NodeName) && pod.IsActive()
        && pod.Spec?.SchedulerName is null or "" or SchedulerName;

    /// <summary>A pod that still has no node after a while was not bound: the server refused, or the answer was
    /// lost.</summary>
    private bool IsAssumed(ObjectKey key, V1Pod pod, DateTimeOffset now)
    {
        if (_assumed.TryGetValue(key, out var assumed)
            && (assumed.Pod.Metadata.Uid != pod.Metadata.Uid || now - assumed.Since >= RetryAfter))
        {
            _assumed.Remove(key);
        }
        return _assumed.ContainsKey(key);
    }

    private sealed record Assumed(V1Pod Pod, string Node, DateTimeOffset Since);

    private List<NodeLoad> Loads()
    {
        foreach (var key in _assumed.Keys.ToArray())
        {
            if (caches.Pods.Get(key) is not { } seen || !string.IsNullOrEmpty(seen.Spec.NodeName) || !seen.IsActive())
            {
                _assumed.Remove(key);
            }
        }
        var coming = _assumed.Values.ToLookup(a => a.Node, a => a.Pod);
        return [.. caches.Nodes.Objects.Snapshot.Values.Where(n => n.Metadata.DeletionTimestamp is null)
            .Select(n => new NodeLoad(n, [.. On(n.Metadata.Name), .. coming[n.Metadata.Name]]))];
    }

    // A terminating pod still has its room and ports until it is gone.
    private IEnumerable<V1Pod> On(string node) => caches.Pods.Objects.By(ClusterCaches.PodsByNode, node)
        .Where(p => p.Status?.Phase is not ("Succeeded" or "Failed"));

    private static ImmutableArray<Write> Unschedulable(ObjectKey key, V1Pod pod, string reason, DateTimeOffset now)
    {
        var told = pod.Condition("PodScheduled");
        if (told is { Status: "False" } && told.Message == reason)
        {
            return [];
        }
        var condition = new JsonObject
        {
            ["type"] = "PodScheduled",
            ["status"] = "False",
            ["reason"] = "Unschedulable",
            ["message"] = reason,
            ["lastTransitionTime"] = Writer.Rfc3339(told is { Status: "False" }
                ? told.LastTransitionTime.ToMoment() ?? now : now),
        };
        return
        [
            new PatchObject(Kinds.Pod, key, new JsonObject
            {
                ["metadata"] = new JsonObject { ["uid"] = pod.Metadata.Uid },
                ["status"] = new JsonObject { ["conditions"] = new JsonArray(condition) },
            })
            {
                Subresource = "status",
                Strategic = true,
            },
            new RecordEvent(Kinds.Pod, key, pod.Metadata.Uid)
            {
                Reason = "FailedScheduling",
                Message = reason,
                IsWarning = true,
            },
        ];
    }

    private void AddWaiting(WorkQueue queue)
    {
        foreach (var pod in caches.Pods.Objects.By(ClusterCaches.PodsByNode, ""))
        {
            if (Waits(pod))
            {
                queue.Add(pod.Metadata.Key());
            }
        }
    }

    /// <summary>Whether nothing changed but the heartbeats.</summary>
    private static bool SameForScheduling(V1Node old, V1Node fresh) =>
        ReadyStatus(old) == ReadyStatus(fresh) && old.Spec?.Unschedulable == fresh.Spec?.Unschedulable
        && Taints(old).SequenceEqual(Taints(fresh))
            && Pairs(old.Metadata.Labels).SequenceEqual(Pairs(fresh.Metadata.Labels))
        && Room(old).SequenceEqual(Room(fresh));

    private static string? ReadyStatus(V1Node node) =>
        node.Status?.Conditions?.FirstOrDefault(c => c.Type == "Ready")?.Status;

    private static IEnumerable<string> Taints(V1Node node) =>
        (node.Spec?.Taints ?? []).Select(t => $"{t.Key}={t.Value}:{t.Effect}");

    private static IEnumerable<string> Room(V1Node node) =>
        (node.Status?.Allocatable ?? new Dictionary<string, ResourceQuantity>()).OrderBy(r => r.Key)
            .Select(r => $"{r.Key}={r.Value}");

    private static IEnumerable<string> Pairs(IDictionary<string, string>? labels) =>
        (labels ?? new Dictionary<string, string>()).OrderBy(l => l.Key, StringComparer.Ordinal)
            .Select(l => $"{l.Key}={l.Value}");
}
