using CsCheck;
using Mainstay.Controllers.Routed;
using Mainstay.Kube;

namespace Mainstay.Tests.Controllers.Routed;

public class RoutedJudgementTests
{
    private static readonly Gen<RouterSeen> Router = Gen.Select(
        Gen.Int[1, 9], Gen.Int[0, 20], Gen.Bool, (node, applied, lost) =>
            new RouterSeen($"node-{node}", applied == 0 ? null : (ulong)applied, lost));

    private static readonly Gen<RoutedDemand> Demand = Gen.Select(
        Gen.Int[1, 3], Gen.Int[0, 20], (service, revision) =>
            new RoutedDemand($"service-{service}", revision == 0 ? null : (ulong)revision));

    [Fact]
    public void It_is_met_exactly_when_every_router_on_a_living_node_is_past_every_demand() =>
        Gen.Select(Demand.Array[1, 3], Router.Array[0, 6]).Sample((demands, routers) =>
        {
            var judgement = RoutedJudgement.Of(demands, routers);
            var expected = demands.All(d => d.Revision is not null) && routers.All(
                r => r.IsNodeLost || demands.All(d => r.Applied >= d.Revision));
            return judgement.IsMet == expected;
        });

    [Fact]
    public void A_router_that_learns_more_never_closes_what_was_open() =>
        Gen.Select(Demand.Array[1, 3], Router.Array[1, 6], Gen.Int[0, 5]).Sample((demands, routers, which) =>
        {
            var at = which % routers.Length;
            var later = routers.ToArray();
            later[at] = later[at] with { Applied = (later[at].Applied ?? 0) + 3 };
            return !RoutedJudgement.Of(demands, routers).IsMet || RoutedJudgement.Of(demands, later).IsMet;
        });

    [Theory]
    [InlineData("EndpointSlice/n/a-1", true)]
    [InlineData("Endpoints/n/a-1", true)]
    [InlineData("Service/n/a", true)]
    [InlineData("*", true)]
    [InlineData("EndpointSlice/n/b-1", false)]
    [InlineData("EndpointSlice/m/a-1", false)]
    [InlineData("Service/n/a-1", false)]
    public void A_router_lags_for_what_it_keeps_out_and_for_nothing_else(string keptOut, bool lags)
    {
        var judgement = RoutedJudgement.Of(
            [new RoutedDemand("a", 110) { Slice = new ObjectKey("n", "a-1") }],
            [new("node-1", 125, false) { KeptOut = [keptOut] }, new("node-2", 125, false)]);

        Assert.Equal(lags ? ["node-1"] : [], judgement.Lagging);
        Assert.Equal(lags, judgement.WaitsFor("as ready").Contains(
            $": node-1 keeps {keptOut} out, for it makes no sense", StringComparison.Ordinal));
    }

    [Fact]
    public void A_router_on_a_lost_node_is_excused_whatever_it_keeps_out() => Assert.True(RoutedJudgement.Of(
        [new RoutedDemand("a", 110) { Slice = new ObjectKey("n", "a-1") }],
        [new("node-1", 125, true) { KeptOut = ["*"] }]).IsMet);

    [Fact]
    public void The_worked_example_of_the_type_comes_out()
    {
        var judgement = RoutedJudgement.Of(
            [new RoutedDemand("a", 110), new RoutedDemand("b", 121)],
            [new("node-1", 125, false), new("node-2", 118, false), new("node-3", 90, true)]);

        Assert.Equal(["node-2"], judgement.Lagging);
        Assert.Equal(["node-3"], judgement.Excused);
        Assert.Equal(121UL, judgement.Revision);
        Assert.Equal("waits for the routers of node-2 to take up the pod as ready "
            + "(excused, their nodes are lost: node-3)", judgement.WaitsFor("as ready"));
    }
}
