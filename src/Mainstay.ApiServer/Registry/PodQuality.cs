using System.Text.Json.Nodes;
using Mainstay.ApiServer.Schema;

namespace Mainstay.ApiServer.Registry;

/// <summary>The class of service that a pod's limits and requests make. Pure.</summary>
internal static class PodQuality
{
    private static readonly string[] Counted = ["cpu", "memory"];

    public static string Of(JsonNode? spec)
    {
        var resources = spec.ObjectsAt("containers").Concat(spec.ObjectsAt("initContainers"))
            .Select(container => container["resources"]).ToList();
        if (resources.All(one => Counted.All(name => !Has(one, "limits", name) && !Has(one, "requests", name))))
        {
            return "BestEffort";
        }

        return resources.All(one => Counted.All(name => IsPinned(one, name))) ? "Guaranteed" : "Burstable";
    }

    private static bool IsPinned(JsonNode? resources, string name) =>
        Has(resources, "limits", name)
        && (!Has(resources, "requests", name)
            || JsonReading.Same(resources?["limits"]?[name], resources?["requests"]?[name]));

    private static bool Has(JsonNode? resources, string list, string name) =>
        resources?[list]?[name].AsText() is { } text
        && ResourceQuantity.TryParse(text, out var amount) && amount.Sign > 0;
}
