using Mainstay.ConsoleSite.Cluster;
using Mainstay.ConsoleSite.Scrape;

namespace Mainstay.ConsoleSite.Overview;

/// <summary>
/// Puts the first page together from what the sources know. Pure. The rule for every figure: what is not fresh is shown
/// with its age and is worth no green.
/// </summary>
internal static class OverviewBuilder
{
    public static OverviewPageModel Build(ClusterView cluster, FleetView fleet, DateTimeOffset now)
    {
        var clusterFreshness = OfCluster(cluster, now);
        var trafficFreshness = OfFleet(fleet);
        var evidence = new Evidence(cluster, fleet, clusterFreshness, trafficFreshness, now);
        var services = new ServicesModel(
            clusterFreshness, trafficFreshness, ServiceRows.Of(evidence), cluster.Quarantined);
        var routers = new RoutersModel(trafficFreshness, RouterRows.Of(evidence), RouterRows.Quarantined(evidence));
        var nodes = new NodesModel(clusterFreshness, NodeRows.Of(evidence));
        var (verdict, sentence, findings) = Verdicts.Of(services, routers, nodes);
        return new OverviewPageModel(now, verdict, sentence, findings, services, routers, nodes);
    }

    private static Freshness OfCluster(ClusterView cluster, DateTimeOffset now)
    {
        var limit = cluster.Fault is null && !cluster.FromDisk ? Limits.ClusterFresh : Limits.ClusterFreshDisturbed;
        var fresh = !cluster.FromDisk && cluster.HeardAt is { } at && now - at <= limit;
        return new Freshness(cluster.HeardAt, fresh, limit.TotalSeconds, cluster.Fault);
    }

    /// <summary>As old as the oldest router that still answers; when none does, as the last word of any.</summary>
    private static Freshness OfFleet(FleetView fleet)
    {
        var limit = Limits.RouterFresh.TotalSeconds;
        var answering = fleet.Routers.Where(router => router.Answers).ToList();
        if (answering.Count > 0)
        {
            return new Freshness(answering.Min(router => router.AnsweredAt), true, limit, null);
        }

        var why = fleet.Routers.Select(router => router.Fault).FirstOrDefault(fault => fault is not null)
            ?? "no router is known";
        return new Freshness(fleet.Routers.Max(router => router.AnsweredAt), false, limit, why);
    }
}

/// <summary>All that the rows of a page are made of.</summary>
internal sealed record Evidence(
    ClusterView Cluster, FleetView Fleet, Freshness ClusterFreshness, Freshness TrafficFreshness, DateTimeOffset Now);
