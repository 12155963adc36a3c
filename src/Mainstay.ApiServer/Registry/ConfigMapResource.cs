using System.Globalization;
using System.Text.Json.Nodes;
using Mainstay.ApiServer.Printing;
using Mainstay.ApiServer.Schema;
using Mainstay.ApiServer.Schema.Types;

namespace Mainstay.ApiServer.Registry;

/// <summary>v1 configmaps.</summary>
internal static class ConfigMapResource
{
    public static readonly ResourceType Type = new()
    {
        Group = "",
        Version = "v1",
        Kind = "ConfigMap",
        Plural = "configmaps",
        Singular = "configmap",
        ShortNames = ["cm"],
        StoragePrefix = "/registry/configmaps/",
        Schema = ConfigTypes.ConfigMap,
        Columns =
        [
            Column.ObjectName,
            Column.Text("Data", "How many keys it has.", CountKeys),
            Column.ObjectAge,
        ],
        Strategy = new ResourceStrategy { Validate = CheckImmutable },
    };

    private static string CountKeys(JsonObject value) =>
        ((value.ObjectAt("data")?.Count ?? 0) + (value.ObjectAt("binaryData")?.Count ?? 0))
        .ToString(CultureInfo.InvariantCulture);

    private static void CheckImmutable(JsonObject next, JsonObject? old, FieldErrors errors) =>
        ImmutableData.Check(next, old, errors, ["data", "binaryData"]);
}
