using System.Text.Json.Nodes;
using Mainstay.ApiServer.Schema;

namespace Mainstay.ApiServer.Registry;

/// <summary>What of a pod may change once it exists: images, a shorter deadline, more tolerations. Pure.</summary>
internal static class PodUpdateRules
{
    private const string Fault =
        "pod updates may not change fields other than `spec.containers[*].image`, `spec.initContainers[*].image`, " +
        "`spec.activeDeadlineSeconds` or `spec.tolerations` (only additions to existing tolerations)";

    public static void Check(JsonNode? next, JsonNode? old, FieldPath path, FieldErrors errors)
    {
        foreach (var list in (ReadOnlySpan<string>)["containers", "initContainers"])
        {
            if ((next.ListAt(list)?.Count ?? 0) != (old.ListAt(list)?.Count ?? 0))
            {
                errors.Forbidden(path.Child(list), "pod updates may not add or remove containers");
                return;
            }
        }

        CheckDeadline(next, old, path.Child("activeDeadlineSeconds"), errors);
        CheckTolerations(next, old, path.Child("tolerations"), errors);
        var changed = Differences(Fixed(next), Fixed(old));
        if (changed.Count > 0)
        {
            errors.Forbidden(path, $"{Fault}; changed: {string.Join(", ", changed)}");
        }
    }

    private static void CheckDeadline(JsonNode? next, JsonNode? old, FieldPath path, FieldErrors errors)
    {
        var (now, then) = (next.NumberAt("activeDeadlineSeconds"), old.NumberAt("activeDeadlineSeconds"));
        if (then is null)
        {
            return;
        }

        if (now is null)
        {
            errors.Invalid(path, null, "must not update from a positive integer to nil value");
        }
        else if (now > then)
        {
            errors.Invalid(path, now, "must be less than or equal to previous value");
        }
    }

    private static void CheckTolerations(JsonNode? next, JsonNode? old, FieldPath path, FieldErrors errors)
    {
        var now = next.ObjectsAt("tolerations").ToList();
        if (old.ObjectsAt("tolerations").Any(before => !now.Exists(one => JsonReading.Same(one, before))))
        {
            errors.Forbidden(path, "existing toleration can not be modified except its tolerationSeconds");
        }
    }

    /// <summary>The spec without what may change.</summary>
    private static JsonObject Fixed(JsonNode? spec)
    {
        var copy = spec?.DeepClone().AsObject() ?? [];
        copy.Remove("activeDeadlineSeconds");
        copy.Remove("tolerations");
        foreach (var container in copy.ObjectsAt("containers").Concat(copy.ObjectsAt("initContainers")))
        {
            container.Remove("image");
        }

        return copy;
    }

    private static List<string> Differences(JsonObject next, JsonObject old) =>
        [.. next.Select(pair => pair.Key).Union(old.Select(pair => pair.Key))
            .Where(name => !JsonReading.Same(next[name], old[name]))
            .Select(name => "spec." + name).Order(StringComparer.Ordinal)];
}
