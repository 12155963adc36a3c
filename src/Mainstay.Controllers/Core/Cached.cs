using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using k8s;
using k8s.Models;
using Mainstay.Kube;

namespace Mainstay.Controllers.Core;

/// <summary>An object with its own JSON beside its model, so that fields the model does not know survive a
/// copy.</summary>
internal sealed record Kept<T>(T Model, JsonElement Raw) : IMetadata<V1ObjectMeta>
    where T : IMetadata<V1ObjectMeta>
{
    public V1ObjectMeta Metadata { get => Model.Metadata; set => Model.Metadata = value; }

    public static Kept<T> Read(JsonElement kubeObject) =>
        new(KubernetesJson.Deserialize<T>(kubeObject), kubeObject.Clone());
}

/// <summary>An object of which only the metadata has a model.</summary>
internal sealed record Bare(JsonElement Raw) : IMetadata<V1ObjectMeta>
{
    public required V1ObjectMeta Metadata { get; set; }

    public static Bare Read(JsonElement kubeObject) => new(kubeObject.Clone()) { Metadata = ReadMeta(kubeObject) };

    /// <summary>Keeps the metadata alone, for kinds whose content is no business of ours.</summary>
    public static Bare ReadMetaOnly(JsonElement kubeObject) =>
        new(default(JsonElement)) { Metadata = ReadMeta(kubeObject) };

    private static V1ObjectMeta ReadMeta(JsonElement kubeObject) =>
        KubernetesJson.Deserialize<V1ObjectMeta>(kubeObject.GetProperty("metadata"));
}

/// <summary>One kind's cache, whatever its type: what loops and the garbage collector need to know of any
/// kind.</summary>
internal interface IClusterCache
{
    KubeKind Kind { get; }

    /// <summary>The revision the cache stands at; 0 before the first list.</summary>
    ulong Revision { get; }

    IEnumerable<V1ObjectMeta> All { get; }

    V1ObjectMeta? Find(ObjectKey key);

    /// <summary>Only before the reflector runs.</summary>
    void AddMetaListener(Action<V1ObjectMeta?, V1ObjectMeta?> listener);
}

/// <summary>One kind's cache with the indexes that every namespaced kind has.</summary>
internal sealed class ClusterCache<T> : IClusterCache
    where T : class, IMetadata<V1ObjectMeta>
{
    private const string ByOwnerUid = "owner";
    private const string ByNamespace = "namespace";

    public ClusterCache(KubeKind kind)
    {
        Kind = kind;
        Objects.AddIndex(ByOwnerUid, (_, value) => value.Metadata.OwnerReferences?.Select(o => o.Uid ?? "") ?? []);
        Objects.AddIndex(ByNamespace, (key, _) => [key.Namespace]);
    }

    public KubeKind Kind { get; }

    public ObjectCache<T> Objects { get; } = new();

    public ulong Revision => Revisions.Parse(Objects.Revision);

    public IEnumerable<V1ObjectMeta> All => Objects.Snapshot.Values.Select(o => o.Metadata);

    public T? Get(ObjectKey key) => Objects.Find(key);

    public ImmutableArray<T> OwnedBy(string uid) => Objects.By(ByOwnerUid, uid);

    public ImmutableArray<T> In(string space) => Objects.By(ByNamespace, space);

    public V1ObjectMeta? Find(ObjectKey key) => Objects.Find(key)?.Metadata;

    public void AddMetaListener(Action<V1ObjectMeta?, V1ObjectMeta?> listener) =>
        Objects.AddListener(change => listener(change.Old?.Metadata, change.New?.Metadata));
}

/// <summary>Resource versions are compared only against those of the same store, where they are growing
/// numbers.</summary>
internal static class Revisions
{
    public static ulong Parse(string? revision) =>
        ulong.TryParse(revision, NumberStyles.None, CultureInfo.InvariantCulture, out var value) ? value : 0;
}
