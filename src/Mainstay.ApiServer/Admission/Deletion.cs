using System.Text.Json.Nodes;
using Mainstay.ApiServer.Registry;
using Mainstay.ApiServer.Schema;

namespace Mainstay.ApiServer.Admission;

internal enum DeletionStep
{
    /// <summary>The object goes away now.</summary>
    Remove,

    /// <summary>The object stays, marked: finalizers, its node's agent or its namespace's content come first.</summary>
    Mark,

    /// <summary>It is marked already, and nothing new was asked.</summary>
    Nothing,
}

/// <summary>
/// What a DELETE does to an object. Pure: the tree is changed in place when it is marked.
/// <code>
/// a ConfigMap                            -> removed
/// anything with finalizers               -> deletionTimestamp now; removed when the last finalizer goes
/// a pod on a node, 30 s of grace         -> deletionTimestamp in 30 s; its agent deletes it with 0 s
/// a pod on no node, or ended             -> removed
/// a namespace                            -> Terminating; removed when its content is gone and it is finalized
/// </code>
/// </summary>
internal static class Deletion
{
    public const string Orphan = "orphan";
    public const string Foreground = "foregroundDeletion";

    private const long PodGraceSecondsDefault = 30;

    public static DeletionStep Plan(ResourceType type, JsonObject tree, DeleteOptions options, DateTimeOffset now)
    {
        var before = tree.DeepClone();
        SetFinalizers(tree, options.Propagation);
        if (type.Kind == "Namespace" && type.Group.Length == 0)
        {
            MarkNamespace(tree, now);
        }
        else
        {
            var grace = type.Kind == "Pod" ? PodGrace(tree, options) : 0;
            if (grace == 0 && Finalizers(tree).Count == 0)
            {
                return DeletionStep.Remove;
            }

            Mark(tree, grace, now);
        }

        if (IsFinished(type, tree))
        {
            return DeletionStep.Remove;
        }

        return JsonNode.DeepEquals(before, tree) ? DeletionStep.Nothing : DeletionStep.Mark;
    }

    /// <summary>Whether nothing holds a marked object any more.</summary>
    public static bool IsFinished(ResourceType type, JsonObject tree)
    {
        var metadata = tree["metadata"];
        return metadata.TextAt("deletionTimestamp") is not null
            && (metadata.NumberAt("deletionGracePeriodSeconds") ?? 0) == 0
            && Finalizers(tree).Count == 0
            && (type.Kind != "Namespace" || !tree["spec"].TextsAt("finalizers").Any());
    }

    private static List<string> Finalizers(JsonObject tree) => [.. tree["metadata"].TextsAt("finalizers")];

    private static void SetFinalizers(JsonObject tree, string? propagation)
    {
        if (propagation is null)
        {
            return;
        }

        var before = Finalizers(tree);
        var after = before.Where(one => one is not (Orphan or Foreground)).ToList();
        switch (propagation)
        {
            case "Orphan":
                after.Add(Orphan);
                break;
            case "Foreground":
                after.Add(Foreground);
                break;
        }

        if (before.SequenceEqual(after))
        {
            return;
        }

        var metadata = tree.Ensure("metadata");
        metadata["finalizers"] = new JsonArray([.. after.Select(one => JsonValue.Create(one))]);
        if (after.Count == 0)
        {
            metadata.Remove("finalizers");
        }
    }

    private static void MarkNamespace(JsonObject tree, DateTimeOffset now)
    {
        if (tree["metadata"].TextAt("deletionTimestamp") is null)
        {
            tree.Ensure("metadata")["deletionTimestamp"] = Timestamp.Seconds(now);
            tree.Ensure("status")["phase"] = "Terminating";
        }
    }

    private static long PodGrace(JsonObject pod, DeleteOptions options)
    {
        if (pod.TextIn("spec", "nodeName").Length == 0 || pod.TextIn("status", "phase") is "Succeeded" or "Failed")
        {
            return 0;
        }

        var grace = options.GracePeriodSeconds
            ?? pod["spec"].NumberAt("terminationGracePeriodSeconds")
            ?? PodGraceSecondsDefault;
        return Math.Clamp(grace, 0, Limits.GracePeriodSecondsMax);
    }

    /// <summary>A second delete may shorten the grace, never lengthen it.</summary>
    private static void Mark(JsonObject tree, long graceSeconds, DateTimeOffset now)
    {
        var metadata = tree.Ensure("metadata");
        var isMarked = metadata.TextAt("deletionTimestamp") is not null;
        if (isMarked && (metadata.NumberAt("deletionGracePeriodSeconds") ?? 0) <= graceSeconds)
        {
            return;
        }

        if (!isMarked && metadata.NumberAt("generation") is { } generation and > 0)
        {
            metadata["generation"] = generation + 1;
        }

        metadata["deletionTimestamp"] = Timestamp.Seconds(now.AddSeconds(graceSeconds));
        metadata["deletionGracePeriodSeconds"] = graceSeconds;
    }
}

/// <summary>What a DELETE asks for, from its body or its query.</summary>
internal sealed record DeleteOptions
{
    public long? GracePeriodSeconds { get; init; }

    /// <summary>Orphan, Foreground, Background; null when the client does not say.</summary>
    public string? Propagation { get; init; }

    public string? PreconditionUid { get; init; }

    public string? PreconditionRevision { get; init; }

    public bool IsDryRun { get; init; }
}
