using System.Collections.Immutable;
using Mainstay.ConsoleSite.Cluster;
using Mainstay.ConsoleSite.Overview;
using Mainstay.ConsoleSite.Scrape;
using Mainstay.Kube;

namespace Mainstay.Tests.ConsoleSite.Overview;

/// <summary>Sources of which all is well, for a test to spoil.</summary>
internal static class Given
{
    public static readonly DateTimeOffset Now = DateTimeOffset.FromUnixTimeSeconds(1_800_000_000);

    public static ClusterView Cluster => new()
    {
        HeardAt = Now.AddSeconds(-2),
        Server = "https://127.0.0.1:6443/",
        Nodes = [Node("node-1"), Node("node-2")],
        Services = [Service("gateway"), Service("payments")],
    };

    public static NodeView Node(string name) =>
        new(name, "zone-a", "127.17.0.1", "True", "", false, "v1.33.0", 5, 5, Now.AddSeconds(-3));

    public static ServiceView Service(string name, int? desired = 2, int ready = 2, int notReady = 0) =>
        new("bank", name, desired, ready, notReady);

    public static RouterView Router(
        string node, string state = "live", double ageSeconds = 0.5, bool answers = true) => new(
        new Uri("http://127.17.0.1:9990/"),
        node,
        new RouterTable
        {
            Node = node,
            State = state,
            HeardSecondsAgo = ageSeconds,
            Revision = "7",
            Ready = new Dictionary<ObjectKey, int> { [new("bank", "gateway")] = 2, [new("bank", "payments")] = 2 }
                .ToImmutableDictionary(),
        },
        answers ? Now.AddSeconds(-0.5) : Now.AddSeconds(-60),
        answers ? null : "refused",
        answers,
        Traffic());

    public static FleetView Fleet(params RouterView[] routers) => Fleet(_ => Traffic(), routers);

    public static FleetView Fleet(Func<string, TrafficFigures> traffic, params RouterView[] routers) =>
        new([.. routers], [], key => traffic(key.Name));

    public static FleetView TwoRouters => Fleet(Router("node-1"), Router("node-2"));

    public static TrafficFigures Traffic(double rate = 20, double? success = 1, double? byRouter = 0) => new(
        rate, success, byRouter, 0.004, 0.02, [.. Enumerable.Repeat<TrafficPoint?>(new TrafficPoint(rate, 0), 60)]);

    public static OverviewPageModel Page(ClusterView? cluster = null, FleetView? fleet = null) =>
        OverviewBuilder.Build(cluster ?? Cluster, fleet ?? TwoRouters, Now);
}
