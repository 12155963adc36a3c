using System.Collections.Immutable;
using System.Globalization;
using Mainstay.ApiServer.Registry;
using Mainstay.ApiServer.Schema;
using Mainstay.ApiServer.Schema.Types;

namespace Mainstay.ApiServer.OpenApi;

/// <summary>Every path of the API and its methods, made from the table of resources.</summary>
internal static class ApiPaths
{
    private static readonly ImmutableArray<string> PatchTypes =
    [
        "application/json-patch+json", "application/merge-patch+json", "application/strategic-merge-patch+json",
    ];

    public static ImmutableArray<ApiPath> All { get; } = [.. ResourceTable.All.SelectMany(Of)];

    private static IEnumerable<ApiPath> Of(ResourceType type)
    {
        var root = type.Group.Length == 0 ? $"/api/{type.Version}" : $"/apis/{type.Group}/{type.Version}";
        var collection = type.IsNamespaced ? $"{root}/namespaces/{{namespace}}/{type.Plural}" : $"{root}/{type.Plural}";
        var scope = type.IsNamespaced ? "Namespaced" : "";
        yield return Path(type, collection,
        [
            List(type, $"list{Word(type)}{scope}{type.Kind}"),
            Post(type, $"create{Word(type)}{scope}{type.Kind}"),
            DeleteMany(type, $"delete{Word(type)}Collection{scope}{type.Kind}"),
        ]);
        yield return Path(type, collection + "/{name}",
        [
            Get(type, scope, ""), Put(type, scope, ""), Delete(type, scope), Patch(type, scope, ""),
        ]);
        if (type.HasStatus)
        {
            yield return Path(type, collection + "/{name}/status",
                [Get(type, scope, "Status"), Put(type, scope, "Status"), Patch(type, scope, "Status")]);
        }

        if (type.HasScale)
        {
            yield return Path(type, collection + "/{name}/scale",
                [Get(type, scope, "Scale"), Put(type, scope, "Scale"), Patch(type, scope, "Scale")]);
        }

        if (type.Kind == "Pod")
        {
            foreach (var path in OfPod(type, collection + "/{name}"))
            {
                yield return path;
            }
        }

        if (type.IsNamespaced)
        {
            var id = $"list{Word(type)}{type.Kind}ForAllNamespaces";
            yield return Path(type, $"{root}/{type.Plural}", [List(type, id)]);
        }
    }

    private static IEnumerable<ApiPath> OfPod(ResourceType type, string item)
    {
        yield return Path(type, item + "/binding",
            [PostTo(type, "Binding", ClusterTypes.Binding.Name, new("", "v1", "Binding"))]);
        yield return Path(type, item + "/eviction",
            [PostTo(type, "Eviction", ClusterTypes.Eviction.Name, new("policy", "v1", "Eviction"))]);
        yield return Path(type, item + "/log",
        [
            new ApiOperation("get", "get", "readCoreV1NamespacedPodLog", GroupVersionKind.Of(type))
            {
                Description = "read the log of a container of the Pod",
                Parameters = ApiParameters.OfLog,
            },
        ]);
    }

    private static ApiPath Path(ResourceType type, string path, ImmutableArray<ApiOperation> operations)
    {
        var parameters = new List<ApiParameter>();
        if (path.Contains("{name}", StringComparison.Ordinal))
        {
            parameters.Add(ApiParameters.Name);
        }

        if (path.Contains("{namespace}", StringComparison.Ordinal))
        {
            parameters.Add(ApiParameters.Namespace);
        }

        parameters.Add(ApiParameters.Pretty);
        return new ApiPath(path, type.GroupVersion, [.. parameters], operations);
    }

    private static ApiOperation List(ResourceType type, string id) => new("get", "list", id, GroupVersionKind.Of(type))
    {
        Description = $"list or watch objects of kind {type.Kind}",
        Answer = type.Schema.Name + "List",
        Parameters = ApiParameters.OfList,
    };

    private static ApiOperation Post(ResourceType type, string id) => new("post", "post", id, GroupVersionKind.Of(type))
    {
        Description = $"create a {type.Kind}",
        Body = type.Schema.Name,
        Answer = type.Schema.Name,
        Parameters = ApiParameters.OfWrite,
    };

    private static ApiOperation DeleteMany(ResourceType type, string id) =>
        new("delete", "deletecollection", id, GroupVersionKind.Of(type))
        {
            Description = $"delete many objects of kind {type.Kind}",
            Body = MetaTypes.DeleteOptions.Name,
            Answer = MetaTypes.Status.Name,
            Parameters = [.. ApiParameters.OfDelete, .. ApiParameters.OfList],
        };

    private static ApiOperation Get(ResourceType type, string scope, string sub) =>
        new("get", "get", $"read{Word(type)}{scope}{type.Kind}{sub}", KindOf(type, sub))
        {
            Description = $"read {Subject(type, sub)}",
            Answer = DefinitionOf(type, sub),
        };

    private static ApiOperation Put(ResourceType type, string scope, string sub) =>
        new("put", "put", $"replace{Word(type)}{scope}{type.Kind}{sub}", KindOf(type, sub))
        {
            Description = $"replace {Subject(type, sub)}",
            Body = DefinitionOf(type, sub),
            Answer = DefinitionOf(type, sub),
            Parameters = ApiParameters.OfWrite,
        };

    private static ApiOperation Delete(ResourceType type, string scope) =>
        new("delete", "delete", $"delete{Word(type)}{scope}{type.Kind}", GroupVersionKind.Of(type))
        {
            Description = $"delete {Subject(type, "")}",
            Body = MetaTypes.DeleteOptions.Name,
            Answer = MetaTypes.Status.Name,
            Parameters = ApiParameters.OfDelete,
        };

    private static ApiOperation Patch(ResourceType type, string scope, string sub) =>
        new("patch", "patch", $"patch{Word(type)}{scope}{type.Kind}{sub}", KindOf(type, sub))
        {
            Description = $"change a part of {Subject(type, sub)}",
            Body = Definitions.Patch,
            Answer = DefinitionOf(type, sub),
            Consumes = PatchTypes,
            Parameters = ApiParameters.OfPatch,
        };

    private static ApiOperation PostTo(ResourceType type, string sub, string definition, GroupVersionKind kind) =>
        new("post", "post", $"create{Word(type)}NamespacedPod{sub}", kind)
        {
            Description = $"create the {sub} of the Pod",
            Body = definition,
            Answer = definition,
            Parameters = ApiParameters.OfWrite,
        };

    private static string Subject(ResourceType type, string sub) =>
        sub.Length == 0 ? $"the {type.Kind}" : $"the {sub.ToLowerInvariant()} of the {type.Kind}";

    private static GroupVersionKind KindOf(ResourceType type, string sub) =>
        sub == "Scale" ? GroupVersionKind.Of(ScaleView.Expected) : GroupVersionKind.Of(type);

    private static string DefinitionOf(ResourceType type, string sub) =>
        sub == "Scale" ? ScaleTypes.Scale.Name : type.Schema.Name;

    /// <summary>"CoreV1", "AppsV1", "DiscoveryV1".</summary>
    private static string Word(ResourceType type)
    {
        var group = type.Group.Length == 0 ? "core" : type.Group.Split('.')[0];
        return char.ToUpper(group[0], CultureInfo.InvariantCulture) + group[1..] + type.Version.ToUpperInvariant();
    }
}
