using System.Text.Json;
using Mainstay.Conformance.Agent;
using Mainstay.Conformance.Platform;

namespace Mainstay.Conformance.Console;

/// <summary>'mainstay check --kubeconfig' on a real Kubernetes 1.20 with nothing of ours installed there.</summary>
public sealed class CheckOfRealKubernetesTests : IAsyncLifetime
{
    private readonly string _folder = Directory.CreateTempSubdirectory("mainstay-check").FullName;
    private RealKubernetes _peer = null!; // set before each test by InitializeAsync

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() =>
        _peer = await RealKubernetes.StartAsync(Path.Combine(_folder, "peer"), Cancel);

    public async ValueTask DisposeAsync()
    {
        await _peer.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task A_healthy_cluster_succeeds_and_an_empty_service_and_a_dead_server_are_named()
    {
        var (healthy, report) = await CheckAsync();
        Assert.True(healthy == 0, report.GetRawText());

        await _peer.KubectlAsync("create service clusterip forgotten --tcp=80:80");
        await Eventually.TrueAsync(
            "the empty service is named",
            TimeSpan.FromSeconds(30),
            async () => (await CheckAsync()).Report.GetRawText().Contains(
                "default/forgotten", StringComparison.Ordinal),
            Cancel);

        await _peer.DownAsync();
        var (dead, after) = await CheckAsync();
        Assert.Equal(1, dead);
        Assert.Contains($":{_peer.Port}", Faults(after), StringComparison.Ordinal);
        await _peer.UpAsync(_peer.Port, Cancel);
    }

    private async Task<(int Exit, JsonElement Report)> CheckAsync()
    {
        var check = await RunningPlatform.MainstayAsync(
            Cancel, "check", "--kubeconfig", _peer.Kubeconfig, "-o", "json");
        using var json = JsonDocument.Parse(check.Output);
        return (check.ExitCode, json.RootElement.Clone());
    }

    private static string Faults(JsonElement report) => string.Join('\n', report.GetProperty("categories")
        .EnumerateArray()
        .SelectMany(category => category.GetProperty("checks").EnumerateArray())
        .Where(check => check.GetProperty("result").GetString() == "error")
        .Select(check => check.GetProperty("description").GetString()));
}
