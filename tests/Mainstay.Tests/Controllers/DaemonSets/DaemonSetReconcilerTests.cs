using System.Collections.Immutable;
using Mainstay.Controllers.Core;
using Mainstay.Controllers.DaemonSets;
using Mainstay.Kube;

namespace Mainstay.Tests.Controllers.DaemonSets;

public class DaemonSetReconcilerTests
{
    private const string Set = """
        kind: DaemonSet
        metadata: {name: agent, generation: 1}
        spec:
          selector: {matchLabels: {app: agent}}
          template:
            metadata: {labels: {app: agent}}
            spec: {nodeSelector: {topology.kubernetes.io/zone: zone-a}, containers: [{name: c, image: "i:1"}]}
        """;

    [Fact]
    public void Each_eligible_node_gets_a_pod_that_can_go_nowhere_else()
    {
        var caches = Given.Cluster(Set, Given.Node("one"), Given.Node("two", "zone-b"),
            Given.Node("three", "zone-a", "taints: [{key: k, effect: NoSchedule}]"),
            Given.Node("four", "zone-a", "taints: [{key: node.kubernetes.io/unreachable, effect: NoExecute}]"));
        var creates = Writes(caches).OfType<CreateObject>().Where(c => c.Kind == Kinds.Pod).ToList();
        Assert.Equal(["four", "one"], creates.Select(Target).Order());
        Assert.Contains(creates[0].Body["spec"]!["tolerations"]!.AsArray(),
            t => t!["key"]!.ToString() == "node.kubernetes.io/unreachable");
    }

    [Fact]
    public void A_second_pod_and_one_on_a_node_that_may_have_none_go()
    {
        var caches = Given.Cluster(Set.Replace("spec:\n", "spec:\n  updateStrategy: {type: OnDelete}\n"),
            Given.Node("one"), Given.Node("two", "zone-b"), Pod("a", "one"), Pod("b", "one", ready: false),
                Pod("c", "two"), Pod("d", "gone"));
        Assert.Equal(["b", "c", "d"], Writes(caches).OfType<DeleteObject>().Select(d => d.Key.Name).Order());
    }

    [Fact]
    public void An_update_goes_node_by_node_and_takes_first_what_serves_nobody()
    {
        var nodes = new[] { Given.Node("one"), Given.Node("two"), Given.Node("three") };
        var caches = Given.Cluster([Set, .. nodes, Pod("a", "one"), Pod("b", "two"), Pod("c", "three")]);
        Assert.Equal(["a"], Writes(caches).OfType<DeleteObject>().Select(d => d.Key.Name));
        caches = Given.Cluster([Set, .. nodes, Pod("a", "one"), Pod("b", "two", ready: false), Pod("c", "three")]);
        Assert.Equal(["b"], Writes(caches).OfType<DeleteObject>().Select(d => d.Key.Name));
        caches = Given.Cluster([Set.Replace("spec:\n", "spec:\n  updateStrategy: {type: OnDelete}\n"), .. nodes,
            Pod("a", "one"), Pod("b", "two"), Pod("c", "three")]);
        Assert.Empty(Writes(caches).OfType<DeleteObject>());
    }

    [Fact]
    public void The_template_becomes_a_revision_that_kubectl_can_apply()
    {
        var revision = Assert.Single(Writes(Given.Cluster(Set)).OfType<CreateObject>());
        Assert.Equal(Kinds.ControllerRevision, revision.Kind);
        Assert.Equal(1, (long)revision.Body["revision"]!);
        Assert.Equal("replace", revision.Body["data"]!["spec"]!["template"]!["$patch"]!.ToString());
    }

    [Fact]
    public void The_status_counts_nodes()
    {
        var caches = Given.Cluster(Set, Given.Node("one"), Given.Node("two"), Given.Node("x", "zone-b"),
            Pod("a", "one"), Pod("b", "x"));
        var status = Assert.Single(Writes(caches).OfType<PatchObject>()).Patch["status"]!;
        Assert.Equal((2, 1, 1, 1), ((int)status["desiredNumberScheduled"]!, (int)status["currentNumberScheduled"]!,
            (int)status["numberMisscheduled"]!, (int)status["numberReady"]!));
    }

    private static ImmutableArray<Write> Writes(ClusterCaches caches) =>
        new DaemonSetReconciler(caches, new Random(1), keepsHistory: true)
            .Reconcile(new ObjectKey("n", "agent"), Given.Now).Writes;

    private static string Pod(string name, string node, bool ready = true) =>
        Given.Pod(name, "agent", node, ready ? "" : "{phase: Running}")
            .Replace("kind: ReplicaSet", "kind: DaemonSet").Replace("app: web", "app: agent");

    private static string Target(CreateObject create) => create.Body["spec"]!["affinity"]!["nodeAffinity"]!
        ["requiredDuringSchedulingIgnoredDuringExecution"]!["nodeSelectorTerms"]![0]!["matchFields"]![0]!["values"]![0]!
        .ToString();
}
