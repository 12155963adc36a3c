using System.Collections.Immutable;
using System.Text.Json.Nodes;
using Mainstay.Controllers.Core;
using Mainstay.Controllers.Endpoints;
using Mainstay.Kube;

namespace Mainstay.Tests.Controllers.Endpoints;

public class EndpointsReconcilerTests
{
    private const string Service = """
        kind: Service
        metadata: {name: web}
        spec: {selector: {app: web}, ports: [{name: http, port: 80, targetPort: 8080}]}
        """;

    [Fact]
    public void Ready_and_not_ready_pods_are_told_apart_and_terminating_ones_left_out()
    {
        var caches = Given.Cluster(Service, Given.Pod("a", "s", status: Given.Ready("10.0.0.2")),
            Given.Pod("b", "s", status: "{phase: Running, podIP: 10.0.0.1}"),
            Given.Pod("c", "s").Replace("name: c\n", "name: c\n  deletionTimestamp: \"2026-06-01T11:59:00Z\"\n"));
        var create = Assert.IsType<CreateObject>(Assert.Single(Reconcile(caches)));
        Assert.Equal("""
            [{"addresses":[{"ip":"10.0.0.2","nodeName":"node-1","targetRef":{"kind":"Pod","namespace":"n","name":"a",
            "uid":"a"}}],"notReadyAddresses":[{"ip":"10.0.0.1","nodeName":"node-1","targetRef":{"kind":"Pod",
            "namespace":"n","name":"b","uid":"b"}}],"ports":[{"port":8080,"protocol":"TCP","name":"http"}]}]
            """.ReplaceLineEndings(""), create.Body["subsets"]!.ToJsonString());
    }

    [Fact]
    public void What_the_server_sorts_or_adds_is_no_difference()
    {
        var caches = Given.Cluster(Service, Given.Pod("a", "s", status: Given.Ready("10.0.0.2")),
            Given.Pod("b", "s", status: Given.Ready("10.0.0.1")));
        var body = (JsonObject)Assert.IsType<CreateObject>(Assert.Single(Reconcile(caches))).Body.DeepClone();
        var addresses = body["subsets"]![0]!["addresses"]!.AsArray();
        addresses[0]!["targetRef"]!["resourceVersion"] = "77";
        var last = addresses[1]!.DeepClone();
        addresses.RemoveAt(1);
        addresses.Insert(0, last);
        body["kind"] = "Endpoints";
        Given.Add(caches, body.ToJsonString());
        Assert.Empty(Reconcile(caches));
        Given.Remove(caches, "Pod", "a");
        Assert.IsType<PatchObject>(Assert.Single(Reconcile(caches)));
    }

    [Theory]
    [InlineData("selector: {app: web}, ", "")]
    [InlineData("selector:", "type: ExternalName, selector:")]
    public void A_service_that_somebody_else_looks_after_is_left_alone(string was, string becomes)
    {
        Assert.Empty(Reconcile(Given.Cluster(Service.Replace(was, becomes), Given.Pod("a", "s"))));
    }

    [Fact]
    public void Endpoints_of_a_service_that_is_gone_go()
    {
        var caches = Given.Cluster("{kind: Endpoints, metadata: {name: web}}");
        Assert.IsType<DeleteObject>(Assert.Single(Reconcile(caches)));
    }

    private static ImmutableArray<Write> Reconcile(ClusterCaches caches) =>
        new EndpointsReconciler(caches).Reconcile(new ObjectKey("n", "web"), Given.Now).Writes;
}
