using Mainstay.ApiServer.Printing;
using Mainstay.ApiServer.Schema;
using Mainstay.ApiServer.Schema.Types;

namespace Mainstay.ApiServer.Registry;

/// <summary>coordination.k8s.io/v1 leases.</summary>
internal static class LeaseResource
{
    public static readonly ResourceType Type = new()
    {
        Group = "coordination.k8s.io",
        Version = "v1",
        Kind = "Lease",
        Plural = "leases",
        Singular = "lease",
        StoragePrefix = "/registry/leases/",
        Schema = ClusterTypes.Lease,
        Columns =
        [
            Column.ObjectName,
            Column.Text("Holder", "Who holds it.", value => value.TextIn("spec", "holderIdentity")),
            Column.ObjectAge,
        ],
        Strategy = new ResourceStrategy { AllowsCreateOnUpdate = true, AllowsUnconditionalUpdate = false },
    };
}
