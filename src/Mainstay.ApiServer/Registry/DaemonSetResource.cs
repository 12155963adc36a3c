using Mainstay.ApiServer.Printing;
using Mainstay.ApiServer.Schema.Types;

namespace Mainstay.ApiServer.Registry;

/// <summary>apps/v1 daemonsets.</summary>
internal static class DaemonSetResource
{
    public static readonly ResourceType Type = new()
    {
        Group = "apps",
        Version = "v1",
        Kind = "DaemonSet",
        Plural = "daemonsets",
        Singular = "daemonset",
        ShortNames = ["ds"],
        Categories = ["all"],
        HasStatus = true,
        StoragePrefix = "/registry/daemonsets/",
        Schema = AppsTypes.DaemonSet,
        Columns = WorkloadPrinting.DaemonSet,
        Strategy = WorkloadStrategy.Create(),
    };
}
