using System.Text.Json.Nodes;
using Mainstay.ApiServer.Printing;
using Mainstay.ApiServer.Schema;
using Mainstay.ApiServer.Schema.Types;

namespace Mainstay.ApiServer.Registry;

/// <summary>v1 pods.</summary>
internal static class PodResource
{
    private static readonly FieldPath Spec = FieldPath.Root.Child("spec");

    public static readonly ResourceType Type = new()
    {
        Group = "",
        Version = "v1",
        Kind = "Pod",
        Plural = "pods",
        Singular = "pod",
        ShortNames = ["po"],
        Categories = ["all"],
        HasStatus = true,
        StoragePrefix = "/registry/pods/",
        Schema = PodTypes.Pod,
        Columns = PodPrinting.Columns,
        SelectableFields = Selectable.By("spec.nodeName", "spec.restartPolicy", "spec.schedulerName",
            "spec.serviceAccountName", "status.phase", "status.podIP", "status.nominatedNodeName")
            .And("status.podIPs", value => value.TextIn("status", "podIP"))
            .And("spec.hostNetwork", value => value["spec"].FlagAt("hostNetwork") ? "true" : "false"),
        Strategy = new ResourceStrategy
        {
            OnCreate = SetQuality,
            OnUpdate = KeepQuality,
            Validate = Check,
            ValidateStatus = CheckStatus,
        },
    };

    private static void SetQuality(JsonObject pod) => pod.Ensure("status")["qosClass"] = PodQuality.Of(pod["spec"]);

    private static void KeepQuality(JsonObject next, JsonObject old) =>
        next.Ensure("status")["qosClass"] ??= PodQuality.Of(old["spec"]);

    private static void Check(JsonObject next, JsonObject? old, FieldErrors errors)
    {
        if (old is not null)
        {
            PodUpdateRules.Check(next["spec"], old["spec"], Spec, errors);
        }
    }

    /// <summary>What has ended stays ended, unless the pod's restart policy starts it again.</summary>
    private static void CheckStatus(JsonObject next, JsonObject old, FieldErrors errors)
    {
        var policy = old.TextIn("spec", "restartPolicy");
        if (policy == "Always")
        {
            return;
        }

        var index = 0;
        foreach (var before in old["status"].ObjectsAt("containerStatuses"))
        {
            var ended = before["state"]?["terminated"];
            var mayRestart = policy == "OnFailure" && (ended.NumberAt("exitCode") ?? 0) != 0;
            var now = next["status"].ObjectsAt("containerStatuses")
                .FirstOrDefault(status => status.TextIn("name") == before.TextIn("name"));
            if (ended is not null && !mayRestart && now is not null && now["state"]?["terminated"] is null)
            {
                errors.Forbidden(FieldPath.Root.Child("status").Child("containerStatuses").Index(index).Child("state"),
                    "may not be transitioned to non-terminated state");
            }

            index++;
        }
    }
}
