using System.Text;
using System.Text.Json.Nodes;

namespace Mainstay.Kube;

/// <summary>
/// One text for one meaning of a JSON value, to compare and to hash: keys in order; absent, null and empty lists alike.
/// Clients write the same object in many ways: <c>kubectl apply</c> as the file has it, <c>kubectl rollout undo</c> in
/// the order of Go's types. Not meant to be read as JSON again. Pure.
/// </summary>
public static class CanonicalJson
{
    public static string Text(JsonNode? node)
    {
        var text = new StringBuilder();
        Append(text, node);
        return text.ToString();
    }

    private static void Append(StringBuilder text, JsonNode? node)
    {
        switch (node)
        {
            case JsonObject fields:
                text.Append('{');
                foreach (var (name, value) in fields.OrderBy(field => field.Key, StringComparer.Ordinal))
                {
                    if (!IsEmpty(value))
                    {
                        text.Append(JsonValue.Create(name).ToJsonString()).Append(':');
                        Append(text, value);
                        text.Append(',');
                    }
                }

                text.Append('}');
                break;
            case JsonArray items:
                text.Append('[');
                foreach (var item in items)
                {
                    Append(text, item);
                    text.Append(',');
                }

                text.Append(']');
                break;
            default:
                text.Append(node?.ToJsonString() ?? "null");
                break;
        }
    }

    private static bool IsEmpty(JsonNode? node) => node switch
    {
        null => true,
        JsonArray items => items.Count == 0,
        // An empty object can say something: `emptyDir: {}`.
        _ => false,
    };
}
