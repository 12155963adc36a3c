using System.Text.Json.Nodes;

namespace Mainstay.ApiServer.Schema;

/// <summary>Fields that stay as they were created. Pure.</summary>
internal static class Immutable
{
    public const string Fault = "field is immutable";

    public static void Check(JsonNode? next, JsonNode? old, FieldPath path, FieldErrors errors)
    {
        if (!JsonReading.Same(next, old))
        {
            errors.Invalid(path, next, Fault);
        }
    }
}
