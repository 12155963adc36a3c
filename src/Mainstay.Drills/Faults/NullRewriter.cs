using System.Text.Json;
using System.Text.Json.Nodes;

namespace Mainstay.Drills.Faults;

/// <summary>
/// Makes <c>null</c> of what is empty in the discovery objects of one Service, as an API server of 2017 did in lists:
/// <code>
///     {"kind":"EndpointSlice",...,"endpoints":[],"ports":[]}   ->   {...,"endpoints":null,"ports":null}
///     {"kind":"Endpoints","metadata":{...}}                    ->   {...,"subsets":null}
/// </code>
/// What has endpoints, and what is of another Service, stays as it is.
/// </summary>
internal static class NullRewriter
{
    private const string ServiceLabel = "kubernetes.io/service-name";

    /// <param name="json">a list, or one line of a watch</param>
    /// <returns>null where nothing is to be changed: the bytes are then passed as they came</returns>
    public static byte[]? Rewrite(ReadOnlyMemory<byte> json, ApiEffect.NullWhenEmpty target, string resource)
    {
        if (Parse(json) is not JsonObject root)
        {
            return null;
        }

        var changed = false;
        if (root["items"] is JsonArray items)
        {
            foreach (var item in items.OfType<JsonObject>())
            {
                changed |= Empty(item, target, resource);
            }
        }
        else if (root["object"] is JsonObject inEvent)
        {
            changed = Empty(inEvent, target, resource);
        }

        return changed ? JsonSerializer.SerializeToUtf8Bytes(root) : null;
    }

    private static bool Empty(JsonObject item, ApiEffect.NullWhenEmpty target, string resource)
    {
        var metadata = item["metadata"] as JsonObject;
        var owner = resource == "endpointslices"
            ? metadata?["labels"]?[ServiceLabel]?.ToString()
            : metadata?["name"]?.ToString();
        var isTarget = owner == target.Service && metadata?["namespace"]?.ToString() == target.Namespace;
        if (!isTarget || item["subsets"] is JsonArray { Count: > 0 } || item["endpoints"] is JsonArray { Count: > 0 })
        {
            return false;
        }

        if (resource == "endpointslices")
        {
            item["endpoints"] = null;
            item["ports"] = null;
        }
        else
        {
            item["subsets"] = null;
        }

        return true;
    }

    private static JsonNode? Parse(ReadOnlyMemory<byte> json)
    {
        try
        {
            return JsonNode.Parse(json.Span);
        }
        catch (JsonException)
        {
            return null; // not ours to judge: it is passed on as it came
        }
    }
}
