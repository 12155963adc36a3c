using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using Mainstay.Kube;

namespace Mainstay.Drills.Stage;

/// <summary>
/// What people do to the cluster in a drill, by the Kubernetes API: deploy, undo, scale, delete. A call that fails goes
/// to the next API server, a few times.
/// </summary>
internal sealed class Cluster(KubeHttp api, string space, TimeProvider time)
{
    private const string Release = "drill.mainstay.dev/release";
    private const int Tries = 6;
    private static readonly TimeSpan TryAgainAfter = TimeSpan.FromMilliseconds(500);

    /// <summary>Changes the pods' template as a deploy does: by an annotation that names the release.</summary>
    public Task DeployAsync(string deployment, string release, CancellationToken cancellationToken) =>
        MergeAsync(deployment, Template(release), cancellationToken);

    /// <summary>The template as it was: the replica set of before is taken again, as by <c>rollout undo</c>.</summary>
    public Task UndoAsync(string deployment, CancellationToken cancellationToken) =>
        MergeAsync(deployment, Template(null), cancellationToken);

    public Task ScaleAsync(string deployment, int replicas, CancellationToken cancellationToken) =>
        MergeAsync(
            deployment, new JsonObject { ["spec"] = new JsonObject { ["replicas"] = replicas } }, cancellationToken);

    public Task CreateAsync(string path, JsonObject manifest, CancellationToken cancellationToken) =>
        AgainAsync(() => api.CreateAsync(path, manifest.DeepClone(), cancellationToken), cancellationToken);

    public Task DeleteAsync(string path, CancellationToken cancellationToken) =>
        AgainAsync(() => api.DeleteAsync(path, null, cancellationToken), cancellationToken);

    /// <summary>Every replica is of the newest template, ready, and none of an older one is left.</summary>
    public async Task<bool> IsRolledOutAsync(string deployment, CancellationToken cancellationToken)
    {
        using var found = await api.GetAsync(PathOf(deployment), cancellationToken);
        var root = found.RootElement;
        var wanted = Number(root, "spec", "replicas");
        return Number(root, "status", "observedGeneration") >= Number(root, "metadata", "generation")
            && Number(root, "status", "updatedReplicas") == wanted
            && Number(root, "status", "replicas") == wanted
            && Number(root, "status", "availableReplicas") == wanted
            && !await AnyTerminatingAsync(deployment, cancellationToken);
    }

    /// <summary>Addresses of the pods that run.</summary>
    public async Task<IReadOnlyList<string>> PodAddressesAsync(string app, CancellationToken cancellationToken)
    {
        using var pods = await PodsAsync(app, cancellationToken);
        return
        [
            .. pods.RootElement.GetProperty("items").EnumerateArray()
                .Where(pod => Text(pod, "status", "phase") == "Running" && !Terminates(pod))
                .Select(pod => Text(pod, "status", "podIP")).OfType<string>(),
        ];
    }

    /// <summary>The node of one pod that runs; null where none does.</summary>
    public async Task<string?> NodeOfAsync(string app, CancellationToken cancellationToken)
    {
        using var pods = await PodsAsync(app, cancellationToken);
        return pods.RootElement.GetProperty("items").EnumerateArray()
            .Where(pod => Text(pod, "status", "phase") == "Running" && !Terminates(pod))
            .Select(pod => Text(pod, "spec", "nodeName")).FirstOrDefault();
    }

    /// <summary>How many pods a deployment asks for.</summary>
    public async Task<int> ReplicasAsync(string deployment, CancellationToken cancellationToken)
    {
        using var found = await api.GetAsync(PathOf(deployment), cancellationToken);
        return (int)Number(found.RootElement, "spec", "replicas");
    }

    /// <summary>Deletes every EndpointSlice of the namespace.</summary>
    /// <returns>how many</returns>
    public async Task<int> DeleteSlicesAsync(CancellationToken cancellationToken)
    {
        var path = $"/apis/discovery.k8s.io/v1/namespaces/{space}/endpointslices";
        using var slices = await api.GetAsync(path, cancellationToken);
        var names = slices.RootElement.GetProperty("items").EnumerateArray()
            .Select(slice => Text(slice, "metadata", "name")).OfType<string>().ToList();
        foreach (var name in names)
        {
            await DeleteAsync($"{path}/{name}", cancellationToken);
        }

        return names.Count;
    }

    private async Task<bool> AnyTerminatingAsync(string app, CancellationToken cancellationToken)
    {
        using var pods = await PodsAsync(app, cancellationToken);
        return pods.RootElement.GetProperty("items").EnumerateArray().Any(Terminates);
    }

    private Task<JsonDocument> PodsAsync(string app, CancellationToken cancellationToken) =>
        api.GetAsync(
            $"/api/v1/namespaces/{space}/pods?labelSelector={Uri.EscapeDataString($"app.kubernetes.io/name={app}")}",
            cancellationToken);

    private Task MergeAsync(string deployment, JsonObject patch, CancellationToken cancellationToken) =>
        AgainAsync(() => api.MergeAsync(PathOf(deployment), patch.DeepClone(), cancellationToken), cancellationToken);

    private async Task AgainAsync(Func<Task<JsonDocument>> call, CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            var server = api.Server;
            try
            {
                using var answer = await call();
                return;
            }
            catch (Exception fault) when (attempt < Tries && MayPass(fault))
            {
                api.Leave(server);
                await Task.Delay(TryAgainAfter, time, cancellationToken);
            }
        }
    }

    private static bool MayPass(Exception fault) =>
        fault is HttpRequestException or TimeoutException
            or KubeStatusException { Code: >= HttpStatusCode.InternalServerError or HttpStatusCode.TooManyRequests };

    private static JsonObject Template(string? release) => new()
    {
        ["spec"] = new JsonObject
        {
            ["template"] = new JsonObject
            {
                ["metadata"] = new JsonObject { ["annotations"] = new JsonObject { [Release] = release } },
            },
        },
    };

    private string PathOf(string deployment) => $"/apis/apps/v1/namespaces/{space}/deployments/{deployment}";

    private static bool Terminates(JsonElement pod) =>
        pod.GetProperty("metadata").TryGetProperty("deletionTimestamp", out _);

    private static long Number(JsonElement root, string part, string field) =>
        root.TryGetProperty(part, out var holder) && holder.TryGetProperty(field, out var value)
            && value.TryGetInt64(out var number) ? number : 0;

    private static string? Text(JsonElement root, string part, string field) =>
        root.TryGetProperty(part, out var holder) && holder.TryGetProperty(field, out var value)
            ? value.GetString() : null;
}
