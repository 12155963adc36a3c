using Mainstay.Kernel.Signals;
using Mainstay.Router.Discovery;

namespace Mainstay.Router.Metrics;

/// <summary>The part of /metrics that every part of the platform has: its signals, and the heartbeat it saw.</summary>
internal static class SignalMetrics
{
    public static void Write(PrometheusText text, SignalBoard board, DiscoveryView view)
    {
        text.Family("mainstay_signal_active", "gauge", "1 for each condition that holds now.");
        foreach (var signal in board.Active)
        {
            text.Sample(
                "mainstay_signal_active",
                1,
                ("signal", signal.Name),
                ("severity", SignalsJson.Word(signal.Severity)),
                ("subject", signal.Subject));
        }

        var hops = view.Hops.Where(hop => hop.Sequence >= 0).ToArray();
        if (hops.Length == 0)
        {
            return;
        }

        text.Family("mainstay_heartbeat_sequence", "gauge", "The last sequence of the heartbeat seen here.");
        foreach (var hop in hops)
        {
            text.Sample("mainstay_heartbeat_sequence", hop.Sequence, ("hop", hop.Name), ("via", hop.Via));
        }

        text.Family("mainstay_heartbeat_age_seconds", "gauge", "Time since the heartbeat last advanced here.");
        foreach (var hop in hops)
        {
            var age = hop.Age?.TotalSeconds ?? double.PositiveInfinity;
            text.Sample("mainstay_heartbeat_age_seconds", age, ("hop", hop.Name), ("via", hop.Via));
        }
    }
}
