using System.Text.Json.Nodes;
using Mainstay.Kube;
using Mainstay.Router;
using Mainstay.Router.Proof;
using Mainstay.Tests.Router.Discovery;
using Microsoft.Extensions.Time.Testing;

namespace Mainstay.Tests.Router.Proof;

/// <summary>Whose turn it is to list, by a Lease over HTTP. Each router has a clock of its own.</summary>
public sealed class LeaseFleetTests
{
    private const string Turn = "leases/kube-system/mainstay-proof";

    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_router_frees_its_own_turn_only()
    {
        await using var cluster = await MiniCluster.StartAsync(apis: 1);
        using var http = KubeHttp.Create(cluster.Kubeconfig);
        var (first, second) = (new LeaseFleet(http, "node-1", _time), new LeaseFleet(http, "node-2", _time));

        Assert.True(await first.TryTakeTurnAsync(Token));
        Assert.False(await second.TryTakeTurnAsync(Token));
        await second.EndTurnAsync(Token);
        Assert.Equal("node-1", Holder(cluster));

        await first.EndTurnAsync(Token);
        Assert.True(await second.TryTakeTurnAsync(Token));
    }

    [Fact]
    public async Task A_turn_that_was_lost_meanwhile_is_neither_renewed_nor_freed()
    {
        await using var cluster = await MiniCluster.StartAsync(apis: 1);
        using var http = KubeHttp.Create(cluster.Kubeconfig);
        var (first, second) = (new LeaseFleet(http, "node-1", _time), new LeaseFleet(http, "node-2", _time));
        await first.TryTakeTurnAsync(Token);
        await second.TryTakeTurnAsync(Token);
        _time.Advance(ProofLimits.Turn);
        Assert.True(await second.TryTakeTurnAsync(Token));

        await first.RenewTurnAsync(Token);
        await first.EndTurnAsync(Token);

        Assert.Equal("node-2", Holder(cluster));
    }

    [Fact]
    public async Task A_turn_that_is_renewed_lasts_and_one_that_is_not_runs_out_whatever_the_holders_clock_says()
    {
        await using var cluster = await MiniCluster.StartAsync(apis: 1);
        using var http = KubeHttp.Create(cluster.Kubeconfig);
        var ahead = new FakeTimeProvider(_time.GetUtcNow().AddHours(5));
        var (first, second) = (new LeaseFleet(http, "node-1", ahead), new LeaseFleet(http, "node-2", _time));
        await first.TryTakeTurnAsync(Token);
        Assert.False(await second.TryTakeTurnAsync(Token));
        _time.Advance(ProofLimits.Turn * 0.9);
        await first.RenewTurnAsync(Token);
        _time.Advance(ProofLimits.Turn * 0.9);

        Assert.False(await second.TryTakeTurnAsync(Token));
        _time.Advance(ProofLimits.Turn);
        Assert.True(await second.TryTakeTurnAsync(Token));
    }

    [Fact]
    public async Task Of_two_that_take_a_free_turn_at_once_one_gets_it()
    {
        await using var cluster = await MiniCluster.StartAsync(apis: 1);
        using var http = KubeHttp.Create(cluster.Kubeconfig);
        var fleets = Enumerable.Range(1, 8).Select(node => new LeaseFleet(http, $"node-{node}", _time)).ToArray();

        var taken = await Task.WhenAll(fleets.Select(fleet => fleet.TryTakeTurnAsync(Token)));

        Assert.Single(taken, one => one);
    }

    [Fact]
    public async Task Where_nobody_can_be_asked_the_proof_goes_on_and_frees_nothing_later()
    {
        await using var cluster = await MiniCluster.StartAsync(apis: 1);
        using var http = KubeHttp.Create(cluster.Kubeconfig);
        var (first, second) = (new LeaseFleet(http, "node-1", _time), new LeaseFleet(http, "node-2", _time));
        await first.TryTakeTurnAsync(Token);
        cluster.Apis[0].IsDown = true;
        Assert.True(await second.TryTakeTurnAsync(Token));
        cluster.Apis[0].IsDown = false;

        await second.EndTurnAsync(Token);

        Assert.Equal("node-1", Holder(cluster));
    }

    [Fact]
    public void Routers_that_read_their_endpoints_elsewhere_do_not_share_their_proofs()
    {
        var kubeconfig = new Kubeconfig { Servers = [new Uri("https://127.0.0.1:6443")] };

        var auto = ProofSetup.BuildOf(new RouterOptions(), kubeconfig);

        Assert.Equal(auto, ProofSetup.BuildOf(new RouterOptions(), kubeconfig));
        Assert.NotEqual(auto, ProofSetup.BuildOf(new RouterOptions { DiscoveryKind = "endpoints" }, kubeconfig));
    }

    private static string Holder(MiniCluster cluster) =>
        cluster.Snapshot().Objects[Turn]["spec"]?["holderIdentity"]?.GetValue<string>() ?? "";
}
