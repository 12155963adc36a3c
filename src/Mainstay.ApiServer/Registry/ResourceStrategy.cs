using System.Text.Json.Nodes;
using Mainstay.ApiServer.Schema;

namespace Mainstay.ApiServer.Registry;

/// <summary>
/// What is special about writes of one kind. Hooks are pure but for the object they are given first, which they may
/// change; the common part is <see cref="ObjectLifecycle"/>.
/// </summary>
internal sealed record ResourceStrategy
{
    public static ResourceStrategy Plain { get; } = new();

    /// <summary>metadata.generation counts changes of all but metadata and status.</summary>
    public bool HasGeneration { get; init; }

    /// <summary>The generation also counts changes of the annotations, as a Deployment's does.</summary>
    public bool GenerationCountsAnnotations { get; init; }

    /// <summary>What a name must look like.</summary>
    public NameRule Name { get; init; } = NameRules.Subdomain;

    /// <summary>Allows an update without resourceVersion, as most kinds do.</summary>
    public bool AllowsUnconditionalUpdate { get; init; } = true;

    /// <summary>Allows PUT to create what does not exist.</summary>
    public bool AllowsCreateOnUpdate { get; init; }

    public Action<JsonObject>? OnCreate { get; init; }

    /// <summary>(next, old)</summary>
    public Action<JsonObject, JsonObject>? OnUpdate { get; init; }

    /// <summary>(next, old, errors): old is null on create.</summary>
    public Action<JsonObject, JsonObject?, FieldErrors>? Validate { get; init; }

    /// <summary>(next, old, errors)</summary>
    public Action<JsonObject, JsonObject, FieldErrors>? ValidateStatus { get; init; }
}
