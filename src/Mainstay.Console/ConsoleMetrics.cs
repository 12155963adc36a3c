using System.Diagnostics.Metrics;
using Mainstay.ConsoleSite.Cluster;
using Mainstay.ConsoleSite.Pages;
using Mainstay.ConsoleSite.Scrape;

namespace Mainstay.ConsoleSite;

/// <summary>What the console says of itself on /metrics.</summary>
internal sealed class ConsoleMetrics
{
    public const string MeterName = "Mainstay.Console";

    private readonly ObservableGauge<double> _clusterAge;
    private readonly ObservableGauge<int> _routersKnown;
    private readonly ObservableGauge<int> _routersAnswering;
    private readonly ObservableGauge<int> _streams;

    public ConsoleMetrics(IMeterFactory meters, ConsoleSources sources)
    {
        var meter = meters.Create(MeterName);
        _clusterAge = meter.CreateObservableGauge(
            "mainstay_console_cluster_age_seconds", () => sources.ClusterAgeSeconds,
            description: "Seconds since the API server was last heard; NaN: never");
        _routersKnown = meter.CreateObservableGauge(
            "mainstay_console_routers_known", () => sources.Fleet.View().Routers.Length,
            description: "Routers that are read");
        _routersAnswering = meter.CreateObservableGauge(
            "mainstay_console_routers_answering", () => sources.Fleet.View().Answering,
            description: "Routers that have answered lately");
        _streams = meter.CreateObservableGauge(
            "mainstay_console_event_streams", () => sources.Islands.Streams,
            description: "Pages that listen for live parts");
    }
}

internal sealed record ConsoleSources(ClusterSource Cluster, RouterFleet Fleet, LiveIslands Islands, TimeProvider Time)
{
    public double ClusterAgeSeconds => (Time.GetUtcNow() - Cluster.View().HeardAt)?.TotalSeconds ?? double.NaN;
}
