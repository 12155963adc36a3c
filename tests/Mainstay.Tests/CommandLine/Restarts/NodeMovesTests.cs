using System.Collections.Immutable;
using System.Text.Json;
using Mainstay.ConsoleSite.Actions;
using Mainstay.Kernel.Signals;
using Mainstay.Kube;
using Mainstay.Restarts;

namespace Mainstay.Tests.CommandLine.Restarts;

public sealed class NodeMovesTests
{
    [Fact]
    public void Pods_of_a_deployment_move_and_those_of_the_node_stay_with_it()
    {
        var moves = NodeMoves.Of("node-1", Lists(
            Pod("feed-a", "node-1", "feed-1"), Pod("feed-b", "node-2", "feed-1"), Mirror("router-node-1")));

        var mover = Assert.Single(moves.Movers);
        Assert.Equal((new ObjectKey("bank", "feed"), 2), (mover.Deployment, mover.Replicas));
        Assert.Equal(["feed-a"], mover.PodsHere);
        Assert.Empty(moves.Stuck);
        Assert.Equal(["bank/feed"], moves.Services);
    }

    [Fact]
    public void A_deployment_that_allows_only_one_at_a_time_is_stuck_and_the_only_one()
    {
        var stuck = Assert.Single(NodeMoves.Of("node-1", Lists(Pod("ledger-a", "node-1", "ledger-1"))).Stuck);

        Assert.True(stuck.IsOnlyOne);
        Assert.Contains("Recreate", stuck.Why, StringComparison.Ordinal);
    }

    [Fact]
    public void A_pod_that_nobody_would_make_again_is_stuck()
    {
        var stuck = Assert.Single(NodeMoves.Of("node-1", Lists(Pod("alone", "node-1", ""))).Stuck);

        Assert.Equal((new ObjectKey("bank", "alone"), true), (stuck.Pod, stuck.IsOnlyOne));
    }

    [Fact]
    public void Where_no_other_node_takes_pods_nothing_moves()
    {
        var lists = Lists(Pod("feed-a", "node-1", "feed-1"), Pod("feed-b", "node-2", "feed-1"));
        var closed = lists with { Nodes = [Node("node-1", true), Node("node-2", false)] };

        var stuck = Assert.Single(NodeMoves.Of("node-1", closed).Stuck);
        Assert.False(stuck.IsOnlyOne);
        Assert.Contains("no other node", stuck.Why, StringComparison.Ordinal);
    }

    [Fact]
    public void What_the_node_is_not_the_cause_of_refuses_and_what_singles_it_out_does_not()
    {
        var signals = new[]
        {
            new Signal(SignalCatalog.ServiceFailing, "service/bank/payments", default, new SignalReading("12 % fail.")),
            new Signal(SignalCatalog.NodeAgentLost, "node/node-1", default, new SignalReading("silent.")),
            new Signal(SignalCatalog.ServiceFailing, "service/bank/feed", default, new SignalReading("5 % fail.")
            {
                Evidence = [new Evidence("singledOutNode", "node-1")],
            }),
        };
        var world = new WorldView(DateTimeOffset.UnixEpoch) { Signals = [.. signals] };

        var causes = NodeTarget.Causes(world, "node-1", ["node-1", "node-2"]).ToList();

        Assert.Equal([false, true, true], causes.Select(need => need.Well));
        Assert.Contains("would not help", causes[0].Detail, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("router/node-1", true)]
    [InlineData("router/node-1 router/node-2 router/node-3", false)]
    [InlineData("router/node-2", false)]
    [InlineData("router/node-11", false)]
    [InlineData("api/https://127.0.0.1:6443 router/node-1", true)]
    public void A_list_of_all_that_suffer_singles_out_none(string causedBy, bool singlesOut)
    {
        var lagging = new Signal(
            SignalCatalog.ServiceFailing, "service/bank/feed", default, new SignalReading("12 % fail.")
            {
                CausedBy = [.. causedBy.Split(' ')],
            });
        var world = new WorldView(DateTimeOffset.UnixEpoch) { Signals = [lagging] };

        var cause = Assert.Single(NodeTarget.Causes(world, "node-1", ["node-1", "node-2", "node-3", "node-11"]));

        Assert.Equal(singlesOut, cause.Well);
    }

    private static ClusterLists Lists(params JsonElement[] pods) => new(
        [Node("node-1", true), Node("node-2", true)],
        [.. pods],
        [Set("feed-1", "feed"), Set("ledger-1", "ledger")])
    {
        Deployments = [Deployment("feed", 2, "RollingUpdate"), Deployment("ledger", 1, "Recreate")],
        Services = [Json("""{"metadata":{"name":"feed","namespace":"bank"},"spec":{"selector":{"app":"feed"}}}""")],
    };

    private static JsonElement Node(string name, bool ready) => Json(
        $$$"""
        {"metadata":{"name":"{{{name}}}"},
         "status":{"conditions":[{"type":"Ready","status":"{{{(ready ? "True" : "Unknown")}}}"}]} }
        """);

    private static JsonElement Pod(string name, string node, string set)
    {
        var owner = set.Length == 0 ? "" : $$"""{"kind":"ReplicaSet","name":"{{set}}","uid":"u","controller":true}""";
        return Json(
            $$$"""
            {"metadata":{"name":"{{{name}}}","namespace":"bank","labels":{"app":"{{{name.Split('-')[0]}}}"},
                         "ownerReferences":[{{{owner}}}]},
             "spec":{"nodeName":"{{{node}}}"},
             "status":{"phase":"Running","conditions":[{"type":"Ready","status":"True"}]} }
            """);
    }

    private static JsonElement Mirror(string name) => Json(
        $$$"""
        {"metadata":{"name":"{{{name}}}","namespace":"kube-system","annotations":{"kubernetes.io/config.mirror":"x"} },
         "spec":{"nodeName":"node-1"},"status":{"phase":"Running"} }
        """);

    private static JsonElement Set(string name, string deployment) => Json(
        $$$"""
        {"metadata":{"name":"{{{name}}}","namespace":"bank","ownerReferences":[
            {"kind":"Deployment","name":"{{{deployment}}}","uid":"d","controller":true}]} }
        """);

    private static JsonElement Deployment(string name, int replicas, string strategy) => Json(
        $$$"""
        {"metadata":{"name":"{{{name}}}","namespace":"bank"},
         "spec":{"replicas":{{{replicas}}},"strategy":{"type":"{{{strategy}}}"} } }
        """);

    private static JsonElement Json(string text)
    {
        using var document = JsonDocument.Parse(text);
        return document.RootElement.Clone();
    }
}
