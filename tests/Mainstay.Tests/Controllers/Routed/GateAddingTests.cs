using System.Text.Json.Nodes;
using Mainstay.Controllers.Core;
using Mainstay.Controllers.ReplicaSets;
using Mainstay.Controllers.Routed;
using Mainstay.Kube;

namespace Mainstay.Tests.Controllers.Routed;

public class GateAddingTests
{
    [Fact]
    public void New_pods_get_the_gate_and_the_template_stays_as_it_is()
    {
        var set = Set();
        var before = PodTemplate.Hash(Read(set), 0);
        var pod = Made(set);

        Assert.Equal("mainstay.dev/routed", pod["spec"]!["readinessGates"]![0]!["conditionType"]!.ToString());
        Assert.Equal(before, PodTemplate.Hash(Read(set), 0));
    }

    [Theory]
    [InlineData("", "{mainstay.dev/routed-gate: \"off\"}", "", "n")]
    [InlineData("{mainstay.dev/routed-gate: \"off\"}", "", "", "n")]
    [InlineData("", "", "{mainstay.dev/routed-gate: \"off\"}", "n")]
    [InlineData("", "", "", "kube-system")]
    public void Who_says_off_and_the_platform_itself_get_none(string set, string pod, string space, string name)
    {
        var gated = Made(Set(set, pod, name), $"kind: Namespace\nmetadata: {{name: n, annotations: {OrNone(space)}}}",
            space: name);

        Assert.Null(gated["spec"]!["readinessGates"]);
    }

    [Fact]
    public void A_deployment_that_says_off_is_heard_through_its_replica_set()
    {
        var pod = Made(Set(owner: "ownerReferences: [{kind: Deployment, name: web, uid: web, controller: true}],"), """
            kind: Deployment
            metadata: {name: web, annotations: {mainstay.dev/routed-gate: "off"}}
            spec: {selector: {matchLabels: {app: web}}, template: {spec: {containers: [{name: c}]}}}
            """);

        Assert.Null(pod["spec"]!["readinessGates"]);
    }

    [Fact]
    public void A_gate_that_the_template_has_is_not_added_twice()
    {
        var pod = Made(Set(gates: "readinessGates: [{conditionType: mainstay.dev/routed}],"));

        Assert.Single((JsonArray)pod["spec"]!["readinessGates"]!);
    }

    private static JsonObject Made(string set, string more = "", string space = "n")
    {
        var caches = more.Length > 0 ? Given.Cluster(set, more) : Given.Cluster(set);
        var reconciler = new ReplicaSetReconciler(caches, new Random(1)) { Gate = new GateAdding(caches, isOn: true) };
        return reconciler.Reconcile(new ObjectKey(space, "web-1"), Given.Now).Writes.OfType<CreateObject>().Single()
            .Body;
    }

    private static System.Text.Json.JsonElement Read(string yaml) =>
        System.Text.Json.JsonSerializer.SerializeToElement(Yaml.ParseAll(yaml).Single());

    private static string OrNone(string annotations) => annotations.Length == 0 ? "{}" : annotations;

    private static string Set(
        string set = "", string pod = "", string space = "n", string gates = "", string owner = "") => $$"""
        kind: ReplicaSet
        metadata: {name: web-1, namespace: {{space}}, {{owner}} annotations: {{OrNone(set)}} }
        spec:
          replicas: 1
          selector: {matchLabels: {app: web} }
          template:
            metadata: {labels: {app: web}, annotations: {{OrNone(pod)}} }
            spec: { {{gates}} containers: [{name: c, image: i}]}
        """;
}
