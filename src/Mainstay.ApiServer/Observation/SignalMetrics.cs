using System.Diagnostics.Metrics;
using Mainstay.Kernel.Signals;

namespace Mainstay.ApiServer.Observation;

/// <summary>Signals, heartbeat and members as metrics; listed in docs/metrics.md.</summary>
internal static class SignalMetrics
{
    public static void Add(Meter meter, SelfReport report)
    {
        meter.CreateObservableGauge(
            "mainstay_signal_active",
            () => report.Board.Active.Select(signal => new Measurement<int>(
                1,
                new("signal", signal.Name),
                new("severity", SignalsJson.Word(signal.Severity)),
                new("subject", signal.Subject))),
            null,
            "1 for each condition that holds now");
        meter.CreateObservableGauge(
            "mainstay_heartbeat_sequence",
            () => report.Heartbeat.Hop is { Sequence: >= 0 } hop
                ? [new Measurement<long>(hop.Sequence, Labels(hop))]
                : Array.Empty<Measurement<long>>(),
            null,
            "the last sequence of the heartbeat seen here");
        meter.CreateObservableGauge(
            "mainstay_heartbeat_age_seconds",
            () => report.Heartbeat.Hop is { Age: { } age } hop
                ? [new Measurement<double>(age.TotalSeconds, Labels(hop))]
                : Array.Empty<Measurement<double>>(),
            null,
            "time since the heartbeat last advanced here");
        meter.CreateObservableGauge(
            "mainstay_api_store_members",
            () => report.View.Members
                .GroupBy(member => member.Answers ? "answers" : member.IsMute ? "mute" : "down")
                .Select(group => new Measurement<int>(
                    group.Count(), new KeyValuePair<string, object?>("state", group.Key))),
            null,
            "members of the store by state");
        meter.CreateObservableGauge(
            "mainstay_api_store_quorum", () => report.View.Quorum, null, "voting members that must agree");
    }

    private static KeyValuePair<string, object?>[] Labels(Hop hop) => [new("hop", hop.Name), new("via", hop.Via)];
}
