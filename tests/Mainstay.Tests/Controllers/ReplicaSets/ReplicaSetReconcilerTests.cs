using System.Collections.Immutable;
using Mainstay.Controllers.Core;
using Mainstay.Controllers.ReplicaSets;
using Mainstay.Kube;

namespace Mainstay.Tests.Controllers.ReplicaSets;

public class ReplicaSetReconcilerTests
{
    private const string Set = """
        kind: ReplicaSet
        metadata: {name: set, generation: 3}
        spec:
          replicas: 2
          selector: {matchLabels: {app: web}}
          template:
            metadata: {labels: {app: web}, annotations: {note: x}}
            spec: {containers: [{name: c, image: i, futureField: {kept: true}}]}
        """;

    [Fact]
    public void Missing_pods_are_made_from_the_template_as_it_stands()
    {
        var writes = Reconcile(Given.Cluster(Set, Given.Pod("a", "set")));
        var create = Assert.Single(writes.OfType<CreateObject>());
        Assert.StartsWith("set-", create.Key.Name, StringComparison.Ordinal);
        Assert.Equal("web", create.Body["metadata"]!["labels"]!["app"]!.ToString());
        Assert.Equal("set", create.Body["metadata"]!["ownerReferences"]![0]!["uid"]!.ToString());
        Assert.Equal("""{"kept":true}""", create.Body["spec"]!["containers"]![0]!["futureField"]!.ToJsonString());
    }

    [Fact]
    public void Too_many_pods_lose_those_that_matter_least()
    {
        var caches = Given.Cluster(Set, Given.Pod("ready", "set"), Given.Pod("ready2", "set", "node-2"),
            Given.Pod("pending", "set", status: "{phase: Pending}"),
            Given.Pod("unready", "set", status: "{phase: Running, conditions: [{type: Ready, status: \"False\"}]}"));
        Assert.Equal(["pending", "unready"], Reconcile(caches).OfType<DeleteObject>().Select(d => d.Key.Name));
    }

    [Fact]
    public void Among_equals_the_crowded_node_gives_first_and_then_the_youngest_goes()
    {
        var caches = Given.Cluster(Set, Given.Pod("a", "set"), Given.Pod("b", "set"), Given.Pod("c", "set", "node-2"),
            Given.Pod("young", "set", status: Given.Ready("10.0.0.9", "2026-06-01T11:59:00Z")));
        Assert.Equal(["young", "a"], Reconcile(caches).OfType<DeleteObject>().Select(d => d.Key.Name));
    }

    [Theory]
    [InlineData("Listed", "elsewhere")]
    [InlineData("Routed", "near")]
    public void Of_the_ready_ones_those_go_first_that_not_every_router_has(string reason, string gone)
    {
        string Gated(string name, string node, string word) => Given.Pod(name, "set", node, status:
            "{phase: Running, podIP: 10.0.0.7, conditions: [{type: Ready, status: \"True\"}, "
            + $"{{type: mainstay.dev/routed, status: \"True\", reason: {word}}}]}}")
            .Replace("spec: {", "spec: {readinessGates: [{conditionType: mainstay.dev/routed}], ");
        var caches = Given.Cluster(Set, Gated("near", "node-1", "Routed"), Gated("nearer", "node-1", "Routed"),
            Gated("elsewhere", "node-2", reason));
        Assert.Equal([gone], Reconcile(caches).OfType<DeleteObject>().Select(d => d.Key.Name));
    }

    [Fact]
    public void What_a_person_marked_to_go_goes_though_every_router_has_it()
    {
        const string Gate = "spec: {readinessGates: [{conditionType: mainstay.dev/routed}], ";
        var marked = Given.Pod("marked", "set").Replace(
            "name: marked\n", "name: marked\n  annotations: {controller.kubernetes.io/pod-deletion-cost: \"-1000\"}\n");
        var caches = Given.Cluster(Set, marked, Given.Pod("a", "set"),
            Given.Pod("unrouted", "set").Replace("spec: {", Gate));
        Assert.Equal(["marked"], Reconcile(caches).OfType<DeleteObject>().Select(d => d.Key.Name));
    }

