using System.Collections.Frozen;
using System.Collections.Immutable;

namespace Mainstay.ApiServer.Registry;

/// <summary>Every resource that is served. A new kind is a file in this folder and one line here.</summary>
internal static class ResourceTable
{
    public static ImmutableArray<ResourceType> All { get; } =
    [
        // v1
        ConfigMapResource.Type,
        EndpointsResource.Type,
        EventResource.Core,
        NamespaceResource.Type,
        NodeResource.Type,
        PodResource.Type,
        SecretResource.Type,
        ServiceAccountResource.Type,
        ServiceResource.Type,

        // apps/v1
        ControllerRevisionResource.Type,
        DaemonSetResource.Type,
        DeploymentResource.Type,
        ReplicaSetResource.Type,

        // the rest
        LeaseResource.Type,
        EndpointSliceResource.Type,
        EventResource.Type,
    ];

    /// <summary>"v1", "apps/v1", ...: in the order of discovery, the core first.</summary>
    public static ImmutableArray<string> GroupVersions { get; } = [.. All.Select(type => type.GroupVersion).Distinct()];

    private static readonly FrozenDictionary<(string, string, string), ResourceType> ByPlural =
        All.ToFrozenDictionary(type => (type.Group, type.Version, type.Plural));

    private static readonly FrozenDictionary<(string, string), ResourceType> ByKind =
        All.ToFrozenDictionary(type => (type.GroupVersion, type.Kind));

    public static ResourceType? Find(string group, string version, string plural) =>
        ByPlural.GetValueOrDefault((group, version, plural));

    /// <param name="groupVersion">"v1", "apps/v1"</param>
    public static ResourceType? FindKind(string groupVersion, string kind) =>
        ByKind.GetValueOrDefault((groupVersion, kind));

    public static IEnumerable<ResourceType> In(string groupVersion) =>
        All.Where(type => type.GroupVersion == groupVersion);
}
