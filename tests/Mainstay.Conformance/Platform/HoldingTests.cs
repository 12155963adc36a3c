using System.Net;
using System.Text.Json;

namespace Mainstay.Conformance.Platform;

/// <summary>
/// What holds when things vanish: endpoints deleted under the routers, a dependency gone under payments; and the proof
/// that a router could be restarted, by really starting one.
/// </summary>
[Collection(ThreeNodeBankShare.Name)]
public sealed class HoldingTests(ThreeNodeBank fixture) : IAsyncLifetime
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(60);

    private readonly RunningPlatform _platform = fixture.Platform;
    private readonly HttpClient _http = new() { Timeout = TimeSpan.FromSeconds(90) };

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    /// <summary>Each test begins on a platform that is well, whatever the one before has done to it.</summary>
    public async ValueTask InitializeAsync()
    {
        await Eventually.TrueAsync("every part is well", TimeSpan.FromSeconds(120), async () =>
            (await _platform.StatusAsync(Cancel)).ExitCode == 0, Cancel);
        await Eventually.TrueAsync("the bank takes cards", TimeSpan.FromSeconds(120), PaysByCardAsync, Cancel);
    }

    public ValueTask DisposeAsync()
    {
        _http.Dispose();
        return ValueTask.CompletedTask;
    }

    [Fact]
    public async Task A_throw_away_router_proves_on_demand_that_a_restart_is_safe_cold_and_warm()
    {
        using var answer = await _http.PostAsync($"{_platform.RouterAdmin(2)}/prove", null, Cancel);
        using var proof = JsonDocument.Parse(await answer.Content.ReadAsStringAsync(Cancel));

        Assert.Equal(("safe", ""), (Text(proof, "result"), Text(proof, "reason")));
        var runs = proof.RootElement.GetProperty("runs").EnumerateArray().ToArray();
        Assert.Equal(["cold", "warm", "warm"], runs.Select(run => run.GetProperty("kind").GetString()));
        Assert.All(runs, run => Assert.True(run.GetProperty("services").GetInt32() > 8));
    }

    [Fact]
    public async Task With_no_API_server_a_restart_is_proven_unsafe_cold_and_safe_from_the_snapshot()
    {
        using var holding = new ControlPlaneHold(_platform, node: 1);
        await holding.KillAsync(["api"], Cancel);

        using var answer = await _http.PostAsync($"{_platform.RouterAdmin(1)}/prove", null, Cancel);
        using var proof = JsonDocument.Parse(await answer.Content.ReadAsStringAsync(Cancel));

        Assert.Equal("unsafe", Text(proof, "result"));
        Assert.Contains(_platform.ApiServer(1), Text(proof, "reason"), StringComparison.Ordinal);
        var metrics = await _http.GetStringAsync($"{_platform.RouterAdmin(1)}/metrics", Cancel);
        Assert.Contains("mainstay_restart_safe{kind=\"cold\"} 0", metrics, StringComparison.Ordinal);
        Assert.Contains("mainstay_restart_safe{kind=\"warm\"} 1", metrics, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Slices_deleted_under_the_routers_cost_no_call_and_the_brake_ends_when_they_are_back()
    {
        using var holding = new ControlPlaneHold(_platform, node: 1);
        await holding.KillAsync(["controllers"], Cancel);
        (await _platform.KubectlAsync(Cancel, "-n", "bank", "delete", "endpointslices", "--all")).Succeeded();
        await Eventually.TrueAsync("the brake holds on every router", Deadline, async () =>
            (await Task.WhenAll(new[] { 1, 2, 3 }.Select(BrakedAsync))).All(count => count > 8), Cancel);

        for (var payment = 0; payment < 20; payment++)
        {
            Assert.True(await PaysByCardAsync(), $"payment {payment}");
        }

        holding.Release();
        await Eventually.TrueAsync("the slices are back and nothing is held", TimeSpan.FromSeconds(120), async () =>
            (await Task.WhenAll(new[] { 1, 2, 3 }.Select(BrakedAsync))).All(count => count == 0), Cancel);
        Assert.True(await PaysByCardAsync());
    }

    [Fact]
    public async Task Cards_pay_by_standin_while_a_dependency_of_payments_is_away_and_each_payment_happens_once()
    {
        (await _platform.KubectlAsync(Cancel, "-n", "bank", "scale", "deployment/accounts", "--replicas=0"))
            .Succeeded();
        await Eventually.TrueAsync("no account answers", Deadline, async () =>
        {
            using var answer = await _platform.CallAsync(HttpMethod.Get, "accounts.bank", "/healthz", null, Cancel);
            return answer.StatusCode == HttpStatusCode.ServiceUnavailable;
        }, Cancel);

        for (var payment = 0; payment < 20; payment++)
        {
            Assert.True(await PaysByCardAsync(), $"payment {payment} without accounts");
        }

        (await _platform.KubectlAsync(Cancel, "-n", "bank", "scale", "deployment/accounts", "--replicas=2"))
            .Succeeded();
        await Eventually.TrueAsync("standin has handed all over and the ledger agrees", Deadline, async () =>
        {
            var status = await _platform.ReadAsync("standin.bank", "/status", Cancel);
            return status.GetProperty("waiting").GetInt64() == 0 && status.GetProperty("booked").GetInt64() >= 20 &&
                status.GetProperty("disagreements").GetInt64() == 0;
        }, Cancel);
        await Eventually.TrueAsync("nothing accepted is lost, doubled or altered", Deadline, async () =>
        {
            var verification = await _platform.ReadAsync("customers.bank", "/verification", Cancel);
            return new[] { "missing", "doubled", "altered" }
                .All(fault => verification.GetProperty(fault).GetArrayLength() == 0);
        }, Cancel);
        await Eventually.TrueAsync("transfers work again", Deadline, async () =>
        {
            const string Transfer = """{"from":"acc-carol","to":"acc-bob","amount":1}""";
            using var answer =
                await _platform.CallAsync(HttpMethod.Post, "gateway.bank", "/payments", Transfer, Cancel);
            return answer.IsSuccessStatusCode;
        }, Cancel);
    }

    private static string Text(JsonDocument proof, string name) =>
        proof.RootElement.GetProperty(name).GetString() ?? "";

    private async Task<bool> PaysByCardAsync()
    {
        const string Payment = """{"card":"debit-carol","merchant":"merchant-coffee","amount":1}""";
        using var answer =
            await _platform.CallAsync(HttpMethod.Post, "gateway.bank", "/card-payments", Payment, Cancel);
        return answer.IsSuccessStatusCode;
    }

    private async Task<int> BrakedAsync(int node)
    {
        var table = await _platform.TableAsync(node, Cancel);
        return table.GetProperty("services").EnumerateArray()
            .SelectMany(service => service.GetProperty("endpoints").EnumerateArray())
            .Count(endpoint => endpoint.TryGetProperty("braked", out var braked) && braked.GetBoolean());
    }
}
