using System.Globalization;
using System.Text.Json.Nodes;
using Mainstay.Controllers.Core;
using Mainstay.Kube;

namespace Mainstay.Controllers.Deployments;

/// <summary>The replica set of a template that has none yet.</summary>
internal static class NewReplicaSet
{
    /// <summary>The set to create; where its name is taken by another template, another name is found with a new
    /// count.</summary>
    public static (CreateObject Create, int Collisions) Of(
        DeploymentState state, Owner owner, ClusterCaches caches, DateTimeOffset now)
    {
        var collisions = state.Deployment.Model.Status?.CollisionCount ?? 0;
        while (true)
        {
            var hash = PodTemplate.Hash(state.Raw, collisions);
            var key = new ObjectKey(owner.Key.Namespace, $"{owner.Meta.Name}-{hash}");
            if (caches.ReplicaSets.Get(key) is null)
            {
                var notes = Revision.Shared(state.Meta);
                notes[Revision.SinceAnnotation] = Writer.Rfc3339(now);
                return (Create(state, owner, (key, hash), notes), collisions);
            }
            collisions++;
        }
    }

    private static CreateObject Create(
        DeploymentState state, Owner owner, (ObjectKey Key, string Hash) name, JsonObject notes)
    {
        var (key, hash) = name;
        var template = PodTemplate.CopyOf(state.Raw);
        var labels = Labels(template);
        labels[PodTemplate.HashLabel] = hash;
        var selector = (JsonObject)JsonNode.Parse(state.Raw.GetProperty("spec").GetProperty("selector").GetRawText())!;
        if (selector["matchLabels"] is not JsonObject)
        {
            selector["matchLabels"] = new JsonObject();
        }
        selector["matchLabels"]![PodTemplate.HashLabel] = hash;
        notes[Revision.Annotation] = Revision.Next(state).ToString(CultureInfo.InvariantCulture);
        Scaling.Annotate(notes, state);
        return new CreateObject(Kinds.ReplicaSet, key, new JsonObject
        {
            ["metadata"] = new JsonObject
            {
                ["name"] = key.Name,
                ["namespace"] = key.Namespace,
                ["labels"] = labels.DeepClone(),
                ["annotations"] = notes,
                ["ownerReferences"] = new JsonArray(owner.Reference()),
            },
            ["spec"] = new JsonObject
            {
                ["replicas"] = Rollout.NewSetReplicas(state, 0),
                ["minReadySeconds"] = state.Spec.MinReadySeconds ?? 0,
                ["selector"] = selector,
                ["template"] = template,
            },
        });
    }

    private static JsonObject Labels(JsonObject template)
    {
        if (template["metadata"] is not JsonObject metadata)
        {
            template["metadata"] = metadata = new JsonObject();
        }
        metadata.Remove("creationTimestamp");
        if (metadata["labels"] is not JsonObject labels)
        {
            metadata["labels"] = labels = new JsonObject();
        }
        return labels;
    }
}
