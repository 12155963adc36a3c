using System.Globalization;
using Mainstay.ApiServer.Printing;
using Mainstay.ApiServer.Schema;
using Mainstay.ApiServer.Schema.Types;

namespace Mainstay.ApiServer.Registry;

/// <summary>apps/v1 replicasets.</summary>
internal static class ReplicaSetResource
{
    public static readonly ResourceType Type = new()
    {
        Group = "apps",
        Version = "v1",
        Kind = "ReplicaSet",
        Plural = "replicasets",
        Singular = "replicaset",
        ShortNames = ["rs"],
        Categories = ["all"],
        HasStatus = true,
        HasScale = true,
        StoragePrefix = "/registry/replicasets/",
        Schema = AppsTypes.ReplicaSet,
        Columns = WorkloadPrinting.ReplicaSet,
        SelectableFields = Selectable.By().And("status.replicas",
            value => (value["status"].NumberAt("replicas") ?? 0).ToString(CultureInfo.InvariantCulture)),
        Strategy = WorkloadStrategy.Create(),
    };
}
