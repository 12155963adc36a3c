using System.Text.Json;

namespace Mainstay.Conformance.Platform;

/// <summary>Guarded restarts as an operator asks for them, on a whole platform with the bank under load.</summary>
[Collection(ThreeNodeBankShare.Name)]
public sealed class GuardedRestartTests(ThreeNodeBank fixture) : IAsyncLifetime
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(120);
    private static readonly int[] Nodes = [1, 2, 3];

    private readonly RunningPlatform _platform = fixture.Platform;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        await Eventually.TrueAsync("every part is well", Patience, async () =>
            (await _platform.StatusAsync(Cancel)).ExitCode == 0, Cancel);
        await new BankLoad(_platform).CalmAsync();
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    [Fact]
    public async Task Every_router_is_replaced_under_load_and_no_call_fails()
    {
        await ProvenAsync();
        var load = new BankLoad(_platform);
        await load.RateAsync(40);
        var starts = await StartsAsync();
        var before = await load.CountAsync();

        var restart = await _platform.OnceItGoesAsync(
            Cancel, "restart", "routers", "--yes", "--override", "a test has no time to bake", "-o", "json");

        Assert.True(restart.ExitCode == 0, restart.Output + restart.Error);
        using var record = JsonDocument.Parse(restart.Output);
        Assert.Equal("done", record.RootElement.GetProperty("state").GetString());
        Assert.Equal(3, record.RootElement.GetProperty("plan").GetProperty("waves").GetArrayLength());
        Assert.All(starts.Zip(await StartsAsync()), pair => Assert.NotEqual(pair.First, pair.Second));
        var after = await load.CountAsync();
        Assert.True(after.Succeeded > before.Succeeded, "there was load");
        Assert.Equal(before.FailedAttempts, after.FailedAttempts);
        await load.RateAsync(BankLoad.Quiet);
    }

    [Fact]
    public async Task A_plan_says_what_it_would_do_and_does_nothing()
    {
        await ProvenAsync();
        var starts = await StartsAsync();

        var plan = await _platform.VerbAsync(Cancel, "restart", "routers", "--plan");

        Assert.True(plan.ExitCode == 0, plan.Output + plan.Error);
        Assert.Contains("wave 1 of 3", plan.Output, StringComparison.Ordinal);
        Assert.Contains("% of the calls", plan.Output, StringComparison.Ordinal);
        Assert.Contains("store quorum", plan.Output, StringComparison.Ordinal);
        Assert.Equal(starts, await StartsAsync());
    }

    [Fact]
    public async Task Agents_are_restarted_and_no_pod_is()
    {
        await Eventually.TrueAsync("the agents are proven", Patience, async () =>
            (await _platform.VerbAsync(Cancel, "restart", "agents", "--plan")).ExitCode == 0, Cancel);
        var before = PodProcesses();
        var agents = Agents();

        var restart = await _platform.OnceItGoesAsync(
            Cancel, "restart", "agents", "--yes", "--override", "a test has no time to bake");

        Assert.True(restart.ExitCode == 0, restart.Output + restart.Error);
        Assert.Empty(agents.Intersect(Agents()));
        Assert.Equal(before, PodProcesses());
    }

    [Fact]
    public async Task While_no_router_could_load_the_fleet_is_not_touched_and_the_hop_is_named()
    {
        var starts = await StartsAsync();
        CommandResult refused;
        using (var holding = new ControlPlaneHold(_platform, node: 1))
        {
            await holding.KillAsync(["api"], Cancel);
            refused = await _platform.VerbAsync(Cancel, "restart", "routers", "--yes");
        }

        Assert.Equal(1, refused.ExitCode);
        Assert.Contains("REFUSED", refused.Output, StringComparison.Ordinal);
        Assert.Contains($"api/{_platform.ApiServer(1)}", refused.Output, StringComparison.Ordinal);
        Assert.Equal(starts, await StartsAsync());
        var changes = await _platform.VerbAsync(Cancel, "changes", "--since", "10m");
        Assert.Contains("restart routers refused", changes.Output, StringComparison.Ordinal);
    }

    private Task ProvenAsync() => Eventually.TrueAsync("the routers are proven", Patience, async () =>
        (await _platform.VerbAsync(Cancel, "restart", "routers", "--plan")).ExitCode == 0, Cancel);

    private Task<string[]> StartsAsync() => Task.WhenAll(Nodes.Select(async node =>
        (await _platform.TableAsync(node, Cancel)).GetProperty("startedAt").GetString() ?? ""));

    private int[] Agents() => Pids(words => words.Contains(" node --name ", StringComparison.Ordinal));

    /// <summary>Without the throw-away routers of proofs, which come and go.</summary>
    private int[] PodProcesses() => Pids(words => !words.Contains("--prove", StringComparison.Ordinal)
        && (words.Contains("bank ", StringComparison.Ordinal)
            || words.Contains("mainstay-router", StringComparison.Ordinal)));

    private int[] Pids(Func<string, bool> isOne) =>
        [.. _platform.Processes().Where(process => isOne(process.CommandLine)).Select(process => process.Pid).Order()];
}
