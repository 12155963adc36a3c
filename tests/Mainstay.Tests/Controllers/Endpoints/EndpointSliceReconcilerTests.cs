using System.Collections.Immutable;
using System.Text.Json.Nodes;
using Mainstay.Controllers.Core;
using Mainstay.Controllers.Endpoints;
using Mainstay.Kube;

namespace Mainstay.Tests.Controllers.Endpoints;

public class EndpointSliceReconcilerTests
{
    private const string Service = """
        kind: Service
        metadata: {name: web, labels: {team: x}}
        spec: {selector: {app: web}, ports: [{name: http, port: 80, targetPort: http}]}
        """;

    [Fact]
    public void A_ready_pod_is_an_endpoint_with_all_that_is_known_of_it()
    {
        var caches = Given.Cluster(Service, Given.Node("node-1", "zone-b"),
            Given.Pod("a", "set", status: Given.Ready("10.0.0.7")));
        var create = Assert.IsType<CreateObject>(Assert.Single(Reconcile(caches)));
        Assert.Equal("""
            {"addresses":["10.0.0.7"],"conditions":{"ready":true,"serving":true,"terminating":false},
            "nodeName":"node-1","targetRef":{"kind":"Pod","namespace":"n","name":"a","uid":"a"},"zone":"zone-b"}
            """.ReplaceLineEndings(""), Assert.Single(create.Body["endpoints"]!.AsArray())!.ToJsonString());
        Assert.Equal("""[{"name":"http","protocol":"TCP","port":8080}]""", create.Body["ports"]!.ToJsonString());
        Assert.Equal("web", create.Body["metadata"]!["labels"]!["kubernetes.io/service-name"]!.ToString());
        Assert.Equal("x", create.Body["metadata"]!["labels"]!["team"]!.ToString());
    }

    [Fact]
    public void A_service_without_pods_keeps_one_slice_that_says_so()
    {
        var numbered = Service.Replace("targetPort: http", "targetPort: 8080");
        var caches = Given.Cluster(numbered);
        var create = Assert.IsType<CreateObject>(Assert.Single(Reconcile(caches)));
        Assert.Equal("[]", create.Body["endpoints"]!.ToJsonString());
        See(caches, create);
        Assert.Empty(Reconcile(caches));
    }

    [Fact]
    public void Scaled_to_zero_the_slice_stays_and_is_empty()
    {
        var caches = Given.Cluster(Service.Replace("targetPort: http", "targetPort: 8080"), Given.Pod("a", "set"));
        See(caches, Assert.IsType<CreateObject>(Assert.Single(Reconcile(caches))));
        Given.Remove(caches, "Pod", "a");
        var patch = Assert.IsType<PatchObject>(Assert.Single(Reconcile(caches)));
        Assert.Equal("[]", patch.Patch["endpoints"]!.ToJsonString());
    }

    [Theory]
    [InlineData("conditions: [{type: Ready, status: \"False\"}]", "", false, false, false)]
    [InlineData("conditions: []", "", false, false, false)]
    [InlineData("conditions: []", "publish", true, true, false)]
    [InlineData("conditions: [{type: Ready, status: \"True\"}]", "terminating", false, true, true)]
    public void Conditions_say_what_may_be_called(string conditions, string with, bool ready, bool serving,
        bool terminating)
    {
        var service = with == "publish" ? Service.Replace("selector:", "publishNotReadyAddresses: true, selector:")
            : Service;
        var pod = Given.Pod("a", "set", status: "{phase: Running, podIP: 10.0.0.7, " + conditions + "}");
        pod = with == "terminating" ? pod
            .Replace("name: a\n", "name: a\n  deletionTimestamp: \"2026-06-01T11:59:00Z\"\n") : pod;
        var create = Assert.IsType<CreateObject>(Assert.Single(Reconcile(Given.Cluster(service, pod))));
        Assert.Equal($$"""{"ready":{{Word(ready)}},"serving":{{Word(serving)}},"terminating":{{Word(terminating)}}}""",
            create.Body["endpoints"]![0]!["conditions"]!.ToJsonString());
    }

