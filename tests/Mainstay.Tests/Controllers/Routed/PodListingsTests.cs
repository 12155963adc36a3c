using CsCheck;
using Mainstay.Controllers.Core;
using Mainstay.Controllers.Routed;
using Mainstay.Kube;

namespace Mainstay.Tests.Controllers.Routed;

public class PodListingsTests
{
    private static readonly ObjectKey Web = new("n", "web");

    [Fact]
    public void The_worked_example_of_the_type_comes_out()
    {
        var caches = new ClusterCaches();
        var listings = new PodListings();
        listings.Wire(caches, hasSlices: true);
        Given.Add(caches, Slice("110", "p false"));
        Assert.Equal((110UL, null), Of(listings, "p"));
        Given.Add(caches, Slice("117", "p false", "q false"));
        Assert.Equal((110UL, null), Of(listings, "p"));
        Given.Add(caches, Slice("121", "p true", "q false"));
        Assert.Equal((110UL, 121UL), Of(listings, "p"));
        Given.Add(caches, Slice("130", "p false", "q false"));
        Assert.Equal((110UL, null), Of(listings, "p"));
        Given.Add(caches, Slice("131", "q false"));
        Assert.Null(listings.Find(Web, "p"));
    }

    [Fact]
    public void What_is_said_of_a_pod_has_held_since_the_revision_said()
    {
        // A router that stands at the revision, or later, has seen the pod so in the last slice it applied.
        Gen.Select(Gen.Int[0, 2], Gen.Int[0, 2]).Array[1, 30].Sample(steps =>
        {
            var caches = new ClusterCaches();
            var listings = new PodListings();
            listings.Wire(caches, hasSlices: true);
            var history = new List<(ulong Revision, int P, int Q)>();
            foreach (var (p, q) in steps)
            {
                var revision = (ulong)(100 + history.Count);
                history.Add((revision, p, q));
                Given.Add(caches, Slice($"{revision}", State("p", p), State("q", q)));
            }
            var listing = listings.Find(Web, "p");
            var now = history[^1].P;
            return (listing is null) == (now == 0) && (listing?.ReadyAt is null) == (now < 2)
                && history.Where(h => h.Revision >= listing?.ListedAt).All(h => h.P > 0)
                && history.Where(h => h.Revision >= listing?.ReadyAt).All(h => h.P == 2);
        });
    }

    [Fact]
    public void Endpoints_tell_the_same_where_no_slices_are_served()
    {
        var caches = new ClusterCaches();
        var listings = new PodListings();
        listings.Wire(caches, hasSlices: false);
        Given.Add(caches, """
            kind: Endpoints
            metadata: {name: web, resourceVersion: "44"}
            subsets:
            - addresses: [{ip: 10.0.0.1, targetRef: {uid: p}}]
              notReadyAddresses: [{ip: 10.0.0.2, targetRef: {uid: q}}, null]
            - {addresses: null}
            """);
        Assert.Equal((44UL, 44UL), Of(listings, "p"));
        Assert.Equal((44UL, null), Of(listings, "q"));
    }

    private static (ulong, ulong?) Of(PodListings listings, string uid) =>
        listings.Find(Web, uid) is { } found ? (found.ListedAt, found.ReadyAt) : (0, null);

    private static string State(string uid, int state) => state switch
    {
        0 => "",
        1 => $"{uid} false",
        _ => $"{uid} true",
    };

    private static string Slice(string revision, params string[] pods)
    {
        var endpoints = pods.Where(pod => pod.Length > 0).Select(pod => pod.Split(' ')).Select(pod =>
            $"{{addresses: [10.0.0.1], conditions: {{ready: {pod[1]}}}, targetRef: {{uid: {pod[0]}}}}}");
        return $$"""
            kind: EndpointSlice
            metadata: {name: web-a, labels: {kubernetes.io/service-name: web}, resourceVersion: "{{revision}}"}
            endpoints: [{{string.Join(", ", endpoints)}}]
            """;
    }
}
