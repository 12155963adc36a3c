using System.Text.Json.Nodes;
using Mainstay.ApiServer.Registry;
using Mainstay.ApiServer.Schema;

namespace Mainstay.ApiServer.Storage;

/// <summary>
/// One object as it is in the store at one revision: the very bytes that GET, LIST and WATCH send, with what selecting
/// needs beside them. Immutable; shared between requests.
/// </summary>
internal sealed class StoredObject
{
    private static readonly Dictionary<string, string> Nothing = [];

    private StoredObject(ResourceType type, string key, long revision, JsonObject tree)
    {
        var metadata = tree.Ensure("metadata");
        metadata["resourceVersion"] = JsonTree.Number(revision);
        Type = type;
        Key = key;
        Revision = revision;
        Json = JsonTree.ToUtf8(tree);
        Name = metadata.TextIn("name");
        Namespace = metadata.TextIn("namespace");
        Uid = metadata.TextIn("uid");
        Labels = metadata.ObjectAt("labels") is { } labels
            ? labels.ToDictionary(pair => pair.Key, pair => pair.Value.AsText() ?? "", StringComparer.Ordinal)
            : Nothing;
        Fields = type.SelectableFields.Count == 0
            ? Nothing
            : type.SelectableFields.ToDictionary(pair => pair.Key, pair => pair.Value(tree), StringComparer.Ordinal);
    }

    public ResourceType Type { get; }

    /// <summary>The key in the store.</summary>
    public string Key { get; }

    /// <summary>The mod revision, which is the object's resourceVersion.</summary>
    public long Revision { get; }

    public ReadOnlyMemory<byte> Json { get; }

    public string Name { get; }

    public string Namespace { get; }

    public string Uid { get; }

    public IReadOnlyDictionary<string, string> Labels { get; }

    /// <summary>What a field selector may ask for, past name and namespace.</summary>
    public IReadOnlyDictionary<string, string> Fields { get; }

    /// <summary>Takes the tree over and stamps it with the revision.</summary>
    public static StoredObject From(ResourceType type, string key, long revision, JsonObject tree) =>
        new(type, key, revision, tree);

    /// <summary>A tree of the caller's own: changing it changes nothing here.</summary>
    public JsonObject ToTree() => JsonTree.Parse(Json.Span);

    /// <summary>The same state under another revision: what a deletion's event carries.</summary>
    public StoredObject AtRevision(long revision) => new(Type, Key, revision, ToTree());
}
