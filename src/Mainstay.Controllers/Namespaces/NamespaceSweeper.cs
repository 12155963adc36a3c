using System.Text.Json;
using System.Text.Json.Nodes;
using Mainstay.Controllers.Core;
using Mainstay.Kube;

namespace Mainstay.Controllers.Namespaces;

/// <summary>Content of a namespace remains; the key comes back by its back-off.</summary>
internal sealed class NamespaceNotEmptyException(string reason) : Exception(reason);

/// <summary>Deletes everything in a namespace, of whatever kind the API server serves, and finalizes it when it is
/// empty.</summary>
internal sealed class NamespaceSweeper(KubeHttp http)
{
    /// <exception cref="NamespaceNotEmptyException">something is still there: look again later</exception>
    public async Task SweepAsync(SweepNamespace sweep, CancellationToken cancellationToken)
    {
        var remaining = new List<string>();
        foreach (var kind in await NamespacedKindsAsync(cancellationToken))
        {
            if (await SweepKindAsync(kind, sweep.Key.Name, cancellationToken) is > 0 and var count)
            {
                remaining.Add($"{count} {kind.Plural}");
            }
        }
        if (remaining.Count > 0)
        {
            throw new NamespaceNotEmptyException($"waits for {string.Join(", ", remaining)}");
        }
        await FinalizeAsync(sweep, cancellationToken);
    }

    private async Task<List<KubeKind>> NamespacedKindsAsync(CancellationToken cancellationToken)
    {
        var roots = new List<(string Group, string Version)> { ("", "v1") };
        using (var groups = await http.GetAsync("/apis", cancellationToken))
        {
            roots.AddRange(groups.RootElement.Items("groups")
                .Select(g => (g.Text("name"), g.Child("preferredVersion")?.Text("version") ?? "v1")));
        }
        var kinds = new List<KubeKind>();
        foreach (var (group, version) in roots)
        {
            var root = new KubeKind(group, version, "", "").Root;
            using var list = await http.GetAsync(root, cancellationToken);
            kinds.AddRange(list.RootElement.Items("resources").Where(IsSwept)
                .Select(r => new KubeKind(group, version, r.Text("name"), r.Text("kind"))));
        }
        return kinds;
    }

    private static bool IsSwept(JsonElement resource) => resource.Flag("namespaced") == true
        && !resource.Text("name").Contains('/', StringComparison.Ordinal)
        && resource.Texts("verbs") is var verbs && verbs.Contains("list") && verbs.Contains("delete");

    private async Task<int> SweepKindAsync(KubeKind kind, string space, CancellationToken cancellationToken)
    {
        using var list = await http.GetAsync(kind.In(space), cancellationToken);
        var count = 0;
        foreach (var item in list.RootElement.Items("items"))
        {
            var meta = ObjectMeta.Read(item);
            count++;
            if (meta.DeletionTimestamp is null)
            {
                count -= await DeleteAsync(kind, meta, cancellationToken);
            }
        }
        return count;
    }

    /// <summary>One if the object is gone at once.</summary>
    private async Task<int> DeleteAsync(KubeKind kind, ObjectMeta meta, CancellationToken cancellationToken)
    {
        var options = new JsonObject
        {
            ["apiVersion"] = "v1",
            ["kind"] = "DeleteOptions",
            ["propagationPolicy"] = "Background",
            ["preconditions"] = new JsonObject { ["uid"] = meta.Uid },
        };
        try
        {
            using var answer = await http.DeleteAsync(kind.PathOf(meta.Key), options, cancellationToken);
            // A Status, or an object without a deletion time, means that it is gone; with one, that somebody must
            // finish.
            return answer.RootElement.Child("metadata")?.Field("deletionTimestamp") is null ? 1 : 0;
        }
        catch (KubeStatusException fault) when (fault.IsNotFound)
        {
            return 1;
        }
    }

    private async Task FinalizeAsync(SweepNamespace sweep, CancellationToken cancellationToken)
    {
        using var live = await http.GetAsync(Kinds.Namespace.PathOf(sweep.Key), cancellationToken);
        if (JsonNode.Parse(live.RootElement.GetRawText()) is not JsonObject space
            || ObjectMeta.Read(live.RootElement).Uid != sweep.Uid || space["spec"] is not JsonObject spec)
        {
            return;
        }
        var left = (spec["finalizers"] as JsonArray ?? []).Select(f => f?.ToString()).Where(f => f != "kubernetes");
        spec["finalizers"] = new JsonArray([.. left.Select(f => JsonValue.Create(f))]);
        using var done = await http.ReplaceAsync(Kinds.Namespace.PathOf(sweep.Key, "finalize"), space,
            cancellationToken);
    }
}
