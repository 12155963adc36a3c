using System.Text.Json;
using System.Text.Json.Nodes;

namespace Mainstay.ApiServer.Schema;

/// <summary>Tolerant looks into an object: what is absent, or of another type, reads as nothing.</summary>
internal static class JsonReading
{
    public static JsonObject? ObjectAt(this JsonNode? node, string name) => (node as JsonObject)?[name] as JsonObject;

    public static JsonArray? ListAt(this JsonNode? node, string name) => (node as JsonObject)?[name] as JsonArray;

    /// <summary>The objects of a list; none where there is no list.</summary>
    public static IEnumerable<JsonObject> ObjectsAt(this JsonNode? node, string name) =>
        node.ListAt(name)?.OfType<JsonObject>() ?? [];

    /// <summary>The strings of a list; none where there is no list.</summary>
    public static IEnumerable<string> TextsAt(this JsonNode? node, string name) =>
        node.ListAt(name)?.Select(item => item.AsText() ?? "") ?? [];

    public static string? AsText(this JsonNode? node) =>
        node is JsonValue value && value.TryGetValue<string>(out var text) ? text : null;

    /// <summary>The string at the name, or null.</summary>
    public static string? TextAt(this JsonNode? node, string name) => (node as JsonObject)?[name].AsText();

    /// <summary>The string at the end of a path of objects, or "".</summary>
    public static string TextIn(this JsonNode? node, params ReadOnlySpan<string> path)
    {
        foreach (var step in path)
        {
            node = (node as JsonObject)?[step];
        }

        return node.AsText() ?? "";
    }

    public static bool FlagAt(this JsonNode? node, string name) =>
        (node as JsonObject)?[name] is JsonValue value && value.TryGetValue<bool>(out var flag) && flag;

    public static long? NumberAt(this JsonNode? node, string name) => (node as JsonObject)?[name].AsNumber();

    /// <summary>A whole number, whichever width it was made with.</summary>
    public static long? AsNumber(this JsonNode? node)
    {
        if (node is not JsonValue value)
        {
            return null;
        }

        if (value.TryGetValue<long>(out var wide))
        {
            return wide;
        }

        return value.TryGetValue<int>(out var narrow) ? narrow : null;
    }

    /// <summary>The object at the name, made when it is absent.</summary>
    public static JsonObject Ensure(this JsonObject node, string name)
    {
        if (node[name] is not JsonObject inside)
        {
            inside = [];
            node[name] = inside;
        }

        return inside;
    }

    /// <summary>Equal as JSON; the order of keys does not count, null is equal to absent at the top.</summary>
    public static bool Same(JsonNode? left, JsonNode? right) => JsonNode.DeepEquals(left, right);
}
