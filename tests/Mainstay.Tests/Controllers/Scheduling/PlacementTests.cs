using System.Collections.Immutable;
using Mainstay.Controllers.Core;
using Mainstay.Controllers.Scheduling;
using Mainstay.Kube;

namespace Mainstay.Tests.Controllers.Scheduling;

public class PlacementTests
{
    private static readonly string[] ThreeNodes =
        [Given.Node("node-1"), Given.Node("node-2", "zone-b"), Given.Node("node-3", "zone-c")];

    [Fact]
    public void Pods_of_one_owner_are_spread_over_zones_and_then_over_nodes()
    {
        var caches = Given.Cluster([.. ThreeNodes, Given.Node("node-4")]);
        var reconciler = new SchedulerReconciler(caches);
        var chosen = new List<string>();
        for (var pod = 0; pod < 5; pod++)
        {
            // None of the bindings is seen: the scheduler has to remember them.
            Given.Add(caches, Given.Pod($"p{pod}", "set", "\"\"", "{phase: Pending}"));
            chosen.Add(Assert.Single(Reconcile(reconciler, $"p{pod}").OfType<BindPod>()).Node);
        }
        Assert.Equal(["node-1", "node-2", "node-3", "node-4", "node-2"], chosen);
    }

    [Theory]
    [InlineData("unschedulable: true", "", "unschedulable")]
    [InlineData("taints: [{key: k, value: v, effect: NoSchedule}]", "", "taint {k: v}")]
    [InlineData("taints: [{key: k, effect: NoExecute}]", "tolerations: [{key: k, value: x}]", "taint")]
    [InlineData("taints: [{key: k, value: v, effect: NoSchedule}]", "tolerations: [{operator: Exists}]", "")]
    [InlineData("taints: [{key: k, value: v, effect: NoSchedule}]", "tolerations: [{key: k, value: v}]", "")]
    [InlineData("taints: [{key: k, effect: PreferNoSchedule}]", "", "")]
    [InlineData("unschedulable: true", "tolerations: [{key: node.kubernetes.io/unschedulable, operator: Exists}]", "")]
    [InlineData("", "nodeSelector: {kubernetes.io/hostname: node-9}", "node selector")]
    [InlineData("", "nodeSelector: {kubernetes.io/hostname: node-1}", "")]
    [InlineData("", "affinity: {nodeAffinity: {requiredDuringSchedulingIgnoredDuringExecution: {nodeSelectorTerms: "
        + "[{matchFields: [{key: metadata.name, operator: In, values: [node-1]}]}]}}}", "")]
    [InlineData("", "affinity: {nodeAffinity: {requiredDuringSchedulingIgnoredDuringExecution: {nodeSelectorTerms: "
        + "[{matchExpressions: [{key: kubernetes.io/hostname, operator: NotIn, values: [node-1]}]}]}}}", "selector")]
    [InlineData("", "containers: [{name: c, resources: {requests: {cpu: 4001m}}}]", "Insufficient cpu")]
    [InlineData("", "containers: [{name: c, resources: {requests: {cpu: 3500m, memory: 1Gi}}}]", "Insufficient cpu")]
    [InlineData("", "containers: [{name: c, resources: {requests: {cpu: 3000m, memory: 7Gi}}}]", "")]
    [InlineData("", "containers: [{name: c, ports: [{containerPort: 80, hostPort: 7000}]}]", "free ports")]
    public void A_node_that_does_not_fit_is_left_out_with_the_reason(string node, string pod, string reason)
    {
        var resident = Given.Pod("old", "other")
            .Replace("{name: c, image: i, ports: [{name: http, containerPort: 8080}]}",
                "{name: c, resources: {requests: {cpu: 1}}, ports: [{containerPort: 1, hostPort: 7000}]}");
        var spec = pod.Contains("containers") ? pod : $"containers: [{{name: c}}]{(pod.Length > 0 ? ", " + pod : "")}";
        var caches = Given.Cluster(Given.Node("node-1", "zone-a", node), resident,
            $"{{kind: Pod, metadata: {{name: p}}, spec: {{ {spec} }}, status: {{phase: Pending}}}}");
        var writes = Reconcile(new SchedulerReconciler(caches), "p");
        if (reason.Length == 0)
        {
            Assert.Equal("node-1", Assert.Single(writes.OfType<BindPod>()).Node);
            return;
        }
        Assert.Contains(reason, Assert.Single(writes.OfType<RecordEvent>()).Message, StringComparison.Ordinal);
        var condition = Assert.Single(writes.OfType<PatchObject>()).Patch["status"]!["conditions"]![0]!;
        Assert.Equal("Unschedulable", condition["reason"]!.ToString());
    }

    [Fact]
    public void A_spread_that_must_hold_keeps_a_pod_waiting_rather_than_uneven()
    {
        const string rule = "topologySpreadConstraints: [{maxSkew: 1, topologyKey: topology.kubernetes.io/zone, "
            + "whenUnsatisfiable: DoNotSchedule, labelSelector: {matchLabels: {app: web}}}]";
        var full = Given.Node("node-2", "zone-b", "taints: [{key: k, effect: NoSchedule}]");
        var pod = "{kind: Pod, metadata: {name: p, labels: {app: web}}, spec: {containers: [{name: c}], " + rule + "}}";
        var caches = Given.Cluster(Given.Node("node-1"), full, Given.Pod("a", "set"), pod);
        Assert.Empty(Reconcile(new SchedulerReconciler(caches), "p").OfType<BindPod>());
        Given.Add(caches, Given.Node("node-2", "zone-b"));
        Assert.Equal("node-2", Assert.Single(Reconcile(new SchedulerReconciler(caches), "p").OfType<BindPod>()).Node);
    }

    [Fact]
    public void A_pod_of_another_scheduler_or_with_a_node_is_left_alone()
    {
        var caches = Given.Cluster([.. ThreeNodes, Given.Pod("a", "set"),
            "{kind: Pod, metadata: {name: b}, spec: {schedulerName: mine, containers: [{name: c}]}}"]);
        Assert.Empty(Reconcile(new SchedulerReconciler(caches), "a"));
        Assert.Empty(Reconcile(new SchedulerReconciler(caches), "b"));
    }

    [Fact]
    public void A_binding_that_got_lost_is_tried_again_later()
    {
        var caches = Given.Cluster([.. ThreeNodes, Given.Pod("p", "set", "\"\"", "{phase: Pending}")]);
        var reconciler = new SchedulerReconciler(caches);
        Assert.Single(Reconcile(reconciler, "p"));
        Assert.Empty(Reconcile(reconciler, "p"));
        Assert.Single(reconciler.Reconcile(new ObjectKey("n", "p"), Given.Now.AddSeconds(6)).Writes);
    }

    private static ImmutableArray<Write> Reconcile(SchedulerReconciler reconciler, string pod) =>
        reconciler.Reconcile(new ObjectKey("n", pod), Given.Now).Writes;
}
