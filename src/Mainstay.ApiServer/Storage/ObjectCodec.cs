using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using Mainstay.ApiServer.Http;
using Mainstay.ApiServer.Registry;
using Mainstay.ApiServer.Schema;
using Mainstay.Etcd.Protocol;

namespace Mainstay.ApiServer.Storage;

/// <summary>
/// Between the documents in the store and the objects that are served. Reading is by the schema and applies defaults,
/// so
/// an object looks the same whoever wrote it: never null, lists that clients rely on always there. A document that
/// cannot
/// be read harms nobody else: it is left out and named, until it is mended or deleted.
/// </summary>
internal sealed class ObjectCodec(ILogger<ObjectCodec> logger)
{
    private readonly ConcurrentDictionary<string, UnreadableObject> _unreadable = new(StringComparer.Ordinal);

    public ICollection<UnreadableObject> Unreadable => _unreadable.Values;

    /// <returns>null when the document cannot be read: it is then logged and counted</returns>
    public StoredObject? ReadOrReport(ResourceType type, KeyValue kv)
    {
        var key = kv.Key.ToStringUtf8();
        var (stored, reason) = Read(type, key, kv);
        if (stored is not null)
        {
            Forget(key);
            return stored;
        }

        var (ns, name) = NameOf(type, key);
        if (_unreadable.TryAdd(key, new UnreadableObject(type.Plural, ns, name, reason)))
        {
            ApiServerLog.ObjectUnreadable(logger, key, reason);
        }

        return null;
    }

    /// <summary>As <see cref="ReadOrReport"/>, but an unreadable document refuses the request, by name.</summary>
    public static StoredObject ReadOrRefuse(ResourceType type, KeyValue kv)
    {
        var key = kv.Key.ToStringUtf8();
        var outcome = Read(type, key, kv);
        return outcome.Object ?? throw new RefusedException(
            KubeStatus.Internal($"the object stored at {key} cannot be read: {outcome.Reason}"));
    }

    /// <summary>The document at the key is gone, readable or not.</summary>
    public void Forget(string key)
    {
        if (_unreadable.TryRemove(key, out _))
        {
            ApiServerLog.ObjectReadableAgain(logger, key);
        }
    }

    /// <summary>
    /// The document as it is stored: of the owning type, without the revision that the store keeps itself.
    /// </summary>
    public static byte[] Write(ResourceType type, JsonObject tree)
    {
        tree.Ensure("metadata").Remove("resourceVersion");
        return JsonTree.ToUtf8(type.Conversion is { } conversion ? conversion.ToStored(tree) : tree);
    }

    private static (StoredObject? Object, string Reason) Read(ResourceType type, string key, KeyValue kv)
    {
        var owner = Owner(type);
        var read = ObjectReader.Read(owner.Expected, kv.Value.Span, FieldValidation.Ignore);
        if (read.Object is null)
        {
            return (null, read.Error ?? "it is not an object");
        }

        var tree = type.Conversion is { } conversion ? conversion.FromStored(read.Object) : read.Object;
        Defaults.Apply(type.Schema, tree);
        var stored = StoredObject.From(type, key, kv.ModRevision, tree);
        return type.StorageKey(stored.Namespace, stored.Name) == key
            ? (stored, "")
            : (null, $"it says that it is {stored.Namespace}/{stored.Name}");
    }

    /// <summary>
    /// The type that the stored document is of: where two versions share a prefix, the one without conversion.
    /// </summary>
    private static ResourceType Owner(ResourceType type) => type.Conversion is null
        ? type
        : ResourceTable.All.First(one => one.Conversion is null && one.StoragePrefix == type.StoragePrefix);

    private static (string Namespace, string Name) NameOf(ResourceType type, string key)
    {
        var rest = key[type.StoragePrefix.Length..].Split('/', 2);
        return rest.Length == 2 ? (rest[0], rest[1]) : ("", rest[0]);
    }
}

/// <summary>A document in the store that is no object of its kind.</summary>
internal sealed record UnreadableObject(string Resource, string Namespace, string Name, string Reason);
