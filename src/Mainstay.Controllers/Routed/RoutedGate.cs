using System.Text.Json.Nodes;
using k8s.Models;
using Mainstay.Controllers.Core;
using Mainstay.Kube;

namespace Mainstay.Controllers.Routed;

/// <summary>
/// The readiness gate <c>mainstay.dev/routed</c> as it stands on a pod: a condition that only goes forward.
/// <code>
///     (absent)                        nobody has judged yet
///     False  RoutersLag               held: the message names who lags
///     True   Listed                   every router has the pod in its table, not ready: now it may become ready
///     True   Routed                   every router has it in its table as ready: now old pods may go
///     True   NotSelected, NoRouter, Overridden, GateOff     nobody had to be waited for
///     True   Unproven                 the pod's node opened it, because nobody wrote it for ten minutes
/// </code>
/// </summary>
internal static class RoutedGate
{
    public const string ConditionType = "mainstay.dev/routed";

    /// <summary>On a pod, its owner or its namespace; <c>off</c> leaves the gate out of new pods.</summary>
    public const string SwitchAnnotation = "mainstay.dev/routed-gate";

    /// <summary>On a pod or its owner; <c>true</c> opens the gate at once.</summary>
    public const string OverrideAnnotation = "mainstay.dev/routed-override";

    public const string Lag = "RoutersLag";
    public const string Listed = "Listed";
    public const string Routed = "Routed";
    public const string NotSelected = "NotSelected";
    public const string NoRouter = "NoRouter";
    public const string Overridden = "Overridden";
    public const string GateOff = "GateOff";
    public const string Unproven = "Unproven";

    public static bool IsOn(V1Pod pod) =>
        pod.Spec?.ReadinessGates?.Any(gate => gate.ConditionType == ConditionType) == true;

    public static RoutedStage StageOf(V1Pod pod) => pod.Condition(ConditionType) switch
    {
        { Status: "True", Reason: Listed or Unproven } => RoutedStage.Open,
        { Status: "True" } => RoutedStage.Proven,
        _ => RoutedStage.Closed,
    };

    /// <summary>Whether a rollout may count on the pod: it has no gate, or every router has it as ready.</summary>
    public static bool IsConverged(V1Pod pod) => !IsOn(pod) || StageOf(pod) == RoutedStage.Proven;

    /// <summary>Whether the object itself, or what controls it, up to the deployment, is annotated so.</summary>
    public static bool IsSaid(ClusterCaches caches, V1ObjectMeta? meta, (string Annotation, string Value) note)
    {
        for (var depth = 0; meta is not null && depth < Limits.OwnerDepth; depth++)
        {
            if (meta.Annotations is { } notes && notes.TryGetValue(note.Annotation, out var said)
                && said == note.Value)
            {
                return true;
            }
            meta = Ownership.ControllerOf(meta) is { } owner ? OwnerOf(caches, owner, meta.NamespaceProperty) : null;
        }
        return false;
    }

    private static V1ObjectMeta? OwnerOf(ClusterCaches caches, V1OwnerReference owner, string? space)
    {
        var key = new ObjectKey(space ?? "", owner.Name);
        return owner.Kind switch
        {
            "ReplicaSet" => caches.ReplicaSets.Find(key),
            "Deployment" => caches.Deployments.Find(key),
            "DaemonSet" => caches.DaemonSets.Find(key),
            _ => null,
        };
    }

    /// <summary>The patch that brings the condition there; what others write of the status is not named.</summary>
    public static PatchObject Patch(V1Pod pod, RoutedWord word, DateTimeOffset now)
    {
        var told = pod.Condition(ConditionType);
        var status = word.IsOpen ? "True" : "False";
        var condition = new JsonObject
        {
            ["type"] = ConditionType,
            ["status"] = status,
            ["reason"] = word.Reason,
            ["message"] = word.Message,
            ["lastProbeTime"] = Writer.Rfc3339(now),
        };
        if (told?.Status != status)
        {
            condition["lastTransitionTime"] = Writer.Rfc3339(now);
        }
        return new PatchObject(Kinds.Pod, pod.Metadata.Key(), new JsonObject
        {
            ["metadata"] = new JsonObject { ["uid"] = pod.Metadata.Uid },
            ["status"] = new JsonObject { ["conditions"] = new JsonArray(condition) },
        })
        {
            Subresource = "status",
            Strategic = true,
        };
    }
}

/// <summary>How far a pod has come on its way into the routers' tables.</summary>
internal enum RoutedStage
{
    /// <summary>Not ready for anybody: the routers may not have it yet.</summary>
    Closed,

    /// <summary>May become ready; once it is, the routers have to learn that too.</summary>
    Open,

    /// <summary>The routers have it as ready, or nobody has to.</summary>
    Proven,
}

/// <summary>What the condition is to say.</summary>
internal sealed record RoutedWord(bool IsOpen, string Reason, string Message);
