using System.Text.Json.Nodes;
using Mainstay.ApiServer.Schema;

namespace Mainstay.ApiServer.Patch;

/// <summary>
/// Kubernetes' own merge: as RFC 7386, but lists that have a merge key in the schema table are merged item by item.
/// <c>{"containers":[{"name":"a","image":"x:2"}]}</c> changes the image of a and leaves b alone. Directives, in the
/// patch:
/// <c>$patch: replace|delete</c>, <c>$retainKeys</c>, <c>$setElementOrder/LIST</c>,
/// <c>$deleteFromPrimitiveList/LIST</c>. Pure.
/// </summary>
internal static class StrategicMergePatch
{
    internal const string Directive = "$patch";
    internal const string OrderPrefix = "$setElementOrder/";
    internal const string DeletePrefix = "$deleteFromPrimitiveList/";
    private const string RetainKeys = "$retainKeys";

    public static JsonObject Apply(ObjectSchema schema, JsonObject current, JsonObject patch) =>
        MergeMap(schema, current.DeepClone().AsObject(), patch);

    /// <summary>Merges into the target and gives it back; or, where a directive says so, something else.</summary>
    /// <param name="schema">null inside maps and free objects, where nothing has a merge key</param>
    internal static JsonObject MergeMap(ObjectSchema? schema, JsonObject target, JsonObject patch)
    {
        if (patch.TryGetPropertyValue(Directive, out var directive))
        {
            return ApplyDirective(directive, patch);
        }

        ApplyRetainKeys(target, patch);
        foreach (var key in patch.Select(pair => pair.Key).ToList())
        {
            MergeKey(schema, target, patch, key);
        }

        return target;
    }

    private static void MergeKey(ObjectSchema? schema, JsonObject target, JsonObject patch, string key)
    {
        var change = patch[key];
        if (key == RetainKeys)
        {
            return;
        }

        if (key.StartsWith(DeletePrefix, StringComparison.Ordinal))
        {
            DeleteFromSet(target, key[DeletePrefix.Length..], change);
            return;
        }

        if (key.StartsWith(OrderPrefix, StringComparison.Ordinal))
        {
            // with a change of the same list the two are handled together, when the list's own key comes
            var list = key[OrderPrefix.Length..];
            if (!patch.ContainsKey(list) && target[list] is JsonArray unchanged)
            {
                target[list] = ListMerge.Order(schema?.Find(list), unchanged, OrderOf(patch, list));
            }

            return;
        }

        if (change is null)
        {
            target.Remove(key);
            return;
        }

        target[key] = Merge(schema?.Find(key), target[key], change, OrderOf(patch, key));
    }

    private static JsonNode Merge(Field? field, JsonNode? old, JsonNode change, JsonArray? order)
    {
        switch (change)
        {
            case JsonObject map:
                // what is new is taken as it is, without its directives
                return MergeMap(field?.Object, Detached(old as JsonObject), map);
            case JsonArray list when field is { MergeKey: not null } or { IsMergedSet: true }:
                return ListMerge.Apply(field, Detached(old as JsonArray), list, order);
            default:
                return change.DeepClone();
        }
    }

    private static JsonArray? OrderOf(JsonObject patch, string list)
    {
        if (!patch.TryGetPropertyValue(OrderPrefix + list, out var order))
        {
            return null;
        }

        return order as JsonArray ?? throw new PatchException(PatchFaultKind.BadRequest,
            "invalid patch format of setElementOrder list");
    }

    private static JsonObject ApplyDirective(JsonNode? directive, JsonObject patch)
    {
        switch (directive.AsText())
        {
            case "delete":
                return [];
            case "replace":
                var whole = patch.DeepClone().AsObject();
                whole.Remove(Directive);
                return whole;
            case "merge":
                throw new PatchException(PatchFaultKind.BadRequest,
                    "merging lists cannot yet be specified in the patch");
            default:
                throw new PatchException(PatchFaultKind.BadRequest, $"unknown patch type: {directive?.ToJsonString()}");
        }
    }

    private static void ApplyRetainKeys(JsonObject target, JsonObject patch)
    {
        if (!patch.TryGetPropertyValue(RetainKeys, out var directive))
        {
            return;
        }

        var kept = (directive as JsonArray)?.Select(key => key.AsText() ?? "").ToHashSet(StringComparer.Ordinal);
        var set = patch.Where(pair => pair.Value is not null && !pair.Key.StartsWith('$')).Select(pair => pair.Key);
        if (kept is null || !set.All(kept.Contains))
        {
            throw new PatchException(PatchFaultKind.BadRequest, "invalid patch format of retainKeys");
        }

        foreach (var key in target.Select(pair => pair.Key).Where(key => !kept.Contains(key)).ToList())
        {
            target.Remove(key);
        }
    }

    private static void DeleteFromSet(JsonObject target, string list, JsonNode? deleted)
    {
        if (deleted is not JsonArray gone)
        {
            throw new PatchException(PatchFaultKind.BadRequest, "invalid patch format of primitive list");
        }

        if (target[list] is JsonArray items)
        {
            var kept = items.Where(item => !gone.Any(value => JsonReading.Same(value, item))).ToList();
            target[list] = new JsonArray([.. kept.Select(item => item?.DeepClone())]);
        }
    }

    private static JsonObject Detached(JsonObject? node) => node?.DeepClone().AsObject() ?? [];

    private static JsonArray Detached(JsonArray? node) => node?.DeepClone().AsArray() ?? [];
}
