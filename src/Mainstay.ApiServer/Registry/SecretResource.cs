using System.Globalization;
using System.Text.Json.Nodes;
using Mainstay.ApiServer.Printing;
using Mainstay.ApiServer.Schema;
using Mainstay.ApiServer.Schema.Types;

namespace Mainstay.ApiServer.Registry;

/// <summary>v1 secrets.</summary>
internal static class SecretResource
{
    public static readonly ResourceType Type = new()
    {
        Group = "",
        Version = "v1",
        Kind = "Secret",
        Plural = "secrets",
        Singular = "secret",
        StoragePrefix = "/registry/secrets/",
        Schema = ConfigTypes.Secret,
        Columns =
        [
            Column.ObjectName,
            Column.Text("Type", "What the secret is for.", value => value.TextIn("type")),
            Column.Text("Data", "How many keys it has.",
                value => (value.ObjectAt("data")?.Count ?? 0).ToString(CultureInfo.InvariantCulture)),
            Column.ObjectAge,
        ],
        SelectableFields = Selectable.By("type"),
        Strategy = new ResourceStrategy { Validate = CheckUpdate },
    };

    private static void CheckUpdate(JsonObject next, JsonObject? old, FieldErrors errors)
    {
        if (old is null)
        {
            return;
        }

        Schema.Immutable.Check(next["type"], old["type"], FieldPath.Root.Child("type"), errors);
        ImmutableData.Check(next, old, errors, ["data"]);
    }
}
