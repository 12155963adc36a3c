using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json.Nodes;
using k8s.Models;
using Mainstay.Controllers.Core;
using Mainstay.Controllers.Routed;
using Mainstay.Kube;

namespace Mainstay.Controllers.DaemonSets;

/// <summary>Keeps one pod of each daemon set on every node that is to have one, and replaces them node by
/// node.</summary>
internal sealed class DaemonSetReconciler(ClusterCaches caches, Random random, bool keepsHistory) : IReconciler
{
    public string Name => "daemonsets";

    /// <summary>Puts the readiness gate into new pods; null leaves it out.</summary>
    public GateAdding? Gate { get; init; }

    public void Wire(ClusterCaches caches, WorkQueue queue)
    {
        caches.DaemonSets.Objects.AddListener(change => queue.Add(change.Key));
        caches.Pods.AddMetaListener((old, fresh) =>
        {
            foreach (var meta in new[] { old, fresh }.OfType<V1ObjectMeta>())
            {
                if (Ownership.ControllerOf(meta) is { Kind: "DaemonSet" } controller)
                {
                    queue.Add(new ObjectKey(meta.NamespaceProperty ?? "", controller.Name));
                }
            }
        });
        caches.Nodes.Objects.AddListener(change =>
        {
            if (change.Old is null || change.New is null || Shape(change.Old) != Shape(change.New))
            {
                foreach (var set in caches.DaemonSets.All)
                {
                    queue.Add(set.Key());
                }
            }
        });
    }

    public Outcome Reconcile(ObjectKey key, DateTimeOffset now)
    {
        if (caches.DaemonSets.Get(key) is not { } set || set.Metadata.DeletionTimestamp is not null)
        {
            return Outcome.Nothing;
        }
        var owner = new Owner(Kinds.DaemonSet, set.Metadata,
            LabelSelector.FromObject(set.Raw.Child("spec")?.Child("selector")));
        if (owner.Selector.IsEverything)
        {
            return Outcome.Nothing;
        }
        var claim = Ownership.Of(owner, Kinds.Pod, caches.Pods.In(key.Namespace), _ => true);
        var hash = PodTemplate.Hash(set.Raw, 0);
        var writes = ImmutableArray.CreateBuilder<Write>();
        writes.AddRange(claim.Writes);
        if (keepsHistory)
        {
            var revisions = DaemonRevision.Claim(owner, caches);
            var inUse = claim.Owned.Select(p => DaemonRevision.HashOf(p.Metadata)).ToHashSet();
            writes.AddRange(revisions.Writes);
            writes.AddRange(DaemonRevision.Keep(owner, set, new DaemonHistory(hash, revisions.Owned, inUse)));
        }
        var nodes = caches.Nodes.Objects.Snapshot.Values.ToImmutableArray();
        var view = new DaemonView(set.Model, claim.Owned, nodes) { Hash = hash, Now = now };
        var balance = view.Balance();
        writes.AddRange(balance.Missing.Select(node => DaemonPods.For(owner, set, node, (hash, random)))
            .Select(pod => Gate?.AddTo(pod, set.Metadata) ?? pod));
        writes.AddRange(balance.Excess.Select(p => new DeleteObject(Kinds.Pod, p.Metadata.Key(), p.Metadata.Uid)));
        if (view.Status(set.Metadata) is { } status)
        {
            writes.Add(status);
        }
        return new Outcome(writes.ToImmutable(), PodState.NextAvailable(claim.Owned, view.MinReadySeconds, now));
    }

    /// <summary>What of a node matters here.</summary>
    private static string Shape(V1Node node) => node.Spec?.Unschedulable + "|"
        + string.Join(',', (node.Spec?.Taints ?? []).Select(t => $"{t.Key}={t.Value}:{t.Effect}")) + "|"
        + string.Join(',', (node.Metadata.Labels ?? new Dictionary<string, string>())
            .OrderBy(l => l.Key, StringComparer.Ordinal).Select(l => $"{l.Key}={l.Value}"));
}

/// <summary>A daemon set, its pods and all nodes, and what follows.</summary>
internal sealed record DaemonView(V1DaemonSet Set, ImmutableArray<V1Pod> Pods, ImmutableArray<V1Node> Nodes)
{
    public required string Hash { get; init; }

    public required DateTimeOffset Now { get; init; }

    public int MinReadySeconds => Set.Spec.MinReadySeconds ?? 0;

