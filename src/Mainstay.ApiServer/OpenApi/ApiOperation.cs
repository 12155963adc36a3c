using System.Collections.Immutable;
using Mainstay.ApiServer.Registry;
using Mainstay.ApiServer.Schema;

namespace Mainstay.ApiServer.OpenApi;

/// <summary>A parameter in the path or the query.</summary>
/// <param name="Type">"string", "integer" or "boolean"</param>
internal sealed record ApiParameter(string Name, string Type, string Description)
{
    public bool IsInPath { get; init; }
}

/// <summary>One method of one path, as both versions of OpenAPI describe it.</summary>
/// <param name="Method">"get", "post", ...</param>
/// <param name="Action">x-kubernetes-action: "list", "patch", ...</param>
/// <param name="Kind">x-kubernetes-group-version-kind</param>
internal sealed record ApiOperation(string Method, string Action, string Id, GroupVersionKind Kind)
{
    public required string Description { get; init; }

    /// <summary>The definition of the body; null for none.</summary>
    public string? Body { get; init; }

    /// <summary>The definition of the answer; null for plain text.</summary>
    public string? Answer { get; init; }

    public ImmutableArray<string> Consumes { get; init; } = ["*/*"];

    public ImmutableArray<ApiParameter> Parameters { get; init; } = [];
}

/// <summary>One path and what can be done there.</summary>
/// <param name="GroupVersion">"v1", "apps/v1": the document of OpenAPI v3 it belongs to</param>
internal sealed record ApiPath(
    string Path, string GroupVersion, ImmutableArray<ApiParameter> Parameters, ImmutableArray<ApiOperation> Operations);

internal sealed record GroupVersionKind(string Group, string Version, string Kind)
{
    public static GroupVersionKind Of(ResourceType type) => new(type.Group, type.Version, type.Kind);

    public static GroupVersionKind Of(ExpectedKind kind)
    {
        var slash = kind.GroupVersion.IndexOf('/', StringComparison.Ordinal);
        return new(slash < 0 ? "" : kind.GroupVersion[..slash], kind.Version, kind.Kind);
    }
}
