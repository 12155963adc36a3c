using System.Text.Json;
using System.Text.Json.Nodes;
using Mainstay.Kernel;
using Mainstay.Kube;

namespace Mainstay.Up;

/// <summary>
/// Brings standard manifests to an API server: creates what is not there and merges the manifest into what is. Kinds
/// are
/// looked up by discovery, so that it knows none by itself.
/// </summary>
internal sealed class ManifestApplier(KubeHttp api)
{
    private const string LastApplied = "kubectl.kubernetes.io/last-applied-configuration";

    private readonly Dictionary<(string GroupVersion, string Kind), Resource> _resources = [];

    /// <summary>Applies every object of the folder's files, in the order of their names.</summary>
    public async Task ApplyFolderAsync(string folder, CancellationToken cancellationToken)
    {
        foreach (var file in Directory.EnumerateFiles(folder, "*.yaml").Order(StringComparer.Ordinal))
        {
            foreach (var document in Yaml.ParseAll(await File.ReadAllTextAsync(file, cancellationToken)))
            {
                await ApplyAsync(document, file, cancellationToken);
            }
        }
    }

    private async Task ApplyAsync(JsonNode manifest, string file, CancellationToken cancellationToken)
    {
        var groupVersion = Text(manifest["apiVersion"]) ?? throw Lacks(file, "apiVersion");
        var kind = Text(manifest["kind"]) ?? throw Lacks(file, "kind");
        var name = Text(manifest["metadata"]?["name"]) ?? throw Lacks(file, "metadata.name");
        RememberAsApplied(manifest);
        try
        {
            var resource = await ResourceAsync(groupVersion, kind, cancellationToken);
            var space = Text(manifest["metadata"]?["namespace"]) ?? "default";
            var scope = resource.Namespaced ? $"namespaces/{space}/" : "";
            var collection = $"{Root(groupVersion)}/{scope}{resource.Plural}";
            await CreateOrMergeAsync(collection, name, manifest, cancellationToken);
        }
        catch (KubeStatusException refusal)
        {
            throw new StartException(
                $"the API server refused {kind} {name} of {file}: {refusal.Message}",
                    "mend the manifest and start again");
        }
    }

    private async Task CreateOrMergeAsync(
        string collection, string name, JsonNode manifest, CancellationToken cancellationToken)
    {
        try
        {
            using var created = await api.CreateAsync(collection, manifest, cancellationToken);
        }
        catch (KubeStatusException exists) when (exists.IsAlreadyExists)
        {
            var merge = new KubeRequest(HttpMethod.Patch, $"{collection}/{name}")
            {
                Body = manifest,
                ContentType = KubeRequest.StrategicMergePatch,
            };
            using var merged = await api.AnswerAsync(merge, cancellationToken);
        }
    }

    private async Task<Resource> ResourceAsync(string groupVersion, string kind, CancellationToken cancellationToken)
    {
        if (_resources.TryGetValue((groupVersion, kind), out var known))
        {
            return known;
        }

        using var list = await api.GetAsync(Root(groupVersion), cancellationToken);
        foreach (var entry in list.RootElement.GetProperty("resources").EnumerateArray())
        {
            var plural = entry.GetProperty("name").GetString()!; // required by APIResource
            if (entry.GetProperty("kind").GetString() == kind && !plural.Contains('/', StringComparison.Ordinal))
            {
                return _resources[(groupVersion, kind)] = new Resource(
                    plural, entry.GetProperty("namespaced").GetBoolean());
            }
        }

        throw new StartException($"the API server has no {kind} in {groupVersion}", "use a kind that it serves");
    }

    /// <summary>
    /// As kubectl does it, so that a person's later 'kubectl apply' knows what to take away and does not warn.
    /// </summary>
    private static void RememberAsApplied(JsonNode manifest)
    {
        var applied = manifest.ToJsonString();
        var metadata = manifest["metadata"]!.AsObject(); // its name has just been read
        metadata["annotations"] ??= new JsonObject();
        metadata["annotations"]![LastApplied] = applied;
    }

    private static string? Text(JsonNode? node) =>
        node?.GetValueKind() == JsonValueKind.String ? node.GetValue<string>() : null;

    private static string Root(string groupVersion) =>
        groupVersion.Contains('/', StringComparison.Ordinal) ? $"/apis/{groupVersion}" : $"/api/{groupVersion}";

    private static StartException Lacks(string file, string field) =>
        new($"an object in {file} has no {field}", "add it");

    private sealed record Resource(string Plural, bool Namespaced);
}
