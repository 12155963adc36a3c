using System.Collections.Immutable;
using Mainstay.ConsoleSite.Checks;
using Mainstay.ConsoleSite.Nodes;
using Mainstay.ConsoleSite.Signals;
using Mainstay.Kernel.Signals;
using static Mainstay.Tests.ConsoleSite.Signals.Raised;

namespace Mainstay.Tests.ConsoleSite.Nodes;

public sealed class NodeJudgeTests
{
    [Fact]
    public void A_node_where_all_is_well_needs_no_restart()
    {
        var node = Judge();

        Assert.Equal(("well", "no"), (node.Verdict, node.Restart.Helps));
        Assert.Contains(new Evidence("podsReady", "1 of 1"), node.Evidence);
    }

    [Fact]
    public void A_stale_router_whose_cause_is_the_API_server_is_not_to_be_restarted()
    {
        var node = Judge(
            At(SignalCatalog.ApiCacheStale, Api.Subject, 1),
            At(SignalCatalog.DiscoveryStale, "router/node-1", 2, Api.Subject));

        Assert.Equal(("ill", "no"), (node.Verdict, node.Restart.Helps));
        Assert.Contains("the cause is elsewhere (api-cache-stale", node.Restart.Why, StringComparison.Ordinal);
    }

    [Fact]
    public void A_lost_agent_is_mended_by_a_start_and_its_pods_are_left_alone()
    {
        var node = Judge(At(SignalCatalog.NodeAgentLost, "node/node-1", 1));

        Assert.Equal(("ill", "yes"), (node.Verdict, node.Restart.Helps));
        Assert.Contains("pods run on", node.Restart.Why, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("safe", "yes")]
    [InlineData("unproven", "unknown")]
    [InlineData("unsafe", "no")]
    public void A_router_that_hangs_is_restarted_only_when_a_new_one_was_proven(string proof, string helps)
    {
        var node = Judge(proof, At(SignalCatalog.PartSilent, "router/node-1", 1));

        Assert.Equal(("look", helps), (node.Verdict, node.Restart.Helps));
    }

    [Fact]
    public void A_crash_loop_and_a_kept_out_object_are_told_and_are_no_reason_to_restart()
    {
        var crash = Judge(At(SignalCatalog.CrashLoop, "pod/bank/feed-x", 1));
        Assert.Equal(("look", "no"), (crash.Verdict, crash.Restart.Helps));

        var kept = Judge(At(SignalCatalog.ObjectQuarantined, "router/node-1/EndpointSlice/bank/x", 1));
        Assert.Equal(("look", "no"), (kept.Verdict, kept.Restart.Helps));
        Assert.Single(kept.Signals);
    }

    [Fact]
    public void A_node_of_another_name_is_not_touched()
    {
        var node = Judge(At(SignalCatalog.RouterDown, "router/node-11", 1));

        Assert.Equal("well", node.Verdict);
    }

    [Fact]
    public void Without_an_API_server_a_node_is_unknown_and_not_well()
    {
        var nodes = NodeJudge.Judge(Facts("safe") with { Nodes = [], Pods = [], Fault = "refused" });

        Assert.Equal("unknown", Assert.Single(nodes).Verdict);
        Assert.False(new NodeReport(nodes, "refused").Success);
    }

    private static NodeVerdict Judge(params Signal[] signals) => Judge("safe", signals);

    private static NodeVerdict Judge(string proof, params Signal[] signals)
    {
        var verdict = Assert.Single(NodeJudge.Judge(Facts(proof, [.. signals])));
        Assert.Contains(verdict.Restart.Why, new NodeReport([verdict], "").ToText(), StringComparison.Ordinal);
        return verdict;
    }

    private static NodeFacts Facts(string proof, params ImmutableArray<Signal> signals) => new(
        SignalReport.Of(new CollectedSignals(Noon, Map(RouterOn(1), AgentOn(1), Api), signals, [], [])),
        [new PartProof(RouterOn(1), proof, TimeSpan.FromSeconds(9), proof == "safe" ? "" : "EndpointSlice x is null")],
        [new ClusterNode("node-1", "zone-a", "True", false, Noon.AddSeconds(-3))],
        [new NodePod("bank/feed-x", "node-1", true, 0, "")],
        "");
}
