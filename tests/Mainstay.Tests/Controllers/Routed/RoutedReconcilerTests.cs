using System.Text.Json.Nodes;
using Mainstay.Controllers.Core;
using Mainstay.Controllers.Routed;
using Mainstay.Kube;
using Microsoft.Extensions.Time.Testing;

namespace Mainstay.Tests.Controllers.Routed;

public class RoutedReconcilerTests
{
    private const string Service = """
        kind: Service
        metadata: {name: web}
        spec: {selector: {app: web}, ports: [{port: 80}]}
        """;

    private static readonly ObjectKey Key = new("n", "web-1");
    private readonly ClusterCaches _caches = new();
    private readonly RoutedReconciler _reconciler;
    private readonly WorkQueue _queue = new(new FakeTimeProvider(), new Random(1));

    public RoutedReconcilerTests()
    {
        _reconciler = new RoutedReconciler(_caches);
        _reconciler.Wire(_caches, _queue);
        Given.Add(_caches, Service, Given.Node("node-1"), Given.Node("node-2"));
    }

    [Fact]
    public void A_pod_that_no_service_selects_is_opened_at_once()
    {
        Given.Add(_caches, Given.Router("node-1", "1"), Pod(labels: "{app: other}"));

        Assert.Equal(("True", "NotSelected"), Said(Reconcile()));
    }

    [Fact]
    public void Where_no_router_is_registered_the_gate_opens_at_once()
    {
        Given.Add(_caches, Pod());

        Assert.Equal(("True", "NoRouter"), Said(Reconcile()));
    }

    [Fact]
    public void The_leases_that_routers_share_are_no_routers()
    {
        Given.Add(_caches, Pod(), Given.Router("node-1", "1")
            .Replace("mainstay-router-node-1", "mainstay-heartbeat", StringComparison.Ordinal));

        Assert.Equal(("True", "NoRouter"), Said(Reconcile()));
    }

    [Fact]
    public void A_pod_without_the_gate_is_left_alone()
    {
        Given.Add(_caches, Given.Router("node-1", "1"), Given.Pod("web-1", "web"));

        Assert.Empty(Reconcile().Writes);
    }

    [Fact]
    public void It_opens_when_every_router_has_applied_the_revision_that_lists_the_pod()
    {
        Given.Add(_caches, Given.Router("node-1", "110"), Given.Router("node-2", "109"), Pod(), Slice("110", "false"));
        Assert.Empty(Reconcile().Writes);

        Given.Add(_caches, Given.Router("node-2", "110"));

        Assert.True(_queue.TryTake(out var woken), "the Lease wakes what waits for it");
        Assert.Equal(Key, woken);
        Assert.Equal(("True", "Listed"), Said(Reconcile()));
    }

    [Fact]
    public void It_stays_closed_while_a_router_keeps_the_slice_out_and_opens_when_it_makes_sense()
    {
        Given.Add(_caches, Pod(), Slice("110", "false"), Given.Router("node-1", "150").Replace(
            "annotations: {", "annotations: {mainstay.dev/kept-out: EndpointSlice/n/web-a, ",
            StringComparison.Ordinal));
        Assert.Empty(Reconcile().Writes);

        Given.Add(_caches, Given.Router("node-1", "150"));

        Assert.Equal(("True", "Listed"), Said(Reconcile()));
    }

    [Fact]
    public void Changes_of_other_pods_do_not_move_the_mark()
    {
        Given.Add(_caches, Given.Router("node-1", "110"), Pod(), Slice("110", "false"), Slice("190", "false"));

        Assert.Equal(("True", "Listed"), Said(Reconcile()));
    }

    [Fact]
    public void A_pod_that_is_ready_is_counted_only_when_every_router_has_it_as_ready()
    {
        Given.Add(_caches, Given.Router("node-1", "110"), Pod("Listed", ready: "True"), Slice("110", "false"),
            Slice("121", "true"));
        Assert.Empty(Reconcile().Writes);
        Assert.False(RoutedGate.IsConverged(_caches.Pods.Get(Key)!));

        Given.Add(_caches, Given.Router("node-1", "121"));

        Assert.Equal(("True", "Routed"), Said(Reconcile()));
    }

    [Fact]
    public void A_pod_that_lost_its_readiness_has_to_be_learnt_as_ready_anew()
    {
        Given.Add(_caches, Given.Router("node-1", "200"), Pod("Routed", ready: "False"), Slice("110", "false"));

        Assert.Equal(("True", "Listed"), Said(Reconcile()));
    }

