using System.Collections.Immutable;
using System.Text.Json;

namespace Mainstay.Kube;

/// <summary>Namespace (empty for what lies in none) and name: what identifies an object among its kind at a
/// time.</summary>
public readonly record struct ObjectKey(string Namespace, string Name)
{
    public override string ToString() => Namespace.Length == 0 ? Name : $"{Namespace}/{Name}";

    /// <summary>From <see cref="ToString"/>'s form.</summary>
    public static ObjectKey Parse(string text)
    {
        var slash = text.IndexOf('/', StringComparison.Ordinal);
        return slash < 0 ? new ObjectKey("", text) : new ObjectKey(text[..slash], text[(slash + 1)..]);
    }

    /// <summary>From an object's metadata.</summary>
    /// <exception cref="MalformedObjectException">it has no name</exception>
    public static ObjectKey Of(JsonElement kubeObject)
    {
        var metadata = kubeObject.Child("metadata");
        var name = metadata?.Text("name") ?? "";
        return name.Length > 0 ? new ObjectKey(metadata?.Text("namespace") ?? "", name)
            : throw new MalformedObjectException("metadata.name is missing");
    }
}

/// <summary>The metadata of an object, read tolerantly.</summary>
public sealed record ObjectMeta
{
    public required ObjectKey Key { get; init; }
    public string Uid { get; init; } = "";
    public string ResourceVersion { get; init; } = "";
    public long Generation { get; init; }
    public DateTimeOffset? CreationTimestamp { get; init; }
    public DateTimeOffset? DeletionTimestamp { get; init; }
    public ImmutableDictionary<string, string> Labels { get; init; } = ImmutableDictionary<string, string>.Empty;
    public ImmutableDictionary<string, string> Annotations { get; init; } = ImmutableDictionary<string, string>.Empty;
    public ImmutableArray<OwnerReference> OwnerReferences { get; init; } = [];
    public ImmutableArray<string> Finalizers { get; init; } = [];

    /// <exception cref="MalformedObjectException">the name is missing or a field has a wrong type</exception>
    public static ObjectMeta Read(JsonElement kubeObject)
    {
        var key = ObjectKey.Of(kubeObject);
        var metadata = kubeObject.GetProperty("metadata");
        return new ObjectMeta
        {
            Key = key,
            Uid = metadata.Text("uid"),
            ResourceVersion = metadata.Text("resourceVersion"),
            Generation = metadata.Number("generation") ?? 0,
            CreationTimestamp = metadata.Time("creationTimestamp"),
            DeletionTimestamp = metadata.Time("deletionTimestamp"),
            Labels = metadata.Map("labels"),
            Annotations = metadata.Map("annotations"),
            OwnerReferences = [.. metadata.Items("ownerReferences").Select(OwnerReference.Read)],
            Finalizers = metadata.Texts("finalizers"),
        };
    }
}

/// <summary>Who owns an object; at most one owner is its controller.</summary>
public sealed record OwnerReference(string ApiVersion, string Kind, string Name, string Uid)
{
    public bool IsController { get; init; }
    public bool BlocksOwnerDeletion { get; init; }

    public static OwnerReference Read(JsonElement reference) =>
        new(reference.Text("apiVersion"), reference.Text("kind"), reference.Text("name"), reference.Text("uid"))
        {
            IsController = reference.Flag("controller") ?? false,
            BlocksOwnerDeletion = reference.Flag("blockOwnerDeletion") ?? false,
        };
}
