using System.Text.Json;

namespace Mainstay.Conformance.Platform;

/// <summary>The bank on a whole platform, used as its README tells: curl and kubectl as they are.</summary>
[Collection(ThreeNodeBankShare.Name)]
public sealed class BankOnThreeNodesTests(ThreeNodeBank fixture) : IAsyncLifetime
{
    private static readonly TimeSpan RolloutDeadline = TimeSpan.FromSeconds(120);

    private readonly RunningPlatform _platform = fixture.Platform;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    /// <summary>Each test begins on a platform that is well, whatever the one before has done to it.</summary>
    public async ValueTask InitializeAsync()
    {
        await Eventually.TrueAsync("every part is well", RolloutDeadline, async () =>
            (await _platform.StatusAsync(Cancel)).ExitCode == 0, Cancel);
        await Eventually.TrueAsync("the bank pays", RolloutDeadline, PaysAsync, Cancel);
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    [Fact]
    public async Task The_printed_curl_line_pays_and_the_feed_shows_it()
    {
        var before = await _platform.ReadAsync("gateway.bank", "/accounts/acc-bob", Cancel);

        var answer = await new Command("bash", "-c", fixture.PaymentLine).RunAsync(Cancel);

        using var receipt = JsonDocument.Parse(answer.Succeeded().Output);
        var id = receipt.RootElement.GetProperty("id").GetString();
        Assert.Equal("booked", receipt.RootElement.GetProperty("status").GetString());
        await Eventually.TrueAsync("the feed of acc-bob shows the payment", TimeSpan.FromSeconds(15), async () =>
        {
            var feed = await _platform.ReadAsync("gateway.bank", "/feed/acc-bob", Cancel);
            return feed.GetProperty("items").EnumerateArray().Any(item => item.GetProperty("id").GetString() == id);
        }, Cancel);
        var after = await _platform.ReadAsync("gateway.bank", "/accounts/acc-bob", Cancel);
        Assert.True(Amount(after) > Amount(before), "the payee has more than before");
    }

    [Fact]
    public async Task Kubectl_lists_the_bank_and_the_platforms_own_parts_on_three_nodes()
    {
        var pods = (await _platform.KubectlAsync(Cancel, "get", "pods", "-A", "-o", "wide")).Succeeded().Output;
        var nodes = (await _platform.KubectlAsync(Cancel, "get", "nodes", "-o", "json")).Succeeded().Output;

        foreach (var part in new[] { "store", "api", "controllers", "console", "router", "ledger", "payments",
            "customers" })
        {
            Assert.Contains(part, pods, StringComparison.Ordinal);
        }

        using var list = JsonDocument.Parse(nodes);
        var zones = list.RootElement.GetProperty("items").EnumerateArray()
            .Select(node => node.GetProperty("metadata").GetProperty("labels")
                .GetProperty("topology.kubernetes.io/zone").GetString())
            .Distinct();
        Assert.Equal(3, zones.Count());
    }

    [Fact]
    public async Task Kubectl_describes_scales_and_reads_logs()
    {
        var describe = await _platform.KubectlAsync(Cancel, "-n", "bank", "describe", "deployment", "gateway");
        Assert.Contains("bank/gateway:v1", describe.Succeeded().Output, StringComparison.Ordinal);

        (await _platform.KubectlAsync(Cancel, "-n", "bank", "scale", "deployment/cops", "--replicas=3")).Succeeded();
        (await RolloutStatusAsync("cops")).Succeeded();
        (await _platform.KubectlAsync(Cancel, "-n", "bank", "scale", "deployment/cops", "--replicas=1")).Succeeded();
        (await RolloutStatusAsync("cops")).Succeeded();

        var logs = await _platform.KubectlAsync(Cancel, "-n", "bank", "logs", "deployment/ledger");
        Assert.Contains("ledger", logs.Succeeded().Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_broken_version_is_undone_and_no_payment_is_lost_or_doubled()
    {
        var broken = Tests.Architecture.SourceTree.Path("samples/bank/broken/payments.yaml");
        (await _platform.KubectlAsync(Cancel, "apply", "-f", broken)).Succeeded();
        (await RolloutStatusAsync("payments")).Succeeded();
        Assert.False(await PaysAsync(), "the broken version fails every request");

        (await _platform.KubectlAsync(Cancel, "-n", "bank", "rollout", "undo", "deployment/payments")).Succeeded();
        (await RolloutStatusAsync("payments")).Succeeded();

        await Eventually.TrueAsync("payments work again", TimeSpan.FromSeconds(20), PaysAsync, Cancel);
        await new BankLoad(_platform).NothingIsLostOrDoubledAsync();
    }

    [Fact]
    public async Task A_service_left_at_zero_harms_no_other_when_every_router_restarts()
    {
        (await _platform.KubectlAsync(Cancel, "-n", "bank", "scale", "deployment/cards", "--replicas=0")).Succeeded();
        await Eventually.TrueAsync(
            "the table of every router has cards without a ready endpoint", RolloutDeadline, async () =>
        {
            var ready = await Task.WhenAll(new[] { 1, 2, 3 }.Select(node => ReadyEndpointsAsync(node, "cards")));
            return ready.All(count => count == 0);
        }, Cancel);

        await KillRoutersAsync();

        await Eventually.TrueAsync("payments work through new routers", TimeSpan.FromSeconds(60), PaysAsync, Cancel);
        await Eventually.TrueAsync("every new router has every other service", TimeSpan.FromSeconds(30), async () =>
        {
            var ready = await Task.WhenAll(new[] { 1, 2, 3 }.Select(node => ReadyEndpointsAsync(node, "payments")));
            return ready.All(count => count > 0);
        }, Cancel);
        await Eventually.TrueAsync("the service left at zero fails fast", TimeSpan.FromSeconds(30), async () =>
        {
            using var cards = await _platform.CallAsync(HttpMethod.Get, "cards.bank", "/healthz", null, Cancel);
            return (int)cards.StatusCode == 503;
        }, Cancel);

        (await _platform.KubectlAsync(Cancel, "-n", "bank", "scale", "deployment/cards", "--replicas=2")).Succeeded();
        (await RolloutStatusAsync("cards")).Succeeded();
    }

    [Fact]
    public async Task Calls_go_on_without_a_control_plane_and_a_rollout_works_once_it_is_back()
    {
        using var holding = new ControlPlaneHold(_platform, node: 1);
        await holding.KillAsync(["store", "api", "controllers"], Cancel);
        Assert.True(await PaysAsync(), "calls go on without the control plane");

        await KillRoutersAsync();
        await Eventually.TrueAsync(
            "a router started without a control plane routes", TimeSpan.FromSeconds(60), PaysAsync, Cancel);
        Assert.Equal("snapshot",
            (await _platform.TableAsync(1, Cancel)).GetProperty("source").GetProperty("state").GetString());

        holding.Release();
        await Eventually.TrueAsync("the API server is back", TimeSpan.FromSeconds(90), async () =>
            (await _platform.KubectlAsync(Cancel, "get", "--raw", "/readyz")).ExitCode == 0, Cancel);
        (await _platform.KubectlAsync(Cancel, "-n", "bank", "rollout", "restart", "deployment/payments")).Succeeded();
        (await RolloutStatusAsync("payments")).Succeeded();
        await Eventually.TrueAsync("payments work", TimeSpan.FromSeconds(20), PaysAsync, Cancel);
        await new BankLoad(_platform).NothingIsLostOrDoubledAsync();
    }

    private Task<CommandResult> RolloutStatusAsync(string deployment) => _platform.KubectlAsync(
        Cancel, "-n", "bank", "rollout", "status", $"deployment/{deployment}",
            $"--timeout={RolloutDeadline.TotalSeconds}s");

    private async Task<bool> PaysAsync()
    {
        const string Payment = """{"from":"acc-carol","to":"acc-bob","amount":1,"reference":"test"}""";
        using var answer = await _platform.CallAsync(HttpMethod.Post, "gateway.bank", "/payments", Payment, Cancel);
        return answer.IsSuccessStatusCode;
    }

    private async Task<int> ReadyEndpointsAsync(int node, string service)
    {
        var table = await _platform.TableAsync(node, Cancel);
        return table.GetProperty("services").EnumerateArray()
            .Where(entry => entry.GetProperty("namespace").GetString() == "bank"
                && entry.GetProperty("name").GetString() == service)
            .SelectMany(entry => entry.GetProperty("endpoints").EnumerateArray())
            .Count(endpoint => endpoint.GetProperty("ready").GetBoolean());
    }

    private async Task KillRoutersAsync()
    {
        var routers = _platform.Processes()
            .Where(process => process.CommandLine.Contains("--pod-port", StringComparison.Ordinal))
            .Where(process => !process.CommandLine.Contains("--prove", StringComparison.Ordinal)).ToList();
        Assert.Equal(3, routers.Count);
        await Task.WhenAll(routers.Select(router => router.KillAsync(Cancel)));
    }

    private static long Amount(JsonElement account) => account.GetProperty("balance").GetProperty("amount").GetInt64();
}