    [Theory]
    [InlineData("{phase: Pending}")]
    [InlineData("{phase: Failed, podIP: 10.0.0.7}")]
    public void A_pod_without_an_address_or_finished_is_no_endpoint(string status)
    {
        var create = Assert.IsType<CreateObject>(Assert
            .Single(Reconcile(Given.Cluster(Service, Given.Pod("a", "s", status: status)))));
        Assert.Empty(create.Body["endpoints"]!.AsArray());
    }

    [Fact]
    public void Many_pods_fill_slices_and_a_change_of_one_pod_writes_one_slice()
    {
        var caches = Given.Cluster([Service, .. Enumerable.Range(0, 250)
            .Select(i => Given.Pod($"p{i:000}", "set", status: Given.Ready($"10.0.{i / 200}.{i % 200 + 1}")))]);
        var creates = Reconcile(caches).Cast<CreateObject>().ToList();
        Assert.Equal([100, 100, 50], creates.Select(c => c.Body["endpoints"]!.AsArray().Count));
        Assert.Equal(Mainstay.Controllers.Limits.EndpointsPerSlice, creates[0].Body["endpoints"]!.AsArray().Count);
        creates.ForEach(c => See(caches, c));
        Assert.Empty(Reconcile(caches));
        Given.Remove(caches, "Pod", "p001");
        Assert.IsType<PatchObject>(Assert.Single(Reconcile(caches)));
    }

    [Fact]
    public void Pods_that_name_their_port_differently_get_a_slice_each_and_an_unused_slice_goes()
    {
        var other = Given.Pod("b", "set").Replace("containerPort: 8080", "containerPort: 9090");
        var caches = Given.Cluster(Service, Given.Pod("a", "set"), other);
        var creates = Reconcile(caches).Cast<CreateObject>().ToList();
        Assert.Equal(2, creates.Count);
        creates.ForEach(c => See(caches, c));
        Given.Remove(caches, "Pod", "b");
        Assert.IsType<DeleteObject>(Assert.Single(Reconcile(caches)));
    }

    [Fact]
    public void A_service_without_a_selector_and_slices_of_others_are_left_alone()
    {
        var bare = Service.Replace("selector: {app: web}, ", "");
        Assert.Empty(Reconcile(Given.Cluster(bare, Given.Pod("a", "set"))));
        const string foreign = "{kind: EndpointSlice, addressType: IPv4, "
            + "metadata: {name: f, labels: {kubernetes.io/service-name: web}}}";
        Assert.IsType<CreateObject>(Assert.Single(Reconcile(Given.Cluster(Service, foreign, Given.Pod("a", "set")))));
    }

    [Fact]
    public void A_service_that_is_gone_takes_its_slices_with_it()
    {
        var caches = Given.Cluster(Service, Given.Pod("a", "set"));
        See(caches, Assert.IsType<CreateObject>(Assert.Single(Reconcile(caches))));
        caches.Services.Objects.Deleted(new ObjectKey("n", "web"), "9");
        Assert.IsType<DeleteObject>(Assert.Single(Reconcile(caches)));
    }

    private static ImmutableArray<Write> Reconcile(ClusterCaches caches) =>
        new EndpointSliceReconciler(caches, new Random(1)).Reconcile(new ObjectKey("n", "web"), Given.Now).Writes;

    /// <summary>The cache sees what was created, with what a server adds.</summary>
    private static void See(ClusterCaches caches, CreateObject create)
    {
        var body = (JsonObject)create.Body.DeepClone();
        body["kind"] = create.Kind.Kind;
        Given.Add(caches, body.ToJsonString());
    }

    private static string Word(bool flag) => flag ? "true" : "false";
}
