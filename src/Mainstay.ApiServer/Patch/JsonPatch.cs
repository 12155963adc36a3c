using System.Text.Json;
using System.Text.Json.Nodes;
using Mainstay.ApiServer.Schema;

namespace Mainstay.ApiServer.Patch;

/// <summary>
/// RFC 6902. <c>[{"op":"replace","path":"/spec/replicas","value":2}]</c>; all operations apply, or none. Pure.
/// </summary>
internal static class JsonPatch
{
    public static JsonObject Apply(JsonObject current, JsonNode? patch)
    {
        if (patch is not JsonArray operations)
        {
            throw new PatchException(PatchFaultKind.BadRequest,
                "json: cannot unmarshal object into Go value of type jsonpatch.Patch");
        }

        if (operations.Count > SchemaLimits.JsonPatchOperationsMax)
        {
            throw new PatchException(PatchFaultKind.TooLarge, "The allowed maximum operations in a JSON patch is " +
                $"{SchemaLimits.JsonPatchOperationsMax}, got {operations.Count}");
        }

        var result = current.DeepClone().AsObject();
        foreach (var operation in operations)
        {
            if (operation is not JsonObject step)
            {
                throw new PatchException(PatchFaultKind.BadRequest, "an operation of a JSON patch must be an object");
            }

            ApplyStep(result, step);
        }

        return result;
    }

    private static void ApplyStep(JsonObject document, JsonObject step)
    {
        var name = step.TextAt("op") ?? "unknown";
        switch (name)
        {
            case "add":
                Add(document, PlaceOf(step, "path", name), ValueOf(step, name), name);
                break;
            case "remove":
                Take(document, PlaceOf(step, "path", name), name);
                break;
            case "replace":
                Replace(document, PlaceOf(step, "path", name), ValueOf(step, name));
                break;
            case "move":
                Move(document, PlaceOf(step, "from", name), PlaceOf(step, "path", name));
                break;
            case "copy":
                var copied = Get(document, PlaceOf(step, "from", name), name);
                Add(document, PlaceOf(step, "path", name), copied?.DeepClone(), name);
                break;
            case "test":
                Test(document, PlaceOf(step, "path", name), ValueOf(step, name));
                break;
            default:
                throw new PatchException(PatchFaultKind.DoesNotApply, $"Unexpected kind: {name}");
        }
    }

    private static void Replace(JsonObject document, JsonPointer place, JsonNode? value)
    {
        var (container, key) = Locate(document, place, "replace");
        if (container is JsonObject map)
        {
            if (!map.ContainsKey(key))
            {
                throw Misses($"replace operation does not apply: doc is missing key: {place}: missing value");
            }

            map[key] = value;
            return;
        }

        var list = container.AsArray();
        list[IndexOf(list, key, list.Count - 1)] = value;
    }

    private static void Move(JsonObject document, JsonPointer from, JsonPointer to)
    {
        if (from.Contains(to) && from.Steps.Length < to.Steps.Length)
        {
            throw Misses($"move operation does not apply: {to} is inside of {from}");
        }

        Add(document, to, Take(document, from, "move"), "move");
    }

    private static void Test(JsonObject document, JsonPointer place, JsonNode? value)
    {
        if (!JsonReading.Same(Get(document, place, "test"), value))
        {
            throw Misses($"testing value {place} failed: test failed");
        }
    }

    private static void Add(JsonObject document, JsonPointer place, JsonNode? value, string name)
    {
        var (container, key) = Locate(document, place, name);
        if (container is JsonObject map)
        {
            map[key] = value;
            return;
        }

        var list = container.AsArray();
        list.Insert(key == "-" ? list.Count : IndexOf(list, key, list.Count), value);
    }

    private static JsonNode? Take(JsonObject document, JsonPointer place, string name)
    {
        var (container, key) = Locate(document, place, name);
        if (container is JsonObject map)
        {
            if (!map.TryGetPropertyValue(key, out var value))
            {
                throw Misses(
                    $"error in {name} for path: '{place}': Unable to remove nonexistent key: {key}: missing value");
            }

            map.Remove(key);
            return value;
        }

        var list = container.AsArray();
        var index = IndexOf(list, key, list.Count - 1);
        var item = list[index];
        list.RemoveAt(index);
        return item;
    }

    private static JsonNode? Get(JsonObject document, JsonPointer place, string name)
    {
        var (container, key) = Locate(document, place, name);
        if (container is JsonArray list)
        {
            return list[IndexOf(list, key, list.Count - 1)];
        }

        return container.AsObject().TryGetPropertyValue(key, out var value)
            ? value
            : throw Misses(name == "test"
                ? $"testing value {place} failed: test failed"
                : $"{name} operation does not apply: doc is missing from path: {place}: missing value");
    }

    /// <summary>What holds the place, and the place's last step.</summary>
    private static (JsonNode Container, string Key) Locate(JsonObject document, JsonPointer place, string name)
    {
        JsonNode? container = document;
        foreach (var step in place.Steps.SkipLast(1))
        {
            container = container switch
            {
                JsonObject map => map[step],
                JsonArray list when JsonPointer.TryIndex(step, out var index) && index < list.Count => list[index],
                _ => null,
            };
        }

        return place.Steps.Length > 0 && container is JsonObject or JsonArray
            ? (container, place.Steps[^1])
            : throw Misses($"{name} operation does not apply: doc is missing path: \"{place}\": missing value");
    }

    private static int IndexOf(JsonArray list, string key, int indexMax)
    {
        if (!JsonPointer.TryIndex(key, out var index))
        {
            throw Misses($"value was not a proper array index: '{key}'");
        }

        return index <= indexMax && indexMax <= list.Count
            ? index
            : throw Misses($"Unable to access invalid index: {index}: invalid index referenced");
    }

    private static JsonPointer PlaceOf(JsonObject step, string member, string name)
    {
        return JsonPointer.TryParse(step.TextAt(member) ?? "?", out var pointer)
            ? pointer
            : throw Misses($"{name} operation failed to decode {member}: missing value");
    }

    private static JsonNode? ValueOf(JsonObject step, string name) => step.TryGetPropertyValue("value", out var value)
        ? value?.DeepClone()
        : throw Misses($"{name} operation has no value");

    private static PatchException Misses(string message) => new(PatchFaultKind.DoesNotApply, message);
}
