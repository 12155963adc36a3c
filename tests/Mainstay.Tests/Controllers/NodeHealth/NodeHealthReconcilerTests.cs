using Mainstay.Controllers.Core;
using Mainstay.Controllers.NodeHealth;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace Mainstay.Tests.Controllers.NodeHealth;

public class NodeHealthReconcilerTests
{
    private readonly FakeTimeProvider _time = new(Given.Now);
    private readonly ClusterCaches _caches = Given
        .Cluster(Given.Node("node-1"), Given.Node("node-2"), Given.Node("node-3"),
        Given.Pod("a", "set"), Given.Pod("b", "set", "node-2"));

    private readonly NodeHealthReconciler _reconciler;

    public NodeHealthReconcilerTests()
    {
        var world = new NodeHealthWorld(_caches, TimeSpan.FromSeconds(30), NullLogger.Instance) { HeardAgo = () =>
            TimeSpan.Zero };
        _reconciler = new NodeHealthReconciler(new NodePulse(_time, TimeSpan.FromSeconds(40)), world);
    }

    [Fact]
    public void A_lost_node_becomes_unknown_then_tainted_its_pods_not_ready_and_then_evicted()
    {
        var writes = Live(44, "node-2", "node-3");
        var unknown = Assert.Single(writes.OfType<PatchObject>(), p => p.Kind == Kinds.Node);
        Assert.Equal(("node-1", "status"), (unknown.Key.Name, unknown.Subresource));
        Assert.Equal("Unknown", unknown.Patch["status"]!["conditions"]![0]!["status"]!.ToString());

        Given.Add(_caches, Given.Node("node-1").Replace("status: \"True\"", "status: \"Unknown\""));
        writes = Live(2, "node-2", "node-3");
        var taints = Assert.Single(writes.OfType<PatchObject>(), p => p.Kind == Kinds.Node).Patch["spec"]!["taints"]!;
        Assert.All(taints.AsArray(), t => Assert.Equal(NodeTaints.Unreachable, t!["key"]!.ToString()));
        var unready = Assert.Single(writes.OfType<PatchObject>(), p => p.Kind == Kinds.Pod);
        Assert.Equal(("a", "False"), (unready.Key.Name,
            unready.Patch["status"]!["conditions"]![0]!["status"]!.ToString()));

        Given.Add(_caches, Given.Node("node-1", more: $"taints: {taints.ToJsonString()}")
            .Replace("status: \"True\"", "status: \"Unknown\""));
        Assert.Empty(Live(28, "node-2", "node-3").OfType<DeleteObject>());
        Assert.Equal("a", Assert.Single(Live(4, "node-2", "node-3").OfType<DeleteObject>()
            .DistinctBy(d => d.Key)).Key.Name);
    }

    [Fact]
    public void When_most_nodes_are_silent_nothing_is_written()
    {
        Assert.Empty(Live(120, "node-3"));
    }

    [Fact]
    public void A_node_that_is_ready_again_loses_our_taints_and_keeps_its_own()
    {
        Given.Add(_caches, Given.Node("node-1", more:
            "taints: [{key: mine, effect: NoSchedule}, {key: node.kubernetes.io/unreachable, effect: NoExecute}]"));
        var patch = Assert.Single(Live(2, "node-1").OfType<PatchObject>());
        Assert.Equal("mine", Assert.Single(patch.Patch["spec"]!["taints"]!.AsArray())!["key"]!.ToString());
    }

    [Theory]
    [InlineData("", 30)]
    [InlineData("tolerations: [{operator: Exists}]", null)]
    [InlineData("tolerations: [{key: node.kubernetes.io/unreachable, operator: Exists, tolerationSeconds: 7}]", 7)]
    public void Patience_is_the_pods_own_where_it_has_any(string tolerations, int? seconds)
    {
        var caches = Given.Cluster(Given.Node("node-1", more:
            "taints: [{key: node.kubernetes.io/unreachable, effect: NoExecute, timeAdded: \"2026-06-01T12:00:00Z\"}]"),
            "{kind: Pod, metadata: {name: p}, spec: {nodeName: node-1" + (tolerations.Length > 0 ? ", " + tolerations
                : "") + "}}");
        var leaves = NodeTaints.LeavesAt(caches.Pods.Objects.Snapshot.Values.Single(),
            caches.Nodes.Objects.Snapshot.Values.Single(), TimeSpan.FromSeconds(30));
        Assert.Equal(seconds is { } s ? Given.Now.AddSeconds(s) : null, leaves);
    }

    private List<Write> Live(int seconds, params string[] living)
    {
        var writes = new List<Write>();
        for (var second = 0; second < seconds; second += 2)
        {
            _time.Advance(TimeSpan.FromSeconds(2));
            var now = _time.GetUtcNow();
            foreach (var node in living)
            {
                var spec = $"{{renewTime: \"{now:yyyy-MM-ddTHH:mm:ss.ffffffZ}\"}}";
                Given.Add(_caches, $"{{kind: Lease, metadata: {{name: {node}}}, spec: {spec}}}");
            }
            writes.AddRange(_reconciler.Reconcile(NodeHealthReconciler.AllNodes, now).Writes);
        }
        return writes.DistinctBy(w => w.ToString()).ToList();
    }
}
