using System.Text.Json;

namespace Mainstay.Conformance.Platform;

/// <summary><c>mainstay nodes restart NODE</c>, as an operator asks for it, with the bank under load.</summary>
[Collection(ThreeNodeBankShare.Name)]
public sealed class NodesRestartTests(ThreeNodeBank fixture) : IAsyncLifetime
{
    private const string Node = "node-3";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(120);
    private static readonly string[] OneAtATime = ["ledger", "standin", "customers"];

    private readonly RunningPlatform _platform = fixture.Platform;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        await Eventually.TrueAsync("every part is well", Patience, async () =>
            (await _platform.StatusAsync(Cancel)).ExitCode == 0, Cancel);
        await new BankLoad(_platform).CalmAsync();
    }

    public async ValueTask DisposeAsync() => await new BankLoad(_platform).RateAsync(BankLoad.Quiet);

    [Fact]
    public async Task A_nodes_pods_are_replaced_elsewhere_first_and_no_call_fails()
    {
        await MoveWhatRunsOneAtATimeAsync();
        var load = new BankLoad(_platform);
        await load.RateAsync(40);
        var (pods, router) = (await PodsAsync(Node), await RouterAsync());
        Assert.NotEmpty(pods);
        var before = await load.CountAsync();

        var restart = await _platform.OnceItGoesAsync(
            Cancel, "nodes", "restart", Node, "--yes", "--override", "a test has no time to bake", "-o", "json");

        Assert.True(restart.ExitCode == 0, restart.Output + restart.Error);
        var after = await load.CountAsync();
        Assert.True(after.Succeeded > before.Succeeded, "there was load");
        Assert.Equal(before.FailedAttempts, after.FailedAttempts);
        using var record = JsonDocument.Parse(restart.Output);
        Assert.Equal("done", record.RootElement.GetProperty("state").GetString());
        var steps = record.RootElement.GetProperty("steps").EnumerateArray()
            .Select(step => $"{step.GetProperty("what")} {step.GetProperty("unit")}").ToList();
        Assert.True(steps.IndexOf($"cordon node/{Node}") < steps.IndexOf("moved deployment/bank/gateway")
            || pods.All(pod => !pod.StartsWith("gateway-", StringComparison.Ordinal)), string.Join('\n', steps));
        Assert.Contains($"uncordon node/{Node}", steps);
        Assert.Empty(pods.Intersect(await PodsAsync(Node)));
        Assert.NotEqual(router, await RouterAsync());
        Assert.DoesNotContain("SchedulingDisabled", await NodeLineAsync(), StringComparison.Ordinal);
        foreach (var deployment in new[] { "gateway", "payments", "accounts", "cards", "feed", "cops" })
        {
            (await _platform.KubectlAsync(
                Cancel, "-n", "bank", "rollout", "status", $"deployment/{deployment}", "--timeout=60s")).Succeeded();
        }

        var changes = (await _platform.VerbAsync(Cancel, "changes", "--since", "10m")).Succeeded().Output;
        Assert.Contains($"nodes restart {Node} done", changes, StringComparison.Ordinal);
        await load.NothingIsLostOrDoubledAsync();
        await load.RateAsync(BankLoad.Quiet);
    }

    [Fact]
    public async Task A_plan_says_what_would_move_and_moves_nothing()
    {
        await MoveWhatRunsOneAtATimeAsync();
        var pods = await PodsAsync(Node);

        var plan = await Eventually.GetAsync("the restart would go", Patience, async () =>
        {
            var answer = await _platform.VerbAsync(Cancel, "nodes", "restart", Node, "--plan");
            return answer.ExitCode == 0 ? answer : null;
        }, Cancel);

        Assert.Contains($"pods to move: {pods.Count} of {pods.Count}", plan.Output, StringComparison.Ordinal);
        Assert.Contains("proven to start now", plan.Output, StringComparison.Ordinal);
        Assert.Equal(pods, await PodsAsync(Node));
        Assert.DoesNotContain("SchedulingDisabled", await NodeLineAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_last_node_that_can_hold_a_service_is_not_restarted()
    {
        (await _platform.KubectlAsync(Cancel, "-n", "bank", "scale", "deployment/cops", "--replicas=1")).Succeeded();
        try
        {
            var (pod, node) = await Eventually.GetAsync("one pod of cops is left", Patience, async () =>
            {
                var pods = (await AllPodsAsync()).Where(pod => pod.Service == "cops").ToList();
                return pods.Count == 1 ? Tuple.Create(pods[0].Name, pods[0].Node) : null;
            }, Cancel);
            (await _platform.KubectlAsync(Cancel, ["cordon", .. Others(node)])).Succeeded();

            var refused = await _platform.VerbAsync(Cancel, "nodes", "restart", node, "--yes");

            Assert.Equal(1, refused.ExitCode);
            Assert.Contains(
                $"pod bank/{pod}: the only one of its kind, and it cannot move: no other node takes pods",
                refused.Output, StringComparison.Ordinal);
            Assert.Contains("REFUSED", refused.Output, StringComparison.Ordinal);
            Assert.Contains((await AllPodsAsync()), one => one.Name == pod);
        }
        finally
        {
            await _platform.KubectlAsync(Cancel, "uncordon", "node-1", "node-2", "node-3");
            await _platform.KubectlAsync(Cancel, "-n", "bank", "scale", "deployment/cops", "--replicas=2");
        }
    }

    [Fact]
    public async Task A_node_that_could_not_start_again_is_not_touched()
    {
        CommandResult refused;
        var router = await RouterAsync();
        using (var holding = new ControlPlaneHold(_platform, node: 1))
        {
            await holding.KillAsync(["api"], Cancel);
            refused = await _platform.VerbAsync(Cancel, "nodes", "restart", Node, "--keep-pods", "--yes");
        }

        Assert.Equal(1, refused.ExitCode);
        Assert.Contains("REFUSED", refused.Output, StringComparison.Ordinal);
        Assert.Contains(_platform.ApiServer(1), refused.Output, StringComparison.Ordinal);
        Assert.Equal(router, await RouterAsync());
    }

    [Theory]
    [InlineData("there is no node node-9; the nodes are node-1, node-2, node-3", "node-9", "--yes")]
    [InlineData("Required argument 'node' missing")]
    public async Task A_node_that_is_none_is_told_in_one_line(string told, params string[] words)
    {
        var answer = await _platform.VerbAsync(Cancel, ["nodes", "restart", .. words]);

        Assert.Equal(2, answer.ExitCode);
        Assert.Contains(told, answer.Error, StringComparison.Ordinal);
    }

    /// <summary>What allows one pod at a time must be away to be moved: an operator does that by hand.</summary>
    private async Task MoveWhatRunsOneAtATimeAsync()
    {
        var here = (await AllPodsAsync())
            .Where(pod => pod.Node == Node && OneAtATime.Contains(pod.Service)).ToList();
        if (here.Count == 0)
        {
            return;
        }

        (await _platform.KubectlAsync(Cancel, "cordon", Node)).Succeeded();
        (await _platform.KubectlAsync(Cancel, ["-n", "bank", "delete", "pod", .. here.Select(pod => pod.Name)]))
            .Succeeded();
        foreach (var pod in here)
        {
            (await _platform.KubectlAsync(
                Cancel, "-n", "bank", "rollout", "status", $"deployment/{pod.Service}", "--timeout=120s")).Succeeded();
        }

        (await _platform.KubectlAsync(Cancel, "uncordon", Node)).Succeeded();
    }

    private static IEnumerable<string> Others(string node) =>
        new[] { "node-1", "node-2", "node-3" }.Where(other => other != node);

    private async Task<List<string>> PodsAsync(string node) =>
        [.. (await AllPodsAsync()).Where(pod => pod.Node == node).Select(pod => pod.Name).Order()];

    /// <summary>Pods of the bank that are not on their way out.</summary>
    private async Task<List<BankPod>> AllPodsAsync()
    {
        var list = (await _platform.KubectlAsync(Cancel, "-n", "bank", "get", "pods", "-o", "json")).Succeeded();
        using var document = JsonDocument.Parse(list.Output);
        return
        [
            .. document.RootElement.GetProperty("items").EnumerateArray()
                .Where(pod => !pod.GetProperty("metadata").TryGetProperty("deletionTimestamp", out _))
                .Select(pod => new BankPod(
                    Text(pod.GetProperty("metadata"), "name"),
                    Text(pod.GetProperty("metadata").GetProperty("labels"), "app.kubernetes.io/name"),
                    Text(pod.GetProperty("spec"), "nodeName"))),
        ];
    }

    private async Task<string> NodeLineAsync() =>
        (await _platform.KubectlAsync(Cancel, "get", "node", Node, "--no-headers")).Succeeded().Output;

    private async Task<string> RouterAsync() => Text(await _platform.TableAsync(3, Cancel), "startedAt");

    private static string Text(JsonElement json, string name) =>
        json.TryGetProperty(name, out var value) ? value.GetString() ?? "" : "";

    private sealed record BankPod(string Name, string Service, string Node);
}
