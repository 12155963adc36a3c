using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json.Nodes;
using k8s.Models;
using Mainstay.Controllers.Core;
using Mainstay.Controllers.Routed;
using Mainstay.Kube;

namespace Mainstay.Controllers.Deployments;

/// <summary>
/// The history that <c>kubectl rollout history|undo</c> reads: each replica set carries a revision; the set of the
/// present template always has the highest, so that an undo, which brings an old template back, moves that set up.
/// </summary>
internal static class Revision
{
    public const string Annotation = "deployment.kubernetes.io/revision";
    public const string HistoryAnnotation = "deployment.kubernetes.io/revision-history";
    public const string DesiredAnnotation = "deployment.kubernetes.io/desired-replicas";
    public const string MaxAnnotation = "deployment.kubernetes.io/max-replicas";

    /// <summary>When a set became the present one, by the controllers' clock; an undo moves it on an old set.</summary>
    public const string SinceAnnotation = "mainstay.dev/revision-at";
    private const string LastApplied = "kubectl.kubernetes.io/last-applied-configuration";

    public static long Of(V1ObjectMeta meta) => long.TryParse(Note(meta, Annotation), out var revision) ? revision : 0;

    public static int? Number(V1ObjectMeta meta, string annotation) =>
        int.TryParse(Note(meta, annotation), out var number) ? number : null;

    public static long Next(DeploymentState state) => state.Old.Select(s => Of(s.Metadata)).DefaultIfEmpty(0).Max() + 1;

    /// <summary>The deployment's notes that its sets share; what belongs to one of them alone is left out.</summary>
    public static JsonObject Shared(V1ObjectMeta deployment)
    {
        var shared = new JsonObject();
        foreach (var (name, value) in deployment.Annotations ?? new Dictionary<string, string>())
        {
            if (name is not (Annotation or HistoryAnnotation or DesiredAnnotation or MaxAnnotation or LastApplied
                or SinceAnnotation or RoutedGate.SwitchAnnotation or RoutedGate.OverrideAnnotation
                or "deprecated.deployment.rollback.to"))
            {
                shared[name] = value;
            }
        }
        return shared;
    }

    /// <summary>Brings the revision of the present set and of the deployment up to date, where it is behind.</summary>
    public static IEnumerable<Write> Refresh(
        DeploymentState state, Kept<V1ReplicaSet> present, DateTimeOffset now)
    {
        var own = Of(present.Metadata);
        var revision = Math.Max(own, Next(state));
        var changed = new JsonObject();
        foreach (var (name, value) in Shared(state.Meta))
        {
            if (Note(present.Metadata, name) != value?.GetValue<string>())
            {
                changed[name] = value?.DeepClone();
            }
        }
        if (revision != own)
        {
            changed[Annotation] = revision.ToString(CultureInfo.InvariantCulture);
            changed[SinceAnnotation] = Writer.Rfc3339(now);
            if (own > 0)
            {
                var history = Note(present.Metadata, HistoryAnnotation);
                changed[HistoryAnnotation] = history is null ? $"{own}" : $"{history},{own}";
            }
        }
        if (changed.Count > 0)
        {
            yield return Annotate(Kinds.ReplicaSet, present.Metadata, changed);
        }
        if (Of(state.Meta) != revision)
        {
            yield return Annotate(Kinds.Deployment, state.Meta,
                new JsonObject
                {
                    [Annotation] = revision.ToString(CultureInfo.InvariantCulture),
                    [SinceAnnotation] = revision != own ? Writer.Rfc3339(now)
                        : Note(present.Metadata, SinceAnnotation) ?? Writer.Rfc3339(now),
                });
        }
    }

    /// <summary>The finished sets beyond the limit of the history, oldest first.</summary>
    public static IEnumerable<Write> Forget(DeploymentState state)
    {
        var finished = state.Old.Where(s => s.Metadata.DeletionTimestamp is null && DeploymentState.Wanted(s) == 0
            && (s.Model.Status?.Replicas ?? 0) == 0
                && (s.Model.Status?.ObservedGeneration ?? 0) >= (s.Metadata.Generation ?? 0));
        var excess = state.Old.Length - (state.Spec.RevisionHistoryLimit ?? 10);
        return finished.OrderBy(s => Of(s.Metadata)).Take(Math.Max(0, excess))
            .Select(s => new DeleteObject(Kinds.ReplicaSet, s.Metadata.Key(), s.Metadata.Uid));
    }

    private static string? Note(V1ObjectMeta meta, string name) =>
        meta.Annotations is { } notes && notes.TryGetValue(name, out var value) ? value : null;

    private static PatchObject Annotate(KubeKind kind, V1ObjectMeta meta, JsonObject notes) => new(kind, meta.Key(),
        new JsonObject { ["metadata"] = new JsonObject { ["uid"] = meta.Uid, ["annotations"] = notes } });
}
