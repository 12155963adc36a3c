using System.Collections.Immutable;
using k8s.Models;
using Mainstay.Controllers.Core;
using Mainstay.Kube;

namespace Mainstay.Controllers.Garbage;

/// <summary>
/// Pods that no agent will ever finish: those on a node that is no longer registered, after a while, and those that are
/// to be deleted and never had a node. Keys are names of nodes.
/// </summary>
internal sealed class LostPodReconciler(ClusterCaches caches) : IReconciler
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private readonly Dictionary<string, DateTimeOffset> _missingSince = [];

    public string Name => "lostpods";

    public void Wire(ClusterCaches caches, WorkQueue queue)
    {
        caches.Nodes.Objects.AddListener(change => queue.Add(change.Key));
        caches.Pods.Objects.AddListener(change =>
        {
            var node = change.New?.Spec?.NodeName ?? "";
            if (change.New is { } pod && (node.Length == 0 ? pod.Metadata.DeletionTimestamp is not null
                : caches.Nodes.Get(new ObjectKey("", node)) is null))
            {
                queue.Add(new ObjectKey("", node));
            }
        });
    }

    public Outcome Reconcile(ObjectKey key, DateTimeOffset now)
    {
        var pods = caches.Pods.Objects.By(ClusterCaches.PodsByNode, key.Name);
        if (key.Name.Length == 0)
        {
            return new Outcome([.. pods.Where(p => p.Metadata.DeletionTimestamp is not null).Select(Delete)]);
        }
        if (pods.IsEmpty || caches.Nodes.Get(key) is not null)
        {
            _missingSince.Remove(key.Name);
            return Outcome.Nothing;
        }
        if (!_missingSince.TryGetValue(key.Name, out var since))
        {
            _missingSince[key.Name] = since = now;
        }
        return now - since < Patience ? new Outcome([], since + Patience - now)
            : new Outcome([new ConfirmGone(Kinds.Node, key, null), .. pods.Select(Delete)]);
    }

    private static DeleteObject Delete(V1Pod pod) =>
        new(Kinds.Pod, pod.Metadata.Key(), pod.Metadata.Uid) { GraceSeconds = 0 };
}
