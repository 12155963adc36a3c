using System.Text.Json.Nodes;
using Mainstay.Controllers.Core;
using Mainstay.Kube;

namespace Mainstay.Controllers.Namespaces;

/// <summary>Every namespace that lives has a service account named <c>default</c>: pods that name none have that
/// one.</summary>
internal sealed class ServiceAccountReconciler(ClusterCaches caches) : IReconciler
{
    private const string DefaultName = "default";

    public string Name => "serviceaccounts";

    public void Wire(ClusterCaches caches, WorkQueue queue)
    {
        caches.Namespaces.Objects.AddListener(change => queue.Add(change.Key));
        caches.ServiceAccounts.Objects.AddListener(change =>
        {
            if (change is { New: null, Key.Name: DefaultName })
            {
                queue.Add(new ObjectKey("", change.Key.Namespace));
            }
        });
    }

    public Outcome Reconcile(ObjectKey key, DateTimeOffset now)
    {
        var account = new ObjectKey(key.Name, DefaultName);
        if (caches.Namespaces.Get(key) is not { Metadata.DeletionTimestamp: null }
            || caches.ServiceAccounts.Get(account) is not null)
        {
            return Outcome.Nothing;
        }
        return new Outcome([new CreateObject(Kinds.ServiceAccount, account, new JsonObject
        {
            ["metadata"] = new JsonObject { ["name"] = account.Name, ["namespace"] = account.Namespace },
        })]);
    }
}
