using Mainstay.ConsoleSite.Actions;
using Mainstay.Kube;
using Mainstay.Restarts;
using Mainstay.Tests.ConsoleSite.Actions;

namespace Mainstay.Tests.CommandLine.Restarts;

public sealed class NodeDrainTests
{
    private static readonly Mover Feed = new(new ObjectKey("bank", "feed"), 3, ["feed-1-h0"]);

    private readonly WaitedForTime _time = new(new DateTimeOffset(2017, 10, 27, 14, 26, 0, TimeSpan.Zero));

    [Fact]
    public async Task A_deployment_grows_by_its_pods_on_the_node_and_has_its_size_again()
    {
        await using var cluster = await FakeCluster.StartAsync(replicas: 3);

        await MoveAsync(Drain(cluster));

        Assert.Equal([4, 3], cluster.Sizes);
    }

    [Theory]
    [InlineData(10, new[] { 10, 11, 10 })]
    [InlineData(2, new[] { 2, 3, 2 })]
    public async Task A_deployment_that_was_scaled_since_the_plan_keeps_its_new_size(int replicas, int[] expected)
    {
        await using var cluster = await FakeCluster.StartAsync(replicas: 3);
        var drain = Drain(cluster);
        cluster.Scale(replicas);

        await MoveAsync(drain);

        Assert.Equal(expected, cluster.Sizes);
    }

    [Fact]
    public async Task One_that_was_left_without_replicas_since_the_plan_is_not_brought_back()
    {
        await using var cluster = await FakeCluster.StartAsync(replicas: 3);
        cluster.Scale(0);

        await MoveAsync(Drain(cluster));

        Assert.Equal([0], cluster.Sizes);
    }

    [Fact]
    public async Task One_that_is_scaled_between_the_reading_and_the_writing_is_read_again()
    {
        await using var cluster = await FakeCluster.StartAsync(replicas: 3);
        cluster.OnPatch = _ =>
        {
            cluster.OnPatch = _ => { };
            cluster.Scale(5);
        };

        await MoveAsync(Drain(cluster));

        Assert.Equal([5, 6, 5], cluster.Sizes);
    }

    [Fact]
    public async Task One_that_is_scaled_while_its_replacements_come_up_halts_it_and_keeps_that_size()
    {
        await using var cluster = await FakeCluster.StartAsync(replicas: 3);
        cluster.NothingGetsReady = true;
        var drain = Drain(cluster);
        var move = MoveAsync(drain, onGrown: () => cluster.Scale(10));

        var fault = await Assert.ThrowsAsync<ActionException>(() => move);
        Assert.Contains("scaled from 4 to 10 meanwhile", fault.Message, StringComparison.Ordinal);
        await drain.ShrinkAllAsync(CancellationToken.None);
        Assert.Equal(10, cluster.Replicas);
    }

    [Fact]
    public async Task Replacements_that_never_get_ready_halt_it_and_the_size_is_given_back()
    {
        await using var cluster = await FakeCluster.StartAsync(replicas: 3);
        cluster.NothingGetsReady = true;
        var drain = Drain(cluster);

        var fault = await Assert.ThrowsAsync<ActionException>(() => MoveAsync(drain));
        Assert.Contains("are not ready elsewhere after 120 s", fault.Message, StringComparison.Ordinal);
        Assert.Equal(4, cluster.Replicas);
        await drain.ShrinkAllAsync(CancellationToken.None);
        Assert.Equal(3, cluster.Replicas);
    }

    [Theory]
    [InlineData("Listed")]
    [InlineData("Unproven")]
    public async Task Replacements_that_are_ready_and_not_yet_with_every_router_are_waited_for(string reason)
    {
        await using var cluster = await FakeCluster.StartAsync(replicas: 3);
        cluster.Gate = reason;

        var fault = await Assert.ThrowsAsync<ActionException>(() => MoveAsync(Drain(cluster)));

        Assert.Contains("are not ready elsewhere after 120 s", fault.Message, StringComparison.Ordinal);
        Assert.Equal([4], cluster.Sizes);
    }

    [Fact]
    public async Task Replacements_that_every_router_has_are_enough()
    {
        await using var cluster = await FakeCluster.StartAsync(replicas: 3);
        cluster.Gate = "Routed";

        await MoveAsync(Drain(cluster));

        Assert.Equal([4, 3], cluster.Sizes);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_node_is_in_the_end_as_open_as_before(bool wasCordoned)
    {
        await using var cluster = await FakeCluster.StartAsync(replicas: 3);
        cluster.Cordon(wasCordoned);
        var drain = Drain(cluster);

        Assert.Equal(!wasCordoned, await drain.CloseAsync(CancellationToken.None));
        Assert.True(cluster.IsCordoned);
        Assert.Equal(!wasCordoned, await drain.OpenAsync(CancellationToken.None));
        Assert.Equal(wasCordoned, cluster.IsCordoned);
    }

    [Fact]
    public async Task A_node_that_was_never_closed_by_us_is_never_opened()
    {
        await using var cluster = await FakeCluster.StartAsync(replicas: 3);
        cluster.Cordon(true);

        Assert.False(await Drain(cluster).OpenAsync(CancellationToken.None));
        Assert.True(cluster.IsCordoned);
    }

    private NodeDrain Drain(FakeCluster cluster) => new(cluster.Api, "node-1", _time);

    private Task<bool> MoveAsync(NodeDrain drain, Action? onGrown = null) =>
        _time.RunAsync(MovedAsync(drain, new Told(onGrown ?? (() => { }))));

    private static async Task<bool> MovedAsync(NodeDrain drain, IActionTeller tell)
    {
        await drain.MoveAsync([Feed], tell, TestContext.Current.CancellationToken);
        return true;
    }

    private sealed class Told(Action onGrown) : IActionTeller
    {
        public void Tell(string unit, string what, string detail)
        {
            if (what == "grow")
            {
                onGrown();
            }
        }
    }
}
