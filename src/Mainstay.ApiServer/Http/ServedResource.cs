using System.Collections.Immutable;
using System.Text.Json.Nodes;
using Mainstay.ApiServer.Registry;

namespace Mainstay.ApiServer.Http;

/// <summary>A group of the API with its versions, the preferred one first.</summary>
internal sealed record ApiGroup(string Name, ImmutableArray<string> Versions)
{
    public bool IsCore => Name.Length == 0;

    public static ImmutableArray<ApiGroup> All() =>
    [
        .. ResourceTable.All.GroupBy(type => type.Group, StringComparer.Ordinal)
            .Select(group => new ApiGroup(group.Key, [.. group.Select(type => type.Version).Distinct()])),
    ];

    public JsonObject ToTree() => new()
    {
        ["name"] = Name,
        ["versions"] = new JsonArray([.. Versions.Select(Named)]),
        ["preferredVersion"] = Named(Versions[0]),
    };

    public JsonObject ToAggregated() => new()
    {
        ["metadata"] = new JsonObject { ["name"] = Name },
        ["versions"] = new JsonArray(
        [
            .. Versions.Select(version => new JsonObject
            {
                ["version"] = version,
                ["resources"] = Resources(version),
                ["freshness"] = "Current",
            }),
        ]),
    };

    private JsonObject Named(string version) =>
        new() { ["groupVersion"] = IsCore ? version : $"{Name}/{version}", ["version"] = version };

    // a subresource stands inside its resource here, and beside it in the old documents
    private JsonArray Resources(string version)
    {
        var all = ServedResource.In(Name, version).ToList();
        return new JsonArray(
        [
            .. all.Where(one => !one.Name.Contains('/', StringComparison.Ordinal)).Select(one => one.ToAggregated(
                all.Where(sub => sub.Name.StartsWith(one.Name + "/", StringComparison.Ordinal)))),
        ]);
    }
}

/// <param name="Name">the plural, with the subresource behind a slash</param>
/// <param name="Kind">the kind that is sent and answered, with its group and version where they are not the
/// resource's</param>
internal sealed record ServedResource(ResourceType Owner, string Name, KindName Kind, string[] Verbs)
{
    private static readonly string[] AllVerbs =
        ["create", "delete", "deletecollection", "get", "list", "patch", "update", "watch"];

    private static readonly string[] ChangeVerbs = ["get", "patch", "update"];

    public static IEnumerable<ServedResource> In(string group, string version)
    {
        foreach (var type in ResourceTable.All.Where(one => one.Group == group && one.Version == version))
        {
            var own = new KindName(type.Group, type.Version, type.Kind);
            yield return new ServedResource(type, type.Plural, own, AllVerbs);
            if (type.HasStatus)
            {
                yield return new ServedResource(type, $"{type.Plural}/status", own, ChangeVerbs);
            }

            if (type.HasScale)
            {
                var scale = new KindName("autoscaling", "v1", "Scale");
                yield return new ServedResource(type, $"{type.Plural}/scale", scale, ChangeVerbs);
            }

            foreach (var special in Special(type, own))
            {
                yield return special;
            }
        }
    }

    public JsonObject ToTree()
    {
        var isMain = Name == Owner.Plural;
        var tree = new JsonObject
        {
            ["name"] = Name,
            ["singularName"] = isMain ? Owner.Singular : "",
            ["namespaced"] = Owner.IsNamespaced,
        };
        if (Kind.Group != Owner.Group || Kind.Version != Owner.Version)
        {
            tree["group"] = Kind.Group;
            tree["version"] = Kind.Version;
        }

        tree["kind"] = Kind.Kind;
        tree["verbs"] = Texts(Verbs);
        AddNames(tree, isMain);
        return tree;
    }

    public JsonObject ToAggregated(IEnumerable<ServedResource> subresources)
    {
        var tree = new JsonObject
        {
            ["resource"] = Name,
            ["responseKind"] = Kind.ToTree(),
            ["scope"] = Owner.IsNamespaced ? "Namespaced" : "Cluster",
            ["singularResource"] = Owner.Singular,
            ["verbs"] = Texts(Verbs),
        };
        AddNames(tree, isMain: true);
        var inside = subresources.Select(sub => (JsonNode)new JsonObject
        {
            ["subresource"] = sub.Name[(Name.Length + 1)..],
            ["responseKind"] = sub.Kind.ToTree(),
            ["verbs"] = Texts(sub.Verbs),
        }).ToArray();
        if (inside.Length > 0)
        {
            tree["subresources"] = new JsonArray(inside);
        }

        return tree;
    }

    private static IEnumerable<ServedResource> Special(ResourceType type, KindName own)
    {
        switch (type.Kind)
        {
            case "Pod":
                yield return new ServedResource(type, "pods/log", own, ["get"]);
                yield return new ServedResource(type, "pods/binding", new KindName("", "v1", "Binding"), ["create"]);
                yield return new ServedResource(
                    type, "pods/eviction", new KindName("policy", "v1", "Eviction"), ["create"]);
                break;
            case "Namespace":
                yield return new ServedResource(type, "namespaces/finalize", own, ["update"]);
                break;
        }
    }

    private void AddNames(JsonObject tree, bool isMain)
    {
        if (isMain && Owner.ShortNames.Length > 0)
        {
            tree["shortNames"] = Texts(Owner.ShortNames);
        }

        if (isMain && Owner.Categories.Length > 0)
        {
            tree["categories"] = Texts(Owner.Categories);
        }
    }

    private static JsonArray Texts(IEnumerable<string> texts) => new([.. texts.Select(text => JsonValue.Create(text))]);
}

internal readonly record struct KindName(string Group, string Version, string Kind)
{
    public JsonObject ToTree() => new() { ["group"] = Group, ["version"] = Version, ["kind"] = Kind };
}
