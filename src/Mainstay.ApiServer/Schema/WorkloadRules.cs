using System.Text.Json.Nodes;

namespace Mainstay.ApiServer.Schema;

/// <summary>What holds between the fields of deployments, replica sets and daemon sets. Pure.</summary>
internal static class WorkloadRules
{
    /// <summary>Selector and template fit together, and the template is one that can be kept running.</summary>
    /// <param name="kind">"ReplicaSet", "DaemonSet": as messages name it</param>
    /// <param name="word">"deployment", "daemonset": as messages name it</param>
    public static void Check(string kind, string word, (JsonObject Spec, FieldPath Path) at, FieldErrors errors)
    {
        var (spec, path) = at;
        var selector = spec["selector"];
        var template = path.Child("template");
        if (selector is JsonObject && LabelRules.IsEmptySelector(selector))
        {
            errors.Invalid(path.Child("selector"), GoText.Selector(selector), $"empty selector is invalid for {word}");
        }

        var labels = spec["template"]?["metadata"]?["labels"];
        if (!LabelRules.Matches(selector, labels))
        {
            errors.Invalid(template.Child("metadata").Child("labels"), GoText.Map(labels),
                "`selector` does not match template `labels`");
        }

        var pod = spec["template"]?["spec"];
        if (pod.TextIn("restartPolicy") is { Length: > 0 } policy and not "Always")
        {
            errors.NotSupported(template.Child("spec").Child("restartPolicy"), policy, ["Always"]);
        }

        if (pod?["activeDeadlineSeconds"] is not null)
        {
            errors.Forbidden(template.Child("spec").Child("activeDeadlineSeconds"),
                $"activeDeadlineSeconds in {kind} is not Supported");
        }
    }

    public static void CheckDeadline(JsonObject spec, FieldPath path, FieldErrors errors)
    {
        var ready = spec.NumberAt("minReadySeconds") ?? 0;
        if (spec.NumberAt("progressDeadlineSeconds") is { } deadline && deadline <= ready)
        {
            errors.Invalid(path.Child("progressDeadlineSeconds"), deadline, "must be greater than minReadySeconds");
        }
    }

    public static void CheckDeploymentStrategy(JsonObject strategy, FieldPath path, FieldErrors errors)
    {
        var type = strategy.TextIn("type");
        if (type == "Recreate" && strategy["rollingUpdate"] is not null)
        {
            errors.Forbidden(path.Child("rollingUpdate"), "may not be specified when strategy `type` is 'Recreate'");
        }
        else if (type is not ("Recreate" or "RollingUpdate"))
        {
            errors.NotSupported(path, strategy, ["Recreate", "RollingUpdate"]);
        }
    }

    public static void CheckDaemonSetStrategy(JsonObject strategy, FieldPath path, FieldErrors errors)
    {
        if (strategy.TextIn("type") is not ("RollingUpdate" or "OnDelete"))
        {
            errors.NotSupported(path, strategy, ["RollingUpdate", "OnDelete"]);
        }
    }

    public static void CheckRollingDeployment(JsonObject rolling, FieldPath path, FieldErrors errors)
    {
        CheckRolling(rolling, "may not be 0 when `maxSurge` is 0", path, errors);
    }

    public static void CheckRollingDaemonSet(JsonObject rolling, FieldPath path, FieldErrors errors)
    {
        CheckRolling(rolling, "cannot be 0", path, errors);
    }

    public static void CheckDeploymentStatus(JsonObject status, FieldPath path, FieldErrors errors)
    {
        CheckCounts(status, ["updatedReplicas", "readyReplicas", "availableReplicas"], path, errors);
    }

    public static void CheckReplicaSetStatus(JsonObject status, FieldPath path, FieldErrors errors)
    {
        CheckCounts(status, ["fullyLabeledReplicas", "readyReplicas", "availableReplicas"], path, errors);
    }

    /// <summary>A rollout that may neither miss a pod nor run one more could never begin.</summary>
    private static void CheckRolling(JsonObject rolling, string fault, FieldPath path, FieldErrors errors)
    {
        var missing = Checks.CountOrPercentOf(rolling["maxUnavailable"]);
        var at = path.Child("maxUnavailable");
        if (missing == 0 && Checks.CountOrPercentOf(rolling["maxSurge"]) == 0)
        {
            errors.Invalid(at, rolling["maxUnavailable"], fault);
        }

        if (rolling.TextAt("maxUnavailable") is { } percent && missing > 100)
        {
            errors.Invalid(at, percent, "must not be greater than 100%");
        }
    }

    private static void CheckCounts(JsonObject status, ReadOnlySpan<string> names, FieldPath path, FieldErrors errors)
    {
        var replicas = status.NumberAt("replicas") ?? 0;
        foreach (var name in names)
        {
            if (status.NumberAt(name) is { } count && count > replicas)
            {
                errors.Invalid(path.Child(name), count, "cannot be greater than status.replicas");
            }
        }

        var available = status.NumberAt("availableReplicas") ?? 0;
        if (available > (status.NumberAt("readyReplicas") ?? 0))
        {
            errors.Invalid(path.Child("availableReplicas"), available, "cannot be greater than readyReplicas");
        }
    }
}
