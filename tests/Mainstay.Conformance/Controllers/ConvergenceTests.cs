using System.Diagnostics;
using System.Text.Json;
using System.Text.Json.Nodes;
using Mainstay.Conformance.Platform;

namespace Mainstay.Conformance.Controllers;

/// <summary>
/// The fault of 14:10: a router that no longer learns where pods run. A rollout waits for it, by name, keeps the old
/// pods, and fails no call. The agent of the same node is stopped as well, so that it cannot heal its router meanwhile.
/// </summary>
[Collection(ThreeNodeBankShare.Name)]
public sealed class ConvergenceTests(ThreeNodeBank fixture) : IAsyncLifetime
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(60);
    private readonly RunningPlatform _platform = fixture.Platform;
    private readonly HttpClient _http = new() { Timeout = TimeSpan.FromSeconds(10) };

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        await Eventually.TrueAsync("every router has made itself known", Deadline, async () =>
            (await KubectlAsync("-n", "kube-system", "get", "leases", "-l", "mainstay.dev/part=router", "-o", "name"))
                .Split('\n').Count(name => name.Contains("/mainstay-router-", StringComparison.Ordinal)) == 3, Cancel);
        await KubectlAsync("cordon", "node-3");
        await KubectlAsync("-n", "bank", "rollout", "status", "deployment/cards", "--timeout=60s");
    }

    public async ValueTask DisposeAsync()
    {
        await SignalAsync("CONT", Agent);
        await SignalAsync("CONT", Router);
        await KubectlAsync("uncordon", "node-3");
        await Eventually.TrueAsync("node-3 is ready again", Deadline, async () =>
            (await KubectlAsync("get", "node", "node-3")).Contains(" Ready ", StringComparison.Ordinal), Cancel);
        _http.Dispose();
    }

    [Fact]
    public async Task A_rollout_waits_for_a_router_that_hangs_names_it_and_excuses_it_only_with_its_node()
    {
        using var done = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        var calling = CallAsync(done.Token);

        await SignalAsync("STOP", Agent);
        await SignalAsync("STOP", Router);
        await KubectlAsync("-n", "bank", "rollout", "restart", "deployment/cards");
        await HeldAsync();
        await SignalledAsync();
        await SignalAsync("CONT", Router);
        await RolledOutAsync();

        await SignalAsync("STOP", Router);
        await KubectlAsync("-n", "bank", "rollout", "restart", "deployment/cards");
        await HeldAsync();
        await LoseNodeAsync();
        await RolledOutAsync();
        Assert.Contains("excused", await GatesAsync(), StringComparison.Ordinal);

        await done.CancelAsync();
        var (calls, failed) = await calling;
        Assert.True(calls > 0, "nobody called");
        Assert.Equal(0, failed);
    }

    /// <summary>What the controllers write after the node's grace of forty seconds.</summary>
    private async Task LoseNodeAsync()
    {
        var node = JsonNode.Parse(await KubectlAsync("get", "node", "node-3", "-o", "json"))!;
        foreach (var condition in node["status"]!["conditions"]!.AsArray().Where(one => $"{one!["type"]}" == "Ready"))
        {
            condition!["status"] = "Unknown";
            condition["reason"] = "NodeStatusUnknown";
        }

        var file = Path.Combine(_platform.Data, "node-3.json");
        await File.WriteAllTextAsync(file, node.ToJsonString(), Cancel);
        await KubectlAsync("replace", "--raw", "/api/v1/nodes/node-3/status", "-f", file);
    }

    private bool Agent(PlatformProcess process) =>
        process.CommandLine.Contains("mainstay node --name node-3 ", StringComparison.Ordinal);

    private bool Router(PlatformProcess process) =>
        process.CommandLine.Contains("--pod-port", StringComparison.Ordinal)
        && process.CommandLine.Contains("node-3", StringComparison.Ordinal);

    private async Task HeldAsync()
    {
        await Eventually.TrueAsync("a new pod says that it waits for node-3", Deadline, async () =>
            (await GatesAsync()).Contains("waits for the routers of node-3 ", StringComparison.Ordinal), Cancel);
        using var set = JsonDocument.Parse(
            await KubectlAsync("-n", "bank", "get", "deployment", "cards", "-o", "json"));
        var status = set.RootElement.GetProperty("status");
        Assert.True(status.GetProperty("availableReplicas").GetInt32() >= 2, "old pods were taken away");
        Assert.True(status.GetProperty("updatedReplicas").GetInt32() < status.GetProperty("replicas").GetInt32());
    }

    private Task SignalledAsync() => Eventually.TrueAsync("the signal names the router", Deadline, async () =>
    {
        using var report = JsonDocument.Parse(await _http.GetStringAsync(
            $"http://{_platform.MetricsAddress("controllers")}/signals.json", Cancel));
        return report.RootElement.GetProperty("signals").EnumerateArray().Any(signal =>
            signal.GetProperty("name").GetString() == "rollout-not-converged"
            && signal.GetProperty("subject").GetString() == "deployment/bank/cards"
            && signal.GetProperty("causedBy").EnumerateArray().Any(by => by.GetString() == "router/node-3"));
    }, Cancel);

    private Task<string> RolledOutAsync() => KubectlAsync(
        "-n", "bank", "rollout", "status", "deployment/cards", $"--timeout={Deadline.TotalSeconds}s");

    private Task<string> GatesAsync() => KubectlAsync(
        "-n", "bank", "get", "pods", "-l", "app.kubernetes.io/name=cards", "-o",
        """jsonpath={.items[*].status.conditions[?(@.type=="mainstay.dev/routed")].message}""");

    private async Task<string> KubectlAsync(params string[] words) =>
        (await _platform.KubectlAsync(Cancel, words)).Succeeded().Output;

    private async Task SignalAsync(string signal, Func<PlatformProcess, bool> which)
    {
        foreach (var process in _platform.Processes().Where(which))
        {
            await new Command("kill", $"-{signal}", $"{process.Pid}").RunAsync(CancellationToken.None);
        }
    }

    /// <summary>Calls the service through the router of node 1 until told to end; counts what fails.</summary>
    private async Task<(int Calls, int Failed)> CallAsync(CancellationToken until)
    {
        var (calls, failed) = (0, 0);
        using var pace = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        while (!until.IsCancellationRequested)
        {
            calls++;
            try
            {
                using var answer = await _platform.CallAsync(HttpMethod.Get, "cards.bank", "/healthz", null, Cancel);
                failed += answer.IsSuccessStatusCode ? 0 : 1;
                await pace.WaitForNextTickAsync(until);
            }
            catch (HttpRequestException)
            {
                failed++;
            }
            catch (OperationCanceledException) when (until.IsCancellationRequested)
            {
                break;
            }
        }

        return (calls, failed);
    }
}
