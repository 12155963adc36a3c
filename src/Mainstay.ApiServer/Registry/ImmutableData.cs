using System.Text.Json.Nodes;
using Mainstay.ApiServer.Schema;

namespace Mainstay.ApiServer.Registry;

/// <summary>What <c>immutable: true</c> on a ConfigMap or a Secret forbids. Pure.</summary>
internal static class ImmutableData
{
    private const string Fault = "field is immutable when `immutable` is set";

    public static void Check(JsonObject next, JsonObject? old, FieldErrors errors, ReadOnlySpan<string> dataFields)
    {
        if (!old.FlagAt("immutable"))
        {
            return;
        }

        if (!next.FlagAt("immutable"))
        {
            errors.Forbidden(FieldPath.Root.Child("immutable"), Fault);
        }

        foreach (var name in dataFields)
        {
            if (!JsonReading.Same(next[name], old?[name]))
            {
                errors.Forbidden(FieldPath.Root.Child(name), Fault);
            }
        }
    }
}
