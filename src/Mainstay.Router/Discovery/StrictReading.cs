using System.Collections.Immutable;
using System.Text.Json;
using Mainstay.Kube;

namespace Mainstay.Router.Discovery;

/// <summary>
/// Reading as it was in 2017, for drills (<c>--without tolerance</c>): null is no list, and with
/// <see cref="ReflectorOptions.IsStrict"/> one object that cannot be read fails all.
/// </summary>
internal static class StrictReading
{
    private static readonly ImmutableArray<string> Lists = ["endpoints", "ports", "subsets"];

    public static ObjectReader<T> Of<T>(ObjectReader<T> read) => kubeObject =>
    {
        RefuseNull(kubeObject);
        if (kubeObject.Field("spec") is { } spec)
        {
            RefuseNull(spec);
        }

        return read(kubeObject);
    };

    private static void RefuseNull(JsonElement element)
    {
        foreach (var name in Lists)
        {
            if (element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out var field)
                && field.ValueKind == JsonValueKind.Null)
            {
                throw new MalformedObjectException($"{name}: a list is expected, null is there");
            }
        }
    }
}
