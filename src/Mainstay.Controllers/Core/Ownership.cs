using System.Collections.Immutable;
using System.Text.Json.Nodes;
using k8s;
using k8s.Models;
using Mainstay.Kube;

namespace Mainstay.Controllers.Core;

/// <summary>An owner: its kind, metadata and whom it selects.</summary>
internal sealed record Owner(KubeKind Kind, V1ObjectMeta Meta, LabelSelector Selector)
{
    public ObjectKey Key => Meta.Key();

    public JsonObject Reference() => new()
    {
        ["apiVersion"] = Kind.ApiVersion,
        ["kind"] = Kind.Kind,
        ["name"] = Meta.Name,
        ["uid"] = Meta.Uid,
        ["controller"] = true,
        ["blockOwnerDeletion"] = true,
    };
}

/// <summary>What belongs to an owner after these writes.</summary>
internal sealed record Claim<T>(ImmutableArray<T> Owned, ImmutableArray<Write> Writes);

/// <summary>Who owns what: adoption of what is selected and belongs to nobody, release of what is no longer
/// selected.</summary>
internal static class Ownership
{
    public static V1OwnerReference? ControllerOf(V1ObjectMeta meta) =>
        meta.OwnerReferences?.FirstOrDefault(o => o.Controller == true);

    public static ObjectKey Key(this V1ObjectMeta meta) => new(meta.NamespaceProperty ?? "", meta.Name ?? "");

    public static Claim<T> Of<T>(Owner owner, KubeKind kind, IEnumerable<T> candidates, Func<T, bool> canBeAdopted)
        where T : IMetadata<V1ObjectMeta>
    {
        var owned = ImmutableArray.CreateBuilder<T>();
        var writes = ImmutableArray.CreateBuilder<Write>();
        foreach (var candidate in candidates)
        {
            var meta = candidate.Metadata;
            var matches = owner.Selector.Matches(meta.Labels.AsReadOnly());
            var controller = ControllerOf(meta);
            if (controller?.Uid == owner.Meta.Uid)
            {
                if (matches)
                {
                    owned.Add(candidate);
                }
                else if (owner.Meta.DeletionTimestamp is null)
                {
                    writes.Add(Own(kind, meta, Others(meta, owner)));
                }
            }
            else if (controller is null && matches && owner.Meta.DeletionTimestamp is null
                && meta.DeletionTimestamp is null && canBeAdopted(candidate))
            {
                if (writes.Count == 0 || writes[0] is not ConfirmAlive)
                {
                    writes.Insert(0, new ConfirmAlive(owner.Kind, owner.Key, owner.Meta.Uid));
                }
                writes.Add(Own(kind, meta, [.. Others(meta, owner), owner.Reference()]));
                owned.Add(candidate);
            }
        }
        return new Claim<T>(owned.ToImmutable(), writes.ToImmutable());
    }

    public static IReadOnlyDictionary<string, string>? AsReadOnly(this IDictionary<string, string>? labels) =>
        labels switch
        {
            null => null,
            IReadOnlyDictionary<string, string> already => already,
            _ => new Dictionary<string, string>(labels),
        };

    private static JsonArray Others(V1ObjectMeta meta, Owner owner) =>
        [.. (meta.OwnerReferences ?? []).Where(o => o.Uid != owner.Meta.Uid)
            .Select(o => JsonNode.Parse(KubernetesJson.Serialize(o)))];

    private static PatchObject Own(KubeKind kind, V1ObjectMeta meta, JsonArray owners)
    {
        // A merge patch replaces the list, so it must not meet a list that has changed since.
        JsonArray detached = [.. owners.Select(o => o?.DeepClone())];
        var metadata = Precondition(meta);
        metadata["ownerReferences"] = detached;
        return new PatchObject(kind, meta.Key(), new JsonObject { ["metadata"] = metadata });
    }

    /// <summary>The part of a patch that makes it fail where the object has changed since it was read.</summary>
    public static JsonObject Precondition(V1ObjectMeta meta) =>
        new() { ["uid"] = meta.Uid, ["resourceVersion"] = meta.ResourceVersion };
}
