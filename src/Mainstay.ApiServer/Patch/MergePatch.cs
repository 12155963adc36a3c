using System.Text.Json.Nodes;

namespace Mainstay.ApiServer.Patch;

/// <summary>
/// RFC 7386. <c>{"a":{"b":null,"c":[1]}}</c> on <c>{"a":{"b":1,"c":[2,3]}}</c> gives <c>{"a":{"c":[1]}}</c>. Pure.
/// </summary>
internal static class MergePatch
{
    public static JsonObject Apply(JsonObject current, JsonObject patch)
    {
        var result = current.DeepClone().AsObject();
        MergeInto(result, patch);
        return result;
    }

    private static void MergeInto(JsonObject target, JsonObject patch)
    {
        foreach (var (key, change) in patch)
        {
            switch (change)
            {
                case null:
                    target.Remove(key);
                    break;
                case JsonObject inside:
                    if (target[key] is not JsonObject next)
                    {
                        next = [];
                        target[key] = next;
                    }

                    MergeInto(next, inside);
                    break;
                default:
                    target[key] = change.DeepClone();
                    break;
            }
        }
    }
}
