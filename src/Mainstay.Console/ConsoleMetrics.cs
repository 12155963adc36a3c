using System.Diagnostics.Metrics;
using Mainstay.ConsoleSite.Cluster;
using Mainstay.ConsoleSite.Pages;
using Mainstay.ConsoleSite.Scrape;
using Mainstay.ConsoleSite.Signals;
using Mainstay.Kernel.Signals;

namespace Mainstay.ConsoleSite;

/// <summary>What the console says of itself on /metrics.</summary>
internal sealed class ConsoleMetrics
{
    public const string MeterName = "Mainstay.Console";

    private readonly ObservableGauge<double> _clusterAge;
    private readonly ObservableGauge<int> _routersKnown;
    private readonly ObservableGauge<int> _routersAnswering;
    private readonly ObservableGauge<int> _streams;
    private readonly ObservableGauge<int> _signals;

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
        _signals = meter.CreateObservableGauge(
            "mainstay_signal_active", () => sources.Signals.Board.Active.Select(Active),
            description: "1 for each signal that the console itself raises");
    }

    private static Measurement<int> Active(Signal signal) => new(
        1,
        new("signal", signal.Name),
        new("severity", SignalsJson.Word(signal.Severity)),
        new("subject", signal.Subject));
}

internal sealed record ConsoleSources(
    ClusterSource Cluster, RouterFleet Fleet, LiveIslands Islands, SignalWatch Signals, TimeProvider Time)
{
    public double ClusterAgeSeconds => (Time.GetUtcNow() - Cluster.View().HeardAt)?.TotalSeconds ?? double.NaN;
}
