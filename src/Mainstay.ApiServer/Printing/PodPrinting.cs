using System.Text.Json.Nodes;
using Mainstay.ApiServer.Registry;
using Mainstay.ApiServer.Schema;

namespace Mainstay.ApiServer.Printing;

/// <summary>What <c>kubectl get pods</c> says of a pod. Pure.</summary>
internal static class PodPrinting
{
    /// <summary>Marks the rows of pods that have ended, so that tools can leave them out.</summary>
    public static JsonArray? RowConditions(ResourceType type, JsonObject value)
    {
        var phase = type.Kind == "Pod" ? value.TextIn("status", "phase") : "";
        if (phase is not ("Succeeded" or "Failed"))
        {
            return null;
        }

        JsonNode condition = new JsonObject
        {
            ["type"] = "Completed",
            ["status"] = "True",
            ["reason"] = phase,
            ["message"] = phase == "Succeeded"
                ? "The pod has completed successfully."
                : "The pod failed.",
        };
        return [condition];
    }
}
