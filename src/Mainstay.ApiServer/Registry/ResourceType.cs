using System.Collections.Frozen;
using System.Collections.Immutable;
using System.Text.Json.Nodes;
using Mainstay.ApiServer.Printing;
using Mainstay.ApiServer.Schema;

namespace Mainstay.ApiServer.Registry;

/// <summary>
/// One resource as it is served under one group and version: all that the generic endpoints need to know. One static
/// instance per kind, in a file of its own in this folder; <see cref="ResourceTable"/> lists them. Immutable.
/// </summary>
internal sealed record ResourceType
{
    /// <summary>"" for the core group.</summary>
    public required string Group { get; init; }

    public required string Version { get; init; }

    public required string Kind { get; init; }

    public required string Plural { get; init; }

    public required string Singular { get; init; }

    public ImmutableArray<string> ShortNames { get; init; } = [];

    /// <summary>"all" lets <c>kubectl get all</c> see it.</summary>
    public ImmutableArray<string> Categories { get; init; } = [];

    public bool IsNamespaced { get; init; } = true;

    /// <summary>Has a status subresource; writes of the object itself leave the status alone.</summary>
    public bool HasStatus { get; init; }

    /// <summary>A node may come with the status it has.</summary>
    public bool KeepsStatusOnCreate { get; init; }

    /// <summary>Has a scale subresource: <see cref="ScaleView"/>.</summary>
    public bool HasScale { get; init; }

    /// <summary>"/registry/pods/": the prefix of its keys in the store, as kube-apiserver lays them out.</summary>
    public required string StoragePrefix { get; init; }

    public required ObjectSchema Schema { get; init; }

    /// <summary>What <c>kubectl get</c> prints.</summary>
    public ImmutableArray<Column> Columns { get; init; } = Column.NameAndAge;

    /// <summary>
    /// What a field selector may name, past metadata.name and metadata.namespace, with its value as text.
    /// </summary>
    public FrozenDictionary<string, Func<JsonObject, string>> SelectableFields { get; init; } =
        FrozenDictionary<string, Func<JsonObject, string>>.Empty;

    public ResourceStrategy Strategy { get; init; } = ResourceStrategy.Plain;

    /// <summary>Set where another resource type owns the stored form.</summary>
    public StorageConversion? Conversion { get; init; }

    public string ListKind => Kind + "List";

    /// <summary>"v1", "apps/v1".</summary>
    public string GroupVersion => Group.Length == 0 ? Version : $"{Group}/{Version}";

    /// <summary>"pods", "deployments.apps": as messages name the resource.</summary>
    public string QualifiedPlural => Group.Length == 0 ? Plural : $"{Plural}.{Group}";

    /// <summary>"Pod", "Deployment.apps": as messages name the kind.</summary>
    public string QualifiedKind => Group.Length == 0 ? Kind : $"{Kind}.{Group}";

    public ExpectedKind Expected => new(GroupVersion, Kind, Schema);

    /// <summary>The key in the store; the namespace is ignored for what lives in the cluster.</summary>
    public string StorageKey(string @namespace, string name) =>
        IsNamespaced ? $"{StoragePrefix}{@namespace}/{name}" : StoragePrefix + name;

    /// <summary>The prefix of the keys of a namespace, or of all of them for "".</summary>
    public string StorageListPrefix(string @namespace) =>
        IsNamespaced && @namespace.Length > 0 ? $"{StoragePrefix}{@namespace}/" : StoragePrefix;

    /// <summary>The value a field selector compares; null when the field cannot be selected by.</summary>
    public string? SelectableValue(string field, JsonObject value) => field switch
    {
        "metadata.name" => value.TextIn("metadata", "name"),
        "metadata.namespace" when IsNamespaced => value.TextIn("metadata", "namespace"),
        _ => SelectableFields.TryGetValue(field, out var read) ? read(value) : null,
    };

    public bool CanSelectBy(string field) =>
        field == "metadata.name"
        || (field == "metadata.namespace" && IsNamespaced)
        || SelectableFields.ContainsKey(field);
}

/// <summary>
/// Between the form a resource type is served in and the form that lies in the store. Both leave their input alone.
/// </summary>
internal sealed record StorageConversion(
    Func<JsonObject, JsonObject> ToStored,
    Func<JsonObject, JsonObject> FromStored);
