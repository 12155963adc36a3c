using System.Text.Json;
using Mainstay.Kube;

namespace Mainstay.Up;

/// <summary>
/// Waits for what must be there before the next step. Every wait ends with its token, which bears the deadline.
/// </summary>
internal sealed class Readiness(PlatformPlan plan, TimeProvider time)
{
    private static readonly TimeSpan PollEvery = TimeSpan.FromMilliseconds(100);

    public Task WaitForApiAsync(CancellationToken cancellationToken) =>
        UntilAsync(
            async () =>
            {
                // Made anew each time: the certificate authority may be younger than the last try.
                using var api = KubeHttp.Create(Kubeconfig.Load(plan.Data.Kubeconfig));
                using var answer = await api.OpenAsync(new KubeRequest(HttpMethod.Get, "/readyz"), cancellationToken);
                return answer.IsSuccessStatusCode;
            },
            cancellationToken);

    public Task WaitForNodesAsync(KubeHttp api, CancellationToken cancellationToken) =>
        UntilAsync(
            async () =>
            {
                using var list = await api.GetAsync("/api/v1/nodes", cancellationToken);
                return Items(list).Count(IsReady) >= plan.Nodes.Count;
            },
            cancellationToken);

    public Task WaitForDeploymentsAsync(KubeHttp api, string space, CancellationToken cancellationToken) =>
        UntilAsync(
            async () =>
            {
                using var list = await api.GetAsync($"/apis/apps/v1/namespaces/{space}/deployments", cancellationToken);
                return Items(list).Any() && Items(list).All(IsAvailable);
            },
            cancellationToken);

    private static JsonElement.ArrayEnumerator Items(JsonDocument list) =>
        list.RootElement.GetProperty("items").EnumerateArray();

    private static bool IsReady(JsonElement node) =>
        node.TryGetProperty("status", out var status)
        && status.TryGetProperty("conditions", out var conditions)
        && conditions.EnumerateArray().Any(condition =>
            condition.GetProperty("type").GetString() == "Ready"
                && condition.GetProperty("status").GetString() == "True");

    private static bool IsAvailable(JsonElement deployment)
    {
        var wanted = Number(deployment.GetProperty("spec"), "replicas");
        return deployment.TryGetProperty("status", out var status)
            && Number(status, "observedGeneration") >= Number(deployment.GetProperty("metadata"), "generation")
            && Number(status, "updatedReplicas") >= wanted
            && Number(status, "availableReplicas") >= wanted;
    }

    private static long Number(JsonElement parent, string name) =>
        parent.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Number ? value.GetInt64() : 0;

    private async Task UntilAsync(Func<Task<bool>> isSo, CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                if (await isSo())
                {
                    return;
                }
            }
            catch (Exception fault) when (fault is HttpRequestException or KubeStatusException or TimeoutException)
            {
                // Not there yet, which is what is being waited for.
            }

            await Task.Delay(PollEvery, time, cancellationToken);
        }
    }
}
