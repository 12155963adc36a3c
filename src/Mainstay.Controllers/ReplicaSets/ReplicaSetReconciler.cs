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
        ImmutableArray<V1Pod> surplus = [];
        if (set.Metadata.DeletionTimestamp is null)
        {
            surplus = Surplus(set, pods);
            writes.AddRange(Missing(owner, set, pods));
            writes.AddRange(surplus.Select(p => new DeleteObject(Kinds.Pod, p.Metadata.Key(), p.Metadata.Uid)));
        }
        var minReadySeconds = set.Model.Spec.MinReadySeconds ?? 0;
        if (StatusWrite(set, pods, pods.RemoveRange(surplus), now) is { } status)
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

    private IEnumerable<CreateObject> Missing(Owner owner, Kept<V1ReplicaSet> set, ImmutableArray<V1Pod> pods) =>
        Enumerable.Range(0, Math.Clamp((set.Model.Spec.Replicas ?? 1) - pods.Length, 0, Limits.PodBurst))
            .Select(_ => PodTemplate.Pod(owner, set.Raw, random))
            .Select(pod => Gate?.AddTo(pod, set.Metadata) ?? pod);

    private ImmutableArray<V1Pod> Surplus(Kept<V1ReplicaSet> set, ImmutableArray<V1Pod> pods) =>
        [.. pods.Order(DeletionOrder.Among(FamilyOf(set, pods)))
            .Take(Math.Clamp(pods.Length - (set.Model.Spec.Replicas ?? 1), 0, Limits.PodBurst))];

    /// <summary>The pods of all sets of the same owner: a deployment's old and new pods crowd a node
    /// together.</summary>
    private ImmutableArray<V1Pod> FamilyOf(Kept<V1ReplicaSet> set, ImmutableArray<V1Pod> own) =>
        Ownership.ControllerOf(set.Metadata) is not { } deployment ? own
            : [.. caches.ReplicaSets.OwnedBy(deployment.Uid).SelectMany(s => caches.Pods.OwnedBy(s.Metadata.Uid))
                .Where(p => p.IsActive())];

    /// <param name="set">whose status it is</param>
    /// <param name="pods">all that there are now</param>
    /// <param name="staying">those that are not given up in this very pass: a deployment must not count on others,
    /// though they are there for a moment</param>
    /// <param name="now">the time by which pods are available</param>
    private static PatchObject? StatusWrite(
        Kept<V1ReplicaSet> set, ImmutableArray<V1Pod> pods, ImmutableArray<V1Pod> staying, DateTimeOffset now)
    {
        var labels = LabelSelector.FromMap(
            set.Model.Spec.Template?.Metadata?.Labels ?? new Dictionary<string, string>());
        var counted = (
            Replicas: pods.Length,
            FullyLabeled: pods.Count(p => labels.Matches(p.Metadata.Labels.AsReadOnly())),
            Ready: staying.Count(p => p.IsReady()),
            Available: staying.Count(p => p.IsAvailable(set.Model.Spec.MinReadySeconds ?? 0, now)
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