    /// <summary>Nodes that miss a pod, and pods that are too many, finished, misplaced or of an old template.</summary>
    public (ImmutableArray<string> Missing, ImmutableArray<V1Pod> Excess) Balance()
    {
        var missing = ImmutableArray.CreateBuilder<string>();
        var excess = ImmutableArray.CreateBuilder<V1Pod>();
        var byNode = Pods.ToLookup(DaemonPods.NodeOf);
        foreach (var node in Nodes.OrderBy(n => n.Metadata.Name, StringComparer.Ordinal))
        {
            var (run, keep) = DaemonPods.Eligibility(Set, node);
            var here = byNode[node.Metadata.Name].Where(p => p.Metadata.DeletionTimestamp is null).ToList();
            var finished = here.Where(p => !p.IsActive()).ToList();
            var active = here.Where(p => p.IsActive()).OrderByDescending(p => p.IsReady())
                .ThenBy(p => p.Metadata.CreationTimestamp).ToList();
            excess.AddRange(finished);
            excess.AddRange(keep ? active.Skip(1) : active);
            // One that is on its way out still holds its ports; its successor waits for it, as Kubernetes has it.
            if (run && active.Count == 0 && finished.Count == 0 && !byNode[node.Metadata.Name].Any())
            {
                missing.Add(node.Metadata.Name);
            }
        }
        var known = Nodes.Select(n => n.Metadata.Name).ToHashSet();
        excess.AddRange(Pods.Where(p => !known.Contains(DaemonPods.NodeOf(p)) && p.Metadata.DeletionTimestamp is null));
        excess.AddRange(Replaced(excess.Select(p => p.Metadata.Uid).ToHashSet()));
        return (missing.ToImmutable(), excess.ToImmutable());
    }

    public PatchObject? Status(V1ObjectMeta meta)
    {
        var (desired, current, misplaced, ready, available, updated) = (0, 0, 0, 0, 0, 0);
        var byNode = Pods.ToLookup(DaemonPods.NodeOf);
        foreach (var node in Nodes)
        {
            var pods = byNode[node.Metadata.Name].Where(p => p.Metadata.DeletionTimestamp is null)
                .OrderByDescending(p => p.IsReady()).ToList();
            if (!DaemonPods.Eligibility(Set, node).Run)
            {
                misplaced += pods.Count > 0 ? 1 : 0;
                continue;
            }
            desired++;
            if (pods.Count > 0)
            {
                current++;
                ready += pods[0].IsReady() ? 1 : 0;
                available += Counts(pods[0]) ? 1 : 0;
                updated += DaemonRevision.HashOf(pods[0].Metadata) == Hash ? 1 : 0;
            }
        }
        var counted = (desired, current, misplaced, ready, available, updated, meta.Generation ?? 0);
        var told = Set.Status;
        if (told is not null && counted == (told.DesiredNumberScheduled, told.CurrentNumberScheduled,
            told.NumberMisscheduled, told.NumberReady, told.NumberAvailable ?? 0, told.UpdatedNumberScheduled ?? 0,
            told.ObservedGeneration ?? 0))
        {
            return null;
        }
        return Core.Status.Patch(Kinds.DaemonSet, meta, new JsonObject
        {
            ["desiredNumberScheduled"] = desired,
            ["currentNumberScheduled"] = current,
            ["numberMisscheduled"] = misplaced,
            ["numberReady"] = ready,
            ["numberAvailable"] = available,
            ["numberUnavailable"] = desired - available,
            ["updatedNumberScheduled"] = updated,
            ["observedGeneration"] = meta.Generation ?? 0,
        });
    }

    /// <summary>Pods of an old template that may go now: those that serve nobody, and then as many as may be
    /// missing.</summary>
    private IEnumerable<V1Pod> Replaced(HashSet<string> going)
    {
        if (Set.Spec.UpdateStrategy?.Type == "OnDelete")
        {
            yield break;
        }
        var eligible = Nodes.Where(n => DaemonPods.Eligibility(Set, n).Run).Select(n => n.Metadata.Name).ToHashSet();
        var here = Pods.Where(p => p.IsActive() && !going.Contains(p.Metadata.Uid)
            && eligible.Contains(DaemonPods.NodeOf(p))).ToList();
        var unavailable = eligible.Count - here.Count(Counts);
        var budget = MaxUnavailable(eligible.Count) - unavailable;
        foreach (var pod in here.Where(p => DaemonRevision.HashOf(p.Metadata) != Hash)
            .OrderBy(p => p.IsAvailable(MinReadySeconds, Now)).ThenBy(DaemonPods.NodeOf, StringComparer.Ordinal))
        {
            if (!pod.IsAvailable(MinReadySeconds, Now))
            {
                yield return pod;
            }
            else if (budget-- > 0)
            {
                yield return pod;
            }
        }
    }

    /// <summary>Available, and known to every router that has to know it.</summary>
    private bool Counts(V1Pod pod) => pod.IsAvailable(MinReadySeconds, Now) && RoutedGate.IsConverged(pod);

    private int MaxUnavailable(int desired)
    {
        var text = Set.Spec.UpdateStrategy?.RollingUpdate?.MaxUnavailable?.Value ?? "1";
        var number = text.EndsWith('%')
            ? (int)Math.Ceiling(desired * double.Parse(text[..^1], CultureInfo.InvariantCulture) / 100)
            : int.Parse(text, CultureInfo.InvariantCulture);
        return Math.Max(1, number);
    }
}
