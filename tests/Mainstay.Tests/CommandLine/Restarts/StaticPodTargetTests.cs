using Mainstay.Agent.Processes;
using Mainstay.ConsoleSite.Actions;
using Mainstay.Restarts;
using Mainstay.Tests.Kube;
using Mainstay.Up;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Time.Testing;

namespace Mainstay.Tests.CommandLine.Restarts;

/// <summary>The router of node-1 as its agent tells of it, and what becomes of its manifest.</summary>
public sealed class StaticPodTargetTests : IAsyncLifetime
{
    private const string Old = "old";
    private const string New = "new";
    private const string Text =
        """
        apiVersion: v1
        kind: Pod
        metadata:
          annotations:
            mainstay.dev/surge: 'true'
          name: router
        """;

    private static readonly ActionUnit Unit = new("router/node-1", "node-1", "zone-a");

    private readonly DataFolder _data = new(Directory.CreateTempSubdirectory("static-").FullName);
    private string? _pods = Pod(Old, true);
    private FakeApiServer _agent = null!; // set by InitializeAsync, before any test
    private LocalPlatform _platform = null!;

    public async ValueTask InitializeAsync()
    {
        _agent = (await FakeApiServer.StartAsync()).Then(AnswerAsync);
        string[] parts = ["agent node-1", "router node-1", "controllers", "console"];
        Directory.CreateDirectory(_data.Up);
        Directory.CreateDirectory(_data.Manifests("node-1"));
        await File.WriteAllTextAsync(Manifest, Text, Token);
        new RunRecord
        {
            Process = new ProcessIdentity(1, 1, "boot"),
            Agents = [],
            Nodes = ["node-1"],
            Ready = true,
            Console = "",
            Api = "",
            ApiServers = [],
            Router = "",
            Store = "",
            HealthUrls = parts.ToDictionary(part => part, _ => new Uri(_agent.Address, "/healthz").ToString()),
        }.Write(_data);
        _platform = LocalPlatform.Open(_data, new FakeTimeProvider());
    }

    public async ValueTask DisposeAsync()
    {
        _platform.Dispose();
        await _agent.DisposeAsync();
        Directory.Delete(_data.Root, recursive: true);
    }

    [Fact]
    public async Task A_new_one_that_never_gets_ready_is_taken_back_and_the_old_one_stays()
    {
        var target = await ActAsync();
        _pods = $"{Pod(Old, true)},{Pod(New, false)}";

        Assert.Equal("its manifest is as before, and the old one stays", await target.TakeBackAsync(Unit, Token));
        Assert.Equal(Text, await File.ReadAllTextAsync(Manifest, Token));
    }

    /// <summary>The old text would make the agent start a third, without any proof.</summary>
    [Theory]
    [InlineData("", "new", "it is not the old one that serves")]
    [InlineData("old", "new", "it is not the old one that serves")]
    [InlineData("", "", "neither the old one nor the new one is ready")]
    public async Task A_manifest_is_not_written_back_unless_the_old_one_alone_serves(
        string oldReady, string newReady, string expected)
    {
        var target = await ActAsync();
        var stamped = await File.ReadAllTextAsync(Manifest, Token);
        var pods = new[] { (oldReady, Old), (newReady, New) }
            .Select(pair => pair.Item1.Length > 0 ? Pod(pair.Item2, true) : Pod($"{pair.Item2}-not", false));
        _pods = string.Join(',', pods);

        Assert.Contains(expected, await target.TakeBackAsync(Unit, Token), StringComparison.Ordinal);
        Assert.Equal(stamped, await File.ReadAllTextAsync(Manifest, Token));
    }

    [Fact]
    public async Task Where_the_agent_does_not_tell_which_one_runs_nothing_is_written()
    {
        var target = await ActAsync();
        var stamped = await File.ReadAllTextAsync(Manifest, Token);
        _pods = null;

        Assert.Contains(
            "the agent of node-1 does not tell", await target.TakeBackAsync(Unit, Token), StringComparison.Ordinal);
        Assert.Equal(stamped, await File.ReadAllTextAsync(Manifest, Token));
    }

    [Fact]
    public async Task What_was_never_begun_is_not_taken_back()
    {
        Assert.Equal("", await new RouterTarget(_platform).TakeBackAsync(Unit, Token));
        Assert.Equal(Text, await File.ReadAllTextAsync(Manifest, Token));
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private string Manifest => Path.Combine(_data.Manifests("node-1"), "router.yaml");

    private async Task<RouterTarget> ActAsync()
    {
        var target = new RouterTarget(_platform);
        await target.ActAsync(Unit, new Unheard(), Token);
        Assert.NotEqual(Text, await File.ReadAllTextAsync(Manifest, Token));
        return target;
    }

    private Task AnswerAsync(HttpContext context)
    {
        context.Response.StatusCode = _pods is null ? 503 : 200;
        return context.Response.WriteAsync($$"""{"items":[{{_pods}}]}""");
    }

    private static string Pod(string uid, bool isReady) =>
        $$$"""
        {"metadata":{"namespace":"kube-system","name":"router-node-1","uid":"{{{uid}}}"},
         "status":{"conditions":[{"type":"Ready","status":"{{{isReady}}}"}]}}
        """;

    private sealed class Unheard : IActionTeller
    {
        public void Tell(string unit, string what, string detail)
        {
            // Nobody listens.
        }
    }
}
