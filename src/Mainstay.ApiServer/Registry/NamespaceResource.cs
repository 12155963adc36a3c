using System.Text.Json.Nodes;
using Mainstay.ApiServer.Printing;
using Mainstay.ApiServer.Schema;
using Mainstay.ApiServer.Schema.Types;

namespace Mainstay.ApiServer.Registry;

/// <summary>v1 namespaces.</summary>
internal static class NamespaceResource
{
    /// <summary>Taken away by whoever has emptied the namespace.</summary>
    public const string Finalizer = "kubernetes";

    public static readonly ResourceType Type = new()
    {
        Group = "",
        Version = "v1",
        Kind = "Namespace",
        Plural = "namespaces",
        Singular = "namespace",
        ShortNames = ["ns"],
        IsNamespaced = false,
        HasStatus = true,
        StoragePrefix = "/registry/namespaces/",
        Schema = NamespaceTypes.Namespace,
        Columns =
        [
            Column.ObjectName,
            Column.Text("Status", "Active, or Terminating while it is emptied.",
                value => value.TextIn("status", "phase")),
            Column.ObjectAge,
        ],
        SelectableFields = Selectable.By("status.phase"),
        Strategy = new ResourceStrategy { Name = NameRules.Label, OnCreate = HoldBack, OnUpdate = KeepFinalizers },
    };

    private static void HoldBack(JsonObject value)
    {
        var finalizers = value.Ensure("spec").TextsAt("finalizers").Append(Finalizer).Distinct();
        value.Ensure("spec")["finalizers"] = new JsonArray([.. finalizers.Select(name => JsonValue.Create(name))]);
    }

    /// <summary>Only the finalize subresource may take finalizers away.</summary>
    private static void KeepFinalizers(JsonObject next, JsonObject old) =>
        next["spec"] = old["spec"]?.DeepClone() ?? new JsonObject();
}
