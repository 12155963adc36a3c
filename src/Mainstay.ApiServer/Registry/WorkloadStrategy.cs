using System.Text.Json.Nodes;
using Mainstay.ApiServer.Schema;

namespace Mainstay.ApiServer.Registry;

/// <summary>
/// What deployments, replica sets and daemon sets have in common: a generation, and a selector that stays.
/// </summary>
internal static class WorkloadStrategy
{
    public static ResourceStrategy Create() => new() { HasGeneration = true, Validate = CheckSelectorKept };

    private static void CheckSelectorKept(JsonObject next, JsonObject? old, FieldErrors errors)
    {
        if (old is null)
        {
            return;
        }

        var selector = next["spec"]?["selector"];
        if (!JsonReading.Same(selector, old["spec"]?["selector"]))
        {
            var path = FieldPath.Root.Child("spec").Child("selector");
            errors.Invalid(path, GoText.Selector(selector), Schema.Immutable.Fault);
        }
    }
}
