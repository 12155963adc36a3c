using System.Text.Json.Nodes;
using Mainstay.ApiServer.Schema;

namespace Mainstay.ApiServer.Patch;

/// <summary>
/// The lists of a strategic merge patch. <c>[b, c]</c> merged into <c>[a, b]</c> gives <c>[a, b, c]</c>; items that
/// only the server has keep their place before what they stood before. Pure.
/// </summary>
internal static class ListMerge
{
    /// <param name="order">the value of $setElementOrder, where the patch has one</param>
    public static JsonArray Apply(Field field, JsonArray old, JsonArray patch, JsonArray? order)
    {
        if (field.MergeKey is not { } key)
        {
            var union = old.Concat(patch).Select(item => item?.DeepClone()).ToList();
            var distinct = union.Where((item, at) => union.FindIndex(other => JsonReading.Same(other, item)) == at);
            return Arrange(null, [.. distinct], order ?? patch, old);
        }

        var changes = patch.Select(item => Demand(item, key)).ToList();
        CheckOrder(changes, order, key);
        var items = changes.Any(change => change.TextAt(StrategicMergePatch.Directive) == "replace")
            ? []
            : old.Select(item => Demand(item, key)).ToList();
        var kept = new JsonArray([.. items.Select(item => item.DeepClone())]);
        MergeItems(field, items, changes);
        return Arrange(key, [.. items.Select(item => item.DeepClone())], order ?? patch, kept);
    }

    /// <summary>An unchanged list in a new order.</summary>
    public static JsonArray Order(Field? field, JsonArray items, JsonArray? order)
    {
        var clones = items.Select(item => item?.DeepClone()).ToList();
        return order is null || field is null
            ? new JsonArray([.. clones])
            : Arrange(field.MergeKey, clones, order, items);
    }

    private static void MergeItems(Field field, List<JsonObject> items, List<JsonObject> changes)
    {
        // deletions first: an item may be deleted and set anew in one patch
        foreach (var change in changes.Where(change => change.TextAt(StrategicMergePatch.Directive) == "delete"))
        {
            items.RemoveAll(item => SameKey(item, change, field.MergeKey));
        }

        foreach (var change in changes)
        {
            if (change.TryGetPropertyValue(StrategicMergePatch.Directive, out var directive))
            {
                if (directive.AsText() is not ("delete" or "replace"))
                {
                    throw new PatchException(PatchFaultKind.BadRequest,
                        $"unknown patch type: {directive?.ToJsonString()}");
                }

                continue;
            }

            var at = items.FindIndex(item => SameKey(item, change, field.MergeKey));
            if (at < 0)
            {
                items.Add(StrategicMergePatch.MergeMap(field.Object, [], change));
            }
            else
            {
                items[at] = StrategicMergePatch.MergeMap(field.Object, items[at].DeepClone().AsObject(), change);
            }
        }
    }

    /// <summary>
    /// Items that <paramref name="order"/> names come in its order; the others stay in the order of <paramref
    /// name="old"/>, each before the first named item that it stood before.
    /// </summary>
    private static JsonArray Arrange(string? key, List<JsonNode?> items, JsonArray order, JsonArray old)
    {
        var named = items.Where(item => IndexIn(order, item, key) >= 0)
            .OrderBy(item => IndexIn(order, item, key)).ToList();
        var others = items.Where(item => IndexIn(order, item, key) < 0)
            .OrderBy(item => IndexIn(old, item, key)).ToList();

        var result = new JsonArray();
        var (left, right) = (0, 0);
        while (left < others.Count || right < named.Count)
        {
            var takesOther = right == named.Count
                || (left < others.Count && StoodBefore(others[left], named[right], old, key));
            result.Add(takesOther ? others[left++] : named[right++]);
        }

        return result;
    }

    private static bool StoodBefore(JsonNode? other, JsonNode? named, JsonArray old, string? key)
    {
        var (first, second) = (IndexIn(old, other, key), IndexIn(old, named, key));
        return first >= 0 && second >= 0 && first < second;
    }

    private static int IndexIn(JsonArray list, JsonNode? item, string? key)
    {
        for (var index = 0; index < list.Count; index++)
        {
            if (key is null ? JsonReading.Same(list[index], item) : SameKey(list[index], item, key))
            {
                return index;
            }
        }

        return -1;
    }

    private static bool SameKey(JsonNode? left, JsonNode? right, string? key) =>
        key is not null && left is JsonObject && right is JsonObject && JsonReading.Same(left[key], right[key]);

    /// <summary>The changes must come in the order that $setElementOrder asks for.</summary>
    private static void CheckOrder(List<JsonObject> changes, JsonArray? order, string key)
    {
        if (order is null || order.Count == 0)
        {
            return;
        }

        var last = -1;
        foreach (var change in changes.Where(change => !change.ContainsKey(StrategicMergePatch.Directive)))
        {
            var at = IndexIn(order, change, key);
            if (at < last || at < 0)
            {
                throw new PatchException(PatchFaultKind.BadRequest,
                    $"The order in patch list doesn't match $setElementOrder list: {order.ToJsonString(GoText.Plain)}");
            }

            last = at;
        }
    }

    private static JsonObject Demand(JsonNode? item, string key)
    {
        if (item is JsonObject map && (map.ContainsKey(key) || map.TextAt(StrategicMergePatch.Directive) == "replace"))
        {
            return map;
        }

        throw new PatchException(PatchFaultKind.BadRequest,
            $"map: {item?.ToJsonString(GoText.Plain) ?? "null"} does not contain declared merge key: {key}");
    }
}
