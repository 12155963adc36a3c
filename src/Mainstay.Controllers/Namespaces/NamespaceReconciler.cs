using Mainstay.Controllers.Core;
using Mainstay.Kube;

namespace Mainstay.Controllers.Namespaces;

/// <summary>A namespace that is to be deleted is emptied first, and then finalized.</summary>
internal sealed class NamespaceReconciler(ClusterCaches caches) : IReconciler
{
    public string Name => "namespaces";

    public void Wire(ClusterCaches caches, WorkQueue queue) =>
        caches.Namespaces.Objects.AddListener(change => queue.Add(change.Key));

    public Outcome Reconcile(ObjectKey key, DateTimeOffset now) =>
        caches.Namespaces.Get(key) is { Metadata.DeletionTimestamp: not null } space
            && space.Spec?.Finalizers?.Contains("kubernetes") == true
            ? new Outcome([new SweepNamespace(key, space.Metadata.Uid)]) : Outcome.Nothing;
}