    [Theory]
    [InlineData("109")]
    [InlineData("")]
    [InlineData("soon")]
    [InlineData("-1")]
    [InlineData("99999999999999999999999999")]
    public void A_router_that_lags_or_says_no_revision_holds_and_is_named(string applied)
    {
        Given.Add(_caches, Given.Router("node-1", "110"), Given.Router("node-2", applied), Pod(),
            Slice("110", "false"));
        Assert.Empty(Reconcile().Writes);

        var told = Reconcile(after: 3);

        Assert.Equal(("False", "RoutersLag"), Said(told));
        Assert.Contains("node-2", Message(told), StringComparison.Ordinal);
        Assert.DoesNotContain("node-1", Message(told), StringComparison.Ordinal);
    }

    [Fact]
    public void A_hold_is_told_again_each_minute_so_that_the_node_knows_it_is_meant()
    {
        Given.Add(_caches, Given.Router("node-1", "1"), Pod(), Slice("110", "false"));
        Assert.Empty(Reconcile().Writes);
        Given.Add(_caches, Held(Reconcile(after: 3)));

        Assert.Empty(Reconcile(after: 40).Writes);
        Assert.Equal(("False", "RoutersLag"), Said(Reconcile(after: 64)));
    }

    [Theory]
    [InlineData("Unknown")]
    [InlineData(null)]
    public void A_router_on_a_node_that_is_lost_or_gone_is_excused_by_name(string? ready)
    {
        if (ready is not null)
        {
            Given.Add(_caches, $$"""
                kind: Node
                metadata: {name: node-3}
                status: {conditions: [{type: Ready, status: {{ready}} }]}
                """);
        }
        Given.Add(_caches, Given.Router("node-1", "121"), Given.Router("node-3", "5"), Pod("Listed", ready: "True"),
            Slice("121", "true"));

        var told = Reconcile();

        Assert.Equal(("True", "Routed"), Said(told));
        Assert.Contains("node-3", Message(told), StringComparison.Ordinal);
    }

    [Fact]
    public void An_override_opens_it_and_is_recorded()
    {
        Given.Add(_caches, Given.Router("node-1", "1"), Slice("110", "false"),
            Pod(annotations: "{mainstay.dev/routed-override: \"true\"}"));

        var outcome = Reconcile();

        Assert.Equal(("True", "Overridden"), Said(outcome));
        Assert.Contains(outcome.Writes, write => write is RecordEvent { Reason: "RoutedOverridden" });
    }

    [Fact]
    public void Without_the_gate_what_is_closed_is_opened()
    {
        var off = new RoutedReconciler(_caches) { IsOn = false };
        Given.Add(_caches, Given.Router("node-1", "1"), Pod(), Slice("110", "false"));

        Assert.Equal(("True", "GateOff"), Said(off.Reconcile(Key, Given.Now)));
    }

    [Fact]
    public void A_slice_that_makes_no_sense_holds_its_own_pods_only()
    {
        Given.Add(_caches, Given.Router("node-1", "500"), Pod(), """
            kind: EndpointSlice
            metadata: {name: web-a, labels: {kubernetes.io/service-name: web}, resourceVersion: "110"}
            endpoints: seven
            """);
        Assert.Empty(Reconcile().Writes);

        Assert.Contains("endpoints of web", Message(Reconcile(after: 3)), StringComparison.Ordinal);
    }

    private Outcome Reconcile(double after = 0) => _reconciler.Reconcile(Key, Given.Now.AddSeconds(after));

    private static string Held(Outcome outcome) =>
        Pod(Condition(outcome).ToJsonString() + ",", "{type: Ready, status: \"False\"}", "labels: {app: web}");

    private static JsonNode Condition(Outcome outcome) =>
        outcome.Writes.OfType<PatchObject>().Single().Patch["status"]!["conditions"]![0]!;

    private static (string, string) Said(Outcome outcome) =>
        (Condition(outcome)["status"]!.ToString(), Condition(outcome)["reason"]!.ToString());

    private static string Message(Outcome outcome) => Condition(outcome)["message"]!.ToString();

    private static string Slice(string revision, string ready) => $$"""
        kind: EndpointSlice
        metadata: {name: web-a, labels: {kubernetes.io/service-name: web}, resourceVersion: "{{revision}}"}
        endpoints: [{addresses: [10.0.0.1], conditions: {ready: {{ready}} }, targetRef: {kind: Pod, uid: web-1} }]
        """;

    private static string Pod(string reason = "", string ready = "False", string labels = "{app: web}",
        string annotations = "{}") =>
        Pod(reason.Length == 0 ? "" : $"{{type: mainstay.dev/routed, status: \"True\", reason: {reason}}},",
            $"{{type: Ready, status: \"{ready}\"}}", $"labels: {labels}, annotations: {annotations}");

    private static string Pod(string gate, string ready, string notes) => $$"""
        kind: Pod
        metadata: {name: web-1, {{notes}} }
        spec: {nodeName: node-1, readinessGates: [{conditionType: mainstay.dev/routed}], containers: [{name: c}]}
        status: {phase: Running, podIP: 10.0.0.1, conditions: [{{gate}} {{ready}}]}
        """;
}
