using System.Text.Json;
using System.Text.Json.Nodes;

namespace Mainstay.ApiServer.Patch;

/// <summary>
/// Nodes built eagerly from parsed JSON. A lazily parsed JsonObject throws on a duplicate key when it is first looked
/// into; here the last one wins, as in Go.
/// </summary>
internal static class PlainNode
{
    public static JsonNode? Of(JsonElement element)
    {
        switch (element.ValueKind)
        {
            case JsonValueKind.Object:
                var result = new JsonObject();
                foreach (var property in element.EnumerateObject())
                {
                    result[property.Name] = Of(property.Value);
                }

                return result;
            case JsonValueKind.Array:
                var list = new JsonArray();
                foreach (var item in element.EnumerateArray())
                {
                    list.Add(Of(item));
                }

                return list;
            case JsonValueKind.String:
                return JsonValue.Create(element.GetString());
            case JsonValueKind.Number when element.TryGetInt64(out var number):
                return JsonValue.Create(number);
            case JsonValueKind.Null:
                return null;
            default:
                return JsonValue.Create(element.Clone());
        }
    }
}
