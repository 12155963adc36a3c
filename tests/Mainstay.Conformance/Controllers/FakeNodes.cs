using System.Collections.Immutable;
using System.Text.Json.Nodes;
using Mainstay.Kube;

namespace Mainstay.Conformance.Controllers;

/// <summary>
/// Three nodes that exist only as objects: their leases are renewed, each pod bound to them is said to run and to be
/// ready at an address, and each pod that is to go is let go.
/// </summary>
internal sealed class FakeNodes(KubeHttp http)
{
    private static readonly TimeSpan Beat = TimeSpan.FromMilliseconds(150);
    private int _address = 2;

    public static ImmutableArray<string> Names => ["node-1", "node-2", "node-3"];

    /// <summary>Runs until cancelled, and then returns.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(Beat);
        try
        {
            foreach (var name in Names)
            {
                await RegisterAsync(name, cancellationToken);
            }

            for (var beat = 0; await timer.WaitForNextTickAsync(cancellationToken); beat++)
            {
                if (beat % 30 == 0)
                {
                    await RenewAllAsync(cancellationToken);
                }

                await LivePodsAsync(cancellationToken);
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // The test is over.
        }
    }

    private async Task RegisterAsync(string name, CancellationToken cancellationToken)
    {
        var zone = "zone-" + (char)('a' + name[^1] - '1');
        var labels = new JsonObject { ["topology.kubernetes.io/zone"] = zone, ["kubernetes.io/hostname"] = name };
        using var node = await http.CreateAsync("/api/v1/nodes", new JsonObject
        {
            ["apiVersion"] = "v1",
            ["kind"] = "Node",
            ["metadata"] = new JsonObject { ["name"] = name, ["labels"] = labels },
        }, cancellationToken);
        using var lease = await http.CreateAsync(Leases, new JsonObject
        {
            ["apiVersion"] = "coordination.k8s.io/v1",
            ["kind"] = "Lease",
            ["metadata"] = new JsonObject { ["name"] = name, ["namespace"] = "kube-node-lease" },
            ["spec"] = new JsonObject { ["holderIdentity"] = name, ["leaseDurationSeconds"] = 40 },
        }, cancellationToken);
    }

    private const string Leases = "/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases";

    private async Task RenewAllAsync(CancellationToken cancellationToken)
    {
        foreach (var name in Names)
        {
            var now = TimeProvider.System.GetUtcNow().ToString("yyyy-MM-ddTHH:mm:ssZ");
            using var node = await PatchAsync($"/api/v1/nodes/{name}/status", new JsonObject
            {
                ["capacity"] = Room(),
                ["allocatable"] = Room(),
                ["conditions"] = new JsonArray(Ready(now)),
            }, cancellationToken);
            using var lease = await http.MergeAsync($"{Leases}/{name}",
                new JsonObject { ["spec"] = new JsonObject { ["renewTime"] = now.Replace("Z", ".000000Z") } },
                cancellationToken);
        }
    }

    private async Task LivePodsAsync(CancellationToken cancellationToken)
    {
        using var pods = await http.GetAsync("/api/v1/pods", cancellationToken);
        foreach (var pod in pods.RootElement.Items("items"))
        {
            var meta = ObjectMeta.Read(pod);
            var path = $"/api/v1/namespaces/{meta.Key.Namespace}/pods/{meta.Key.Name}";
            try
            {
                if (string.IsNullOrEmpty(pod.GetProperty("spec").Text("nodeName")))
                {
                    continue;
                }

                if (meta.DeletionTimestamp is not null)
                {
                    using var gone = await http.DeleteAsync(
                        path, new JsonObject { ["gracePeriodSeconds"] = 0 }, cancellationToken);
                }
                else if (pod.Child("status")?.Text("phase") != "Running" && !IsBroken(pod))
                {
                    await StartAsync(path, cancellationToken);
                }
            }
            catch (KubeStatusException)
            {
                // It changed or went since it was listed; the next beat sees what it is now.
            }
        }
    }

    private async Task StartAsync(string path, CancellationToken cancellationToken)
    {
        _address++;
        var address = $"10.99.{_address / 250}.{(_address % 250) + 1}";
        using var started = await PatchAsync($"{path}/status", new JsonObject
        {
            ["phase"] = "Running",
            ["podIP"] = address,
            ["podIPs"] = new JsonArray(new JsonObject { ["ip"] = address }),
            ["conditions"] = new JsonArray(Ready(TimeProvider.System.GetUtcNow().ToString("yyyy-MM-ddTHH:mm:ssZ"))),
        }, cancellationToken);
    }

    private Task<System.Text.Json.JsonDocument> PatchAsync(
        string path, JsonObject status, CancellationToken cancellationToken) =>
        http.AnswerAsync(new KubeRequest(HttpMethod.Patch, path)
        {
            Body = new JsonObject { ["status"] = status },
            ContentType = KubeRequest.StrategicMergePatch,
        }, cancellationToken);

    private static bool IsBroken(System.Text.Json.JsonElement pod) =>
        pod.GetProperty("spec").Items("containers").First().Text("image").Contains("broken", StringComparison.Ordinal);

    private static JsonObject Ready(string now) => new()
    {
        ["type"] = "Ready",
        ["status"] = "True",
        ["lastTransitionTime"] = now,
    };

    private static JsonObject Room() => new() { ["cpu"] = "8", ["memory"] = "16Gi", ["pods"] = "110" };
}
