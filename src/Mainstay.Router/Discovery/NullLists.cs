using System.Collections.Immutable;
using System.Text.Json;

namespace Mainstay.Router.Discovery;

/// <summary>
/// Finds null where a discovery object has a list. It means the same as an empty list here; a reader that is strict
/// fails on it, with all that it lists beside.
/// </summary>
internal static class NullLists
{
    private static readonly ImmutableArray<string> Lists = ["endpoints", "ports", "subsets"];

    /// <returns>the path of the first, such as <c>spec.ports</c>; empty where there is none</returns>
    public static string FirstIn(JsonElement kubeObject)
    {
        if (Lists.FirstOrDefault(name => IsNull(kubeObject, name)) is { } own)
        {
            return own;
        }

        return kubeObject.ValueKind == JsonValueKind.Object && kubeObject.TryGetProperty("spec", out var spec)
            && Lists.FirstOrDefault(name => IsNull(spec, name)) is { } inSpec
            ? $"spec.{inSpec}"
            : "";
    }

    private static bool IsNull(JsonElement element, string name) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out var field)
        && field.ValueKind == JsonValueKind.Null;
}
