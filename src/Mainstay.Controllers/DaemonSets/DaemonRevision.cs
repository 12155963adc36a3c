using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Nodes;
using k8s.Models;
using Mainstay.Controllers.Core;
using Mainstay.Kube;

namespace Mainstay.Controllers.DaemonSets;

/// <summary>
/// The history of a daemon set: one ControllerRevision a template, whose data <c>kubectl rollout undo</c> applies as a
/// strategic merge patch. The present template always has the highest number.
/// </summary>
internal static class DaemonRevision
{
    public const string HashLabel = "controller-revision-hash";

    public static Claim<Kept<V1ControllerRevision>> Claim(Owner owner, ClusterCaches caches) => Ownership.Of(
        owner, Kinds.ControllerRevision, caches.ControllerRevisions.In(owner.Key.Namespace), _ => true);

    public static IEnumerable<Write> Keep(Owner owner, Kept<V1DaemonSet> set, DaemonHistory history)
    {
        var name = $"{owner.Meta.Name}-{history.Hash}";
        var present = history.Revisions.FirstOrDefault(r => r.Metadata.Name == name);
        var highest = history.Revisions.Select(r => r.Model.Revision ?? 0).DefaultIfEmpty(0).Max();
        if (present is null)
        {
            yield return Create(owner, set, (name, highest + 1, history.Hash));
        }
        else if (present.Model.Revision < highest)
        {
            var metadata = Ownership.Precondition(present.Metadata);
            yield return new PatchObject(Kinds.ControllerRevision, present.Metadata.Key(),
                new JsonObject { ["metadata"] = metadata, ["revision"] = highest + 1 });
        }
        var unused = history.Revisions.Where(r => r.Metadata.Name != name
            && !history.HashesInUse.Contains(HashOf(r.Metadata)))
            .OrderBy(r => r.Model.Revision).ToList();
        foreach (var old in unused.Take(Math.Max(0, unused.Count - (set.Model.Spec.RevisionHistoryLimit ?? 10))))
        {
            yield return new DeleteObject(Kinds.ControllerRevision, old.Metadata.Key(), old.Metadata.Uid);
        }
    }

    public static string HashOf(V1ObjectMeta meta) =>
        meta.Labels is { } labels && labels.TryGetValue(HashLabel, out var hash) ? hash : "";

    private static CreateObject Create(Owner owner, Kept<V1DaemonSet> set,
        (string Name, long Number, string Hash) revision)
    {
        var template = PodTemplate.CopyOf(set.Raw);
        var labels = template["metadata"]?["labels"]?.DeepClone() as JsonObject ?? new JsonObject();
        labels[HashLabel] = revision.Hash;
        template["$patch"] = "replace";
        var annotations = set.Raw.Child("metadata")?.Child("annotations") is { } notes
            ? JsonNode.Parse(notes.GetRawText()) : null;
        return new CreateObject(Kinds.ControllerRevision, new ObjectKey(owner.Key.Namespace, revision.Name),
            new JsonObject
        {
            ["metadata"] = new JsonObject
            {
                ["name"] = revision.Name,
                ["namespace"] = owner.Key.Namespace,
                ["labels"] = labels,
                ["annotations"] = annotations,
                ["ownerReferences"] = new JsonArray(owner.Reference()),
            },
            ["data"] = new JsonObject { ["spec"] = new JsonObject { ["template"] = template } },
            ["revision"] = revision.Number,
        });
    }
}

/// <summary>What there is of a daemon set's past.</summary>
internal sealed record DaemonHistory(
    string Hash, ImmutableArray<Kept<V1ControllerRevision>> Revisions, IReadOnlySet<string> HashesInUse);