    [Fact]
    public void Finished_and_terminating_pods_do_not_count()
    {
        var caches = Given.Cluster(Set, Given.Pod("a", "set"), Given.Pod("failed", "set", status: "{phase: Failed}"),
            Given.Pod("b", "set").Replace("name: b", "name: b\n  deletionTimestamp: \"2026-06-01T11:59:00Z\""));
        Assert.Single(Reconcile(caches).OfType<CreateObject>());
    }

    [Fact]
    public void A_pod_that_nobody_owns_is_adopted_after_the_owner_was_confirmed()
    {
        var orphan = "{kind: Pod, metadata: {name: o, labels: {app: web}}, spec: {nodeName: node-1}}";
        var writes = Reconcile(Given.Cluster(Set, Given.Pod("a", "set"), orphan));
        Assert.IsType<ConfirmAlive>(writes[0]);
        var adopt = Assert.IsType<PatchObject>(writes[1]);
        Assert.Equal("o", adopt.Key.Name);
        Assert.Equal("5", adopt.Patch["metadata"]!["resourceVersion"]!.ToString());
        Assert.Empty(writes.OfType<CreateObject>());
    }

    [Fact]
    public void A_pod_that_is_no_longer_selected_is_let_go_and_replaced()
    {
        var strange = Given.Pod("a", "set").Replace("app: web", "app: other");
        var writes = Reconcile(Given.Cluster(Set, strange, Given.Pod("b", "set")));
        var release = Assert.IsType<PatchObject>(writes[0]);
        Assert.Empty(release.Patch["metadata"]!["ownerReferences"]!.AsArray());
        Assert.Single(writes.OfType<CreateObject>());
    }

    [Fact]
    public void A_pod_of_another_owner_is_left_alone()
    {
        var writes = Reconcile(Given.Cluster(Set, Given.Pod("a", "set"), Given.Pod("b", "set"),
            Given.Pod("x", "other")));
        Assert.IsType<PatchObject>(Assert.Single(writes));
    }

    [Fact]
    public void The_status_counts_and_is_written_only_when_it_changes()
    {
        var waiting = Set.Replace("replicas: 2", "replicas: 2\n  minReadySeconds: 10");
        var young = Given.Pod("b", "set", status: Given.Ready("10.0.0.9", "2026-06-01T11:59:55Z"));
        var caches = Given.Cluster(waiting, Given.Pod("a", "set"), young);
        var reconciler = new ReplicaSetReconciler(caches, new Random(1));
        var outcome = reconciler.Reconcile(new ObjectKey("n", "set"), Given.Now);
        var status = Assert.IsType<PatchObject>(Assert.Single(outcome.Writes)).Patch["status"]!;
        Assert.Equal(
            """
            {"replicas":2,"fullyLabeledReplicas":2,"readyReplicas":2,"availableReplicas":1,"observedGeneration":3}
            """,
            status.ToJsonString());
        Assert.Equal(TimeSpan.FromSeconds(6), outcome.Again);
        Given.Add(caches, waiting + "\nstatus: " + status.ToJsonString());
        Assert.Empty(reconciler.Reconcile(new ObjectKey("n", "set"), Given.Now).Writes);
    }

    [Fact]
    public void What_is_given_up_in_this_pass_is_there_but_no_longer_counts_as_available()
    {
        var writes = Reconcile(Given.Cluster(Set, Given.Pod("a", "set"), Given.Pod("b", "set"), Given.Pod("c", "set")));

        Assert.Single(writes.OfType<DeleteObject>());
        var status = Assert.IsType<PatchObject>(writes[^1]).Patch["status"]!;
        Assert.Equal((3, 2, 2), ((int)status["replicas"]!, (int)status["readyReplicas"]!,
            (int)status["availableReplicas"]!));
    }

    [Fact]
    public void A_set_that_is_being_deleted_makes_no_pods()
    {
        var going = Set.Replace("generation: 3", "generation: 3, deletionTimestamp: \"2026-06-01T11:59:00Z\"");
        Assert.Empty(Reconcile(Given.Cluster(going)).OfType<CreateObject>());
    }

    private static ImmutableArray<Write> Reconcile(ClusterCaches caches) =>
        new ReplicaSetReconciler(caches, new Random(1)).Reconcile(new ObjectKey("n", "set"), Given.Now).Writes;
}
