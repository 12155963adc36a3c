using System.Collections.Immutable;
using System.Text.Json.Nodes;
using k8s.Models;
using Mainstay.Controllers.Core;
using Mainstay.Controllers.Routed;
using Mainstay.Kube;

namespace Mainstay.Controllers.ReplicaSets;

/// <summary>Keeps as many pods of each replica set as it asks for: creates, deletes, adopts, releases,
/// counts.</summary>
internal sealed class ReplicaSetReconciler(ClusterCaches caches, Random random) : IReconciler
{
    public string Name => "replicasets";

    /// <summary>Puts the readiness gate into new pods; null leaves it out.</summary>
    public GateAdding? Gate { get; init; }

    public void Wire(ClusterCaches caches, WorkQueue queue)
    {
        caches.ReplicaSets.Objects.AddListener(change => queue.Add(change.Key));
        caches.Pods.Objects.AddListener(change =>
        {
            AddOwnersOf(change.Old, queue);
            AddOwnersOf(change.New, queue);
        });
    }

    public Outcome Reconcile(ObjectKey key, DateTimeOffset now)
    {
        if (caches.ReplicaSets.Get(key) is not { } set)
        {
            return Outcome.Nothing;
        }
        var selector = LabelSelector.FromObject(set.Raw.Child("spec")?.Child("selector"));
        var owner = new Owner(Kinds.ReplicaSet, set.Metadata, selector);
        var claim = Ownership.Of(owner, Kinds.Pod, caches.Pods.In(key.Namespace), pod => pod.IsActive());
        var pods = claim.Owned.Where(p => p.IsActive()).ToImmutableArray();
        var writes = ImmutableArray.CreateBuilder<Write>();
        writes.AddRange(claim.Writes);
        if (set.Metadata.DeletionTimestamp is null)
        {
            writes.AddRange(Balance(owner, set, pods));
        }
        var minReadySeconds = set.Model.Spec.MinReadySeconds ?? 0;
        if (StatusWrite(set, pods, now) is { } status)
        {
            writes.Add(status);
        }
        return new Outcome(writes.ToImmutable(), PodState.NextAvailable(pods, minReadySeconds, now));
    }

    private void AddOwnersOf(V1Pod? pod, WorkQueue queue)
    {
        if (pod is null)
        {
            return;
        }
        var space = pod.Metadata.NamespaceProperty ?? "";
        if (Ownership.ControllerOf(pod.Metadata) is { } controller)
        {
            if (controller.Kind == Kinds.ReplicaSet.Kind)
            {
                queue.Add(new ObjectKey(space, controller.Name));
            }
            return;
        }
        foreach (var set in caches.ReplicaSets.In(space))
        {
            queue.Add(set.Metadata.Key());
        }
    }

    private IEnumerable<Write> Balance(Owner owner, Kept<V1ReplicaSet> set, ImmutableArray<V1Pod> pods)
    {
        var missing = (set.Model.Spec.Replicas ?? 1) - pods.Length;
        if (missing > 0)
        {
            return Enumerable.Range(0, Math.Min(missing, Limits.PodBurst))
                .Select(_ => PodTemplate.Pod(owner, set.Raw, random))
                .Select(pod => Gate?.AddTo(pod, set.Metadata) ?? pod);
        }
        return pods.Order(DeletionOrder.Among(FamilyOf(set, pods))).Take(Math.Min(-missing, Limits.PodBurst))
            .Select(pod => new DeleteObject(Kinds.Pod, pod.Metadata.Key(), pod.Metadata.Uid));
    }

    /// <summary>The pods of all sets of the same owner: a deployment's old and new pods crowd a node
    /// together.</summary>
    private ImmutableArray<V1Pod> FamilyOf(Kept<V1ReplicaSet> set, ImmutableArray<V1Pod> own) =>
        Ownership.ControllerOf(set.Metadata) is not { } deployment ? own
            : [.. caches.ReplicaSets.OwnedBy(deployment.Uid).SelectMany(s => caches.Pods.OwnedBy(s.Metadata.Uid))
                .Where(p => p.IsActive())];

    private static PatchObject? StatusWrite(Kept<V1ReplicaSet> set, ImmutableArray<V1Pod> pods, DateTimeOffset now)
    {
        var labels = LabelSelector.FromMap(
            set.Model.Spec.Template?.Metadata?.Labels ?? new Dictionary<string, string>());
        var counted = (
            Replicas: pods.Length,
            FullyLabeled: pods.Count(p => labels.Matches(p.Metadata.Labels.AsReadOnly())),
            Ready: pods.Count(p => p.IsReady()),
            Available: pods.Count(p => p.IsAvailable(set.Model.Spec.MinReadySeconds ?? 0, now)
                && RoutedGate.IsConverged(p)),
            Generation: set.Metadata.Generation ?? 0);
        var told = set.Model.Status;
        if (told is not null && counted == (told.Replicas, told.FullyLabeledReplicas ?? 0, told.ReadyReplicas ?? 0,
            told.AvailableReplicas ?? 0, told.ObservedGeneration ?? 0))
        {
            return null;
        }
        return Status.Patch(Kinds.ReplicaSet, set.Metadata, new JsonObject
        {
            ["replicas"] = counted.Replicas,
            ["fullyLabeledReplicas"] = counted.FullyLabeled,
            ["readyReplicas"] = counted.Ready,
            ["availableReplicas"] = counted.Available,
            ["observedGeneration"] = counted.Generation,
        });
    }
}
