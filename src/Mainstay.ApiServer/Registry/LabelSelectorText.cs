using System.Text.Json.Nodes;
using Mainstay.ApiServer.Schema;

namespace Mainstay.ApiServer.Registry;

/// <summary>A LabelSelector object as the text of a selector: <c>app=web,tier in (a,b)</c>.</summary>
internal static class LabelSelectorText
{
    public static string Of(JsonNode? selector)
    {
        var terms = new List<(string Key, string Text)>();
        foreach (var (key, value) in selector.ObjectAt("matchLabels") ?? [])
        {
            terms.Add((key, $"{key}={value.AsText()}"));
        }

        foreach (var term in selector.ObjectsAt("matchExpressions"))
        {
            var key = term.TextIn("key");
            var values = string.Join(",", term.TextsAt("values").Order(StringComparer.Ordinal));
            terms.Add((key, term.TextIn("operator") switch
            {
                "In" => $"{key} in ({values})",
                "NotIn" => $"{key} notin ({values})",
                "Exists" => key,
                _ => "!" + key,
            }));
        }

        return string.Join(",", terms.OrderBy(term => term.Key, StringComparer.Ordinal).Select(term => term.Text));
    }
}
