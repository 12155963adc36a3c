using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Mainstay.Kube;

namespace Mainstay.ConsoleSite.Changes;

/// <summary>
/// Of one object, what the ledger compares: whatever else becomes different in it is no change. Nothing here is, or
/// tells, a value of a secret.
/// </summary>
internal sealed record Facts
{
    public string Uid { get; init; } = "";

    /// <summary>Grows with each change of what is wished for; 0 where the kind has none.</summary>
    public long Generation { get; init; }

    /// <summary>
    /// The object's resourceVersion when it was read; empty where it has none. No fact: it is not compared.
    /// </summary>
    public string Revision { get; init; } = "";

    public DateTimeOffset? CreatedAt { get; init; }

    /// <summary>By the words of <see cref="FactNames"/>.</summary>
    public ImmutableSortedDictionary<string, string> Values { get; init; } =
        ImmutableSortedDictionary<string, string>.Empty;

    public string this[string name] => Values.GetValueOrDefault(name, "");

    /// <summary>A state of before, from a server that lags. Revisions that are no numbers tell nothing.</summary>
    public bool IsBefore(Facts other) => Generation < other.Generation
        || (ulong.TryParse(Revision, out var own) && ulong.TryParse(other.Revision, out var known) && own < known);

    public bool SameAs(Facts other) =>
        Uid == other.Uid && Generation == other.Generation && Values.SequenceEqual(other.Values);
}

internal static class FactNames
{
    /// <summary>A hash of its canonical text; earlier ledgers have one of the raw text under "template".</summary>
    public const string Template = "podTemplate";
    public const string Images = "images";
    public const string Replicas = "replicas";
    /// <summary>A hash as that of the template.</summary>
    public const string Spec = "canonicalSpec";
    public const string Data = "data";
    public const string Cordoned = "cordoned";
    public const string Ready = "ready";
    public const string ReadySince = "readySince";
    public const string Version = "version";
    public const string Name = "name";
    public const string Address = "address";

    /// <summary>Earlier templates, the newest first, by comma: what a rollback goes back to.</summary>
    public const string Earlier = "earlier";
}

/// <summary>From objects of the API to facts.</summary>
internal static class FactReaders
{
    private const string LeaderAnnotation = "control-plane.alpha.kubernetes.io/leader";

    /// <summary>Deployments, and DaemonSets, which have no number of replicas of their own.</summary>
    public static Facts Workload(JsonElement json)
    {
        var spec = json.Child("spec");
        var template = spec?.Child("template");
        var replicas = spec?.Number("replicas");
        return Of(json, new Dictionary<string, string>
        {
            [FactNames.Template] = Hash(Canonical(template)),
            [FactNames.Images] = Images(template),
            [FactNames.Replicas] = replicas is { } count ? $"{count}" : "",
        });
    }

    public static Facts Service(JsonElement json) => Of(json, new Dictionary<string, string>
    {
        [FactNames.Spec] = Hash(
            Canonical(json.Child("spec")?.Field("selector")) + Canonical(json.Child("spec")?.Field("ports"))),
    });

    public static Facts Node(JsonElement json)
    {
        var ready = json.Child("status")?.Items("conditions")
            .FirstOrDefault(condition => condition.Text("type") == "Ready") ?? default;
        var isTold = ready.ValueKind == JsonValueKind.Object;
        return Of(json, new Dictionary<string, string>
        {
            [FactNames.Cordoned] = json.Child("spec")?.Flag("unschedulable") == true ? "true" : "false",
            [FactNames.Ready] = isTold ? ready.Text("status") : "",
            [FactNames.ReadySince] = isTold ? ready.Text("lastTransitionTime") : "",
            [FactNames.Version] = json.Child("status")?.Child("nodeInfo")?.Text("kubeletVersion") ?? "",
        }) with
        {
            // A node's generation says nothing that the ledger would tell.
            Generation = 0,
        };
    }

    public static Facts ConfigMap(JsonElement json)
    {
        // A lock in the form of a ConfigMap changes all the time and means nothing.
        var isLock = json.Child("metadata")?.Map("annotations").ContainsKey(LeaderAnnotation) ?? false;
        var data = isLock
            ? ""
            : (json.Field("data")?.GetRawText() ?? "") + (json.Field("binaryData")?.GetRawText() ?? "");
        return Of(json, new Dictionary<string, string> { [FactNames.Data] = Hash(data) });
    }

    /// <summary>Of a secret not even a hash is kept, from which a short value could be guessed: its revision.</summary>
    public static Facts Secret(JsonElement json) => Of(json, new Dictionary<string, string>
    {
        [FactNames.Data] = json.Child("metadata")?.Text("resourceVersion") ?? "",
    });

    private static Facts Of(JsonElement json, Dictionary<string, string> values)
    {
        var meta = ObjectMeta.Read(json);
        return new Facts
        {
            Uid = meta.Uid,
            Generation = meta.Generation,
            Revision = meta.ResourceVersion,
            CreatedAt = meta.CreationTimestamp,
            Values = values.ToImmutableSortedDictionary(StringComparer.Ordinal),
        };
    }

    private static string Images(JsonElement? template)
    {
        var containers = template?.Child("spec")?.Items("containers") ?? [];
        return string.Join(", ", containers.Select(container => container.Text("image")));
    }

    /// <summary>One text for one meaning: an undo writes the same template in another order.</summary>
    private static string Canonical(JsonElement? json) =>
        json is { ValueKind: not JsonValueKind.Undefined } value
            ? CanonicalJson.Text(JsonNode.Parse(value.GetRawText()))
            : "";

    private static string Hash(string text) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)))[..16];
}
