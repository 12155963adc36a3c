using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Mainstay.ApiServer.Schema;

/// <summary>Values as Go's fmt prints them, because the texts of a real API server are made by it.</summary>
internal static class GoText
{
    /// <summary>JSON without needless escapes.</summary>
    public static JsonSerializerOptions Plain { get; } =
        new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>As %q: "a\"b\n".</summary>
    public static string Quote(string text)
    {
        var quoted = new StringBuilder(text.Length + 2).Append('"');
        foreach (var rune in text.EnumerateRunes())
        {
            quoted.Append(rune.Value switch
            {
                '"' => "\\\"",
                '\\' => @"\\",
                '\a' => "\\a",
                '\b' => "\\b",
                '\f' => "\\f",
                '\n' => "\\n",
                '\r' => "\\r",
                '\t' => "\\t",
                '\v' => "\\v",
                < ' ' or 0x7f => "\\x" + rune.Value.ToString("x2", CultureInfo.InvariantCulture),
                _ => rune.ToString(),
            });
        }

        return quoted.Append('"').ToString();
    }

    /// <summary>As %#v of a map: map[string]string{"a":"b"}; keys in order.</summary>
    public static Literal Map(JsonNode? map)
    {
        if (map is not JsonObject pairs)
        {
            return new Literal("map[string]string(nil)");
        }

        var inside = pairs.OrderBy(pair => pair.Key, StringComparer.Ordinal)
            .Select(pair => $"{Quote(pair.Key)}:{Quote(pair.Value?.ToString() ?? "")}");
        return new Literal($"map[string]string{{{string.Join(", ", inside)}}}");
    }

    /// <summary>As %#v of a label selector.</summary>
    public static Literal Selector(JsonNode? selector)
    {
        var terms = (selector?["matchExpressions"] as JsonArray)?.Select(term =>
            $"v1.LabelSelectorRequirement{{Key:{Quote(term?["key"]?.ToString() ?? "")}, " +
            $"Operator:{Quote(term?["operator"]?.ToString() ?? "")}, Values:{Texts(term?["values"])}}}");
        var expressions = terms is null
            ? "[]v1.LabelSelectorRequirement(nil)"
            : $"[]v1.LabelSelectorRequirement{{{string.Join(", ", terms)}}}";
        return new Literal(
            $"v1.LabelSelector{{MatchLabels:{Map(selector?["matchLabels"]).Text}, MatchExpressions:{expressions}}}");
    }

    private static string Texts(JsonNode? list) => list is JsonArray items
        ? $"[]string{{{string.Join(", ", items.Select(item => Quote(item?.ToString() ?? "")))}}}"
        : "[]string(nil)";
}
