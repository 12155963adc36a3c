using System.Collections.Immutable;
using System.Text.Json.Nodes;
using k8s;
using k8s.Models;
using Mainstay.Controllers.Core;
using Mainstay.Kube;

namespace Mainstay.Controllers.Garbage;

/// <summary>
/// Deletes what all its owners have left behind, and sees to the two finalizers that ask for an order:
/// "foregroundDeletion"
/// (first what I own, then me) and "orphan" (let go what I own, then me). Keys are uids. An owner of a kind that is not
/// known here counts as there: nothing is deleted on a guess, and a known one is asked for at the server first.
/// </summary>
internal sealed class GarbageReconciler : IReconciler
{
    private const string Foreground = "foregroundDeletion";
    private const string Orphan = "orphan";
    private readonly OwnerGraph _graph = new();
    private IReadOnlyList<KubeKind> _kinds = [];

    public string Name => "garbage";

    public void Wire(ClusterCaches caches, WorkQueue queue)
    {
        _kinds = [.. caches.All.Select(c => c.Kind)];
        foreach (var cache in caches.All)
        {
            cache.AddMetaListener((old, fresh) => Note(cache.Kind, (old, fresh), queue));
        }
    }

    public Outcome Reconcile(ObjectKey key, DateTimeOffset now)
    {
        if (_graph.Find(key.Name) is not { } node)
        {
            return Outcome.Nothing;
        }
        if (node.Meta.DeletionTimestamp is not null)
        {
            return new Outcome(Finalize(node));
        }
        var owners = node.Meta.OwnerReferences ?? [];
        var gone = owners.Where(o => IsGone(o, node)).ToList();
        if (gone.Count == 0)
        {
            return Outcome.Nothing;
        }
        var confirmed = gone.Select(o => Confirm(o, node)).ToImmutableArray<Write>();
        return new Outcome(gone.Count == owners.Count
            ? [.. confirmed, new DeleteObject(node.Kind, node.Meta.Key(), node.Meta.Uid)]
            : [.. confirmed, LetGo(node, [.. gone.Select(o => o.Uid)])]);
    }

    private void Note(KubeKind kind, (V1ObjectMeta? Old, V1ObjectMeta? New) change, WorkQueue queue)
    {
        if (change.Old?.Uid is { } oldUid && oldUid != change.New?.Uid)
        {
            foreach (var dependent in _graph.DependentsOf(oldUid))
            {
                queue.Add(new ObjectKey("", dependent.Meta.Uid));
            }
        }
        _graph.Apply(kind, change.Old, change.New);
        if (change.New is { } fresh && (fresh.OwnerReferences is { Count: > 0 } || fresh.DeletionTimestamp is not null))
        {
            queue.Add(new ObjectKey("", fresh.Uid));
        }
        foreach (var owner in change.Old?.OwnerReferences ?? [])
        {
            // One that waits for its last dependent has to be told.
            if (_graph.Find(owner.Uid) is { Meta.DeletionTimestamp: not null })
            {
                queue.Add(new ObjectKey("", owner.Uid));
            }
        }
    }

    private ImmutableArray<Write> Finalize(GraphNode node)
    {
        var finalizers = node.Meta.Finalizers ?? [];
        var dependents = _graph.DependentsOf(node.Meta.Uid);
        if (finalizers.Contains(Orphan))
        {
            return dependents.Count == 0 ? [Finish(node, Orphan)]
                : [.. dependents.Select(d => LetGo(d, [node.Meta.Uid]))];
        }
        if (!finalizers.Contains(Foreground))
        {
            return [];
        }
        if (!dependents.Any(d => d.Meta.OwnerReferences
            .Any(o => o.Uid == node.Meta.Uid && o.BlockOwnerDeletion == true)))
        {
            return [Finish(node, Foreground)];
        }
        return [.. dependents.Where(d => d.Meta.DeletionTimestamp is null)
            .Select(d => new DeleteObject(d.Kind, d.Meta.Key(), d.Meta.Uid) { Foreground = true })];
    }

    private bool IsGone(V1OwnerReference owner, GraphNode node) =>
        _graph.Find(owner.Uid) is null && KindOf(owner, node) is not null;

    private KubeKind? KindOf(V1OwnerReference owner, GraphNode node)
    {
        var kind = _kinds.FirstOrDefault(k => k.Kind == owner.Kind && k.ApiVersion == owner.ApiVersion);
        // Leases are cached of one namespace alone, so that a lease as an owner is unknown.
        return kind == Kinds.Lease || (kind is { Namespaced: true }
            && string.IsNullOrEmpty(node.Meta.NamespaceProperty)) ? null : kind;
    }

    private ConfirmGone Confirm(V1OwnerReference owner, GraphNode node)
    {
        var kind = KindOf(owner, node)
            ?? throw new InvalidOperationException("only owners of known kinds are confirmed");
        var key = new ObjectKey(kind.Namespaced ? node.Meta.NamespaceProperty ?? "" : "", owner.Name);
        return new ConfirmGone(kind, key, owner.Uid);
    }

    private static PatchObject LetGo(GraphNode node, HashSet<string> owners)
    {
        var metadata = Ownership.Precondition(node.Meta);
        metadata["ownerReferences"] = new JsonArray([.. node.Meta.OwnerReferences.Where(o => !owners.Contains(o.Uid))
            .Select(o => JsonNode.Parse(KubernetesJson.Serialize(o)))]);
        return new PatchObject(node.Kind, node.Meta.Key(), new JsonObject { ["metadata"] = metadata });
    }

    private static PatchObject Finish(GraphNode node, string finalizer)
    {
        var metadata = Ownership.Precondition(node.Meta);
        metadata["finalizers"] = new JsonArray([.. node.Meta.Finalizers.Where(f => f != finalizer)
            .Select(f => JsonValue.Create(f))]);
        return new PatchObject(node.Kind, node.Meta.Key(), new JsonObject { ["metadata"] = metadata });
    }
}
