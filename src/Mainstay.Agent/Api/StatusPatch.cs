using System.Text.Json.Nodes;
using k8s;
using k8s.Models;
using Mainstay.Agent.Pods;

namespace Mainstay.Agent.Api;

/// <summary>
/// The strategic merge patch that makes a pod's status in the API the one that the agent has. Fields that are gone
/// are set to null, because a merge keeps what it is not told of; conditions of others are not named, so they stay,
/// but for the gate that this node opened itself.
/// </summary>
internal static class StatusPatch
{
    private static readonly string[] Own = ["PodScheduled", "Initialized", "ContainersReady", "Ready"];

    /// <param name="uid">of the object that is meant: another pod of that name is a conflict, not a victim</param>
    /// <param name="known">the status that the API server has, as last heard</param>
    public static JsonObject Build(string uid, V1PodStatus status, V1PodStatus? known)
    {
        var body = ToJson(status);
        foreach (var field in new[] { "reason", "message" })
        {
            if (!body.ContainsKey(field) && (field == "reason" ? known?.Reason : known?.Message) is not null)
            {
                body[field] = null;
            }
        }

        var conditions = new JsonArray();
        foreach (var condition in (status.Conditions ?? []).Where(condition => Own.Contains(condition.Type)
            || (RoutedGate.IsUnproven(condition) && RoutedGate.Of(known)?.Status != "True")))
        {
            var before = known?.Conditions?.FirstOrDefault(old => old.Type == condition.Type);
            var json = ToJson(condition);
            ClearIfGone(json, "reason", before?.Reason);
            ClearIfGone(json, "message", before?.Message);
            conditions.Add(json);
        }

        body["conditions"] = conditions;
        body.Remove("qosClass");
        return new JsonObject
        {
            ["metadata"] = new JsonObject { ["uid"] = uid },
            ["status"] = body,
        };
    }

    /// <summary>Somebody else, such as a controller that took this node for lost, has written over our word.</summary>
    public static bool IsContradicted(V1PodStatus status, V1PodStatus? known) =>
        PodStatusBuilder.IsReady(status) != PodStatusBuilder.IsReady(known ?? new V1PodStatus())
        || status.Phase != known?.Phase;

    private static void ClearIfGone(JsonObject json, string field, string? before)
    {
        if (!json.ContainsKey(field) && before is not null)
        {
            json[field] = null;
        }
    }

    private static JsonObject ToJson(object value) =>
        JsonNode.Parse(KubernetesJson.Serialize(value)) as JsonObject ?? new JsonObject();
}
