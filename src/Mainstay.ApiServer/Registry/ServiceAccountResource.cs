using System.Globalization;
using Mainstay.ApiServer.Printing;
using Mainstay.ApiServer.Schema;
using Mainstay.ApiServer.Schema.Types;

namespace Mainstay.ApiServer.Registry;

/// <summary>v1 serviceaccounts.</summary>
internal static class ServiceAccountResource
{
    public static readonly ResourceType Type = new()
    {
        Group = "",
        Version = "v1",
        Kind = "ServiceAccount",
        Plural = "serviceaccounts",
        Singular = "serviceaccount",
        ShortNames = ["sa"],
        StoragePrefix = "/registry/serviceaccounts/",
        Schema = ClusterTypes.ServiceAccount,
        Columns =
        [
            Column.ObjectName,
            Column.Text("Secrets", "How many Secrets it names.",
                value => (value.ListAt("secrets")?.Count ?? 0).ToString(CultureInfo.InvariantCulture)),
            Column.ObjectAge,
        ],
    };
}
