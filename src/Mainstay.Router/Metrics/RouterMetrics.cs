using System.Globalization;
using Mainstay.Kernel.Signals;
using Mainstay.Router.Admin;
using Mainstay.Router.Balancing;
using Mainstay.Router.Discovery;
using Mainstay.Router.Pipeline;

namespace Mainstay.Router.Metrics;

/// <summary>The page /metrics: the counters of all loops added up at the time of the scrape.</summary>
internal sealed class RouterMetrics(IReadOnlyList<RouterLoop> loops, TableSource tables, IDiscovery discovery)
{
    private static readonly string[] BoundLabels =
        [.. ServiceCounters.BoundsMicros.Select(bound => (bound / 1e6).ToString("R", CultureInfo.InvariantCulture))];

    public required SignalBoard Signals { get; init; }

    public required ProofPage Proof { get; init; }

    public string Render()
    {
        var text = new PrometheusText();
        var sums = Sum();
        WriteRequests(text, sums);
        WriteDurations(text, sums);
        text.Family("mainstay_router_request_in_flight", "gauge", "Calls that are out.");
        foreach (var sum in sums)
        {
            text.Sample(
                "mainstay_router_request_in_flight", sum.InFlight, ("namespace", sum.Namespace), ("service", sum.Name));
        }

        WriteFallbacks(text, sums);
        WriteTable(text);
        WriteDiscovery(text);
        SignalMetrics.Write(text, Signals, discovery.View);
        Proof.WriteMetrics(text);
        return text.ToString();
    }

    /// <summary>One total per service, in the order of their names.</summary>
    public IReadOnlyList<ServiceCounters> Sum()
    {
        var sums = new SortedDictionary<(string, string), ServiceCounters>();
        foreach (var loop in loops)
        {
            Add(sums, loop.Unknown);
            foreach (var service in loop.Known)
            {
                Add(sums, service.Counters);
            }
        }

        return [.. sums.Values];
    }

    private static void Add(SortedDictionary<(string, string), ServiceCounters> sums, ServiceCounters counters)
    {
        if (!sums.TryGetValue((counters.Namespace, counters.Name), out var sum))
        {
            sum = new ServiceCounters(counters.Namespace, counters.Name);
            sums.Add((counters.Namespace, counters.Name), sum);
        }

        sum.Add(counters);
    }

    private static void WriteRequests(PrometheusText text, IReadOnlyList<ServiceCounters> sums)
    {
        const string Name = "mainstay_router_request_total";
        text.Family(Name, "counter", "Calls that got an answer, by who answered.");
        foreach (var sum in sums)
        {
            for (var status = 1; status <= 5; status++)
            {
                Write(text, sum, status, "service", sum.ByServiceClass[status]);
                Write(text, sum, status, "router", sum.ByRouterClass[status]);
            }
        }

        static void Write(PrometheusText text, ServiceCounters sum, int status, string origin, long count)
        {
            if (count > 0)
            {
                text.Sample(
                    Name,
                    count,
                    ("namespace", sum.Namespace),
                    ("service", sum.Name),
                    ("status_class", $"{status}xx"),
                    ("origin", origin));
            }
        }
    }

    private static void WriteDurations(PrometheusText text, IReadOnlyList<ServiceCounters> sums)
    {
        const string Name = "mainstay_router_request_duration_seconds";
        text.Family(Name, "histogram", "From the last byte of a call's head to the last byte of its answer.");
        foreach (var sum in sums)
        {
            var count = 0L;
            for (var bucket = 0; bucket < sum.Buckets.Length; bucket++)
            {
                count += sum.Buckets[bucket];
                var bound = bucket < BoundLabels.Length ? BoundLabels[bucket] : "+Inf";
                text.Sample(
                    $"{Name}_bucket", count, ("namespace", sum.Namespace), ("service", sum.Name), ("le", bound));
            }

            text.Sample($"{Name}_sum", sum.SumMicros / 1e6, ("namespace", sum.Namespace), ("service", sum.Name));
            text.Sample($"{Name}_count", count, ("namespace", sum.Namespace), ("service", sum.Name));
        }
    }

    private void WriteTable(PrometheusText text)
    {
        var table = tables.Current;
        text.Family("mainstay_router_endpoints", "gauge", "Endpoints in the table.");
        foreach (var service in table.Services)
        {
            var endpoints = service.Ports.SelectMany(port => port.Endpoints).ToArray();
            Write(service, "ready", endpoints.Count(endpoint => endpoint.Ready));
            Write(service, "not_ready", endpoints.Count(endpoint => !endpoint.Ready));
        }

        WriteBraked(text, table);

        text.Family("mainstay_router_table_services", "gauge", "Services in the table.")
            .Sample("mainstay_router_table_services", table.Services.Length);
        text.Family("mainstay_router_table_revision", "gauge", "Counts the tables since the start.")
            .Sample("mainstay_router_table_revision", table.Revision);

        void Write(ServiceRoute service, string state, int count) => text.Sample(
            "mainstay_router_endpoints",
            count,
            ("namespace", service.Namespace),
            ("service", service.Name),
            ("state", state));
    }

    private void WriteFallbacks(PrometheusText text, IReadOnlyList<ServiceCounters> sums)
    {
        text.Family("mainstay_router_fallback_active", "gauge", "1 while calls to a service go to its fallback.");
        foreach (var (service, _) in FallbackControl.Active(loops))
        {
            text.Sample(
                "mainstay_router_fallback_active", 1, ("namespace", service.Namespace), ("service", service.Name));
        }

        const string Name = "mainstay_router_fallback_request_total";
        text.Family(Name, "counter", "Calls to a service that went to its fallback.");
        foreach (var sum in sums.Where(sum => sum.FallbackCalls > 0))
        {
            text.Sample(Name, sum.FallbackCalls, ("namespace", sum.Namespace), ("service", sum.Name));
        }
    }

    private static void WriteBraked(PrometheusText text, RouteTable table)
    {
        const string Name = "mainstay_router_braked_endpoints";
        text.Family(Name, "gauge", "Endpoints that nobody lists any more and that the brake keeps in use.");
        foreach (var service in table.Services)
        {
            var count = service.Ports.SelectMany(port => port.Endpoints).Count(endpoint => endpoint.Braked);
            if (count > 0)
            {
                text.Sample(Name, count, ("namespace", service.Namespace), ("service", service.Name));
            }
        }
    }

    private void WriteDiscovery(PrometheusText text)
    {
        var view = discovery.View;
        text.Family("mainstay_router_table_age_seconds", "gauge", "Time since the source of the table was last heard.");
        // Never heard is not young: from a snapshot the age is the snapshot's, from nothing it is unknown.
        var age = view.HeardAgo ?? view.SnapshotAge;
        text.Sample("mainstay_router_table_age_seconds", age?.TotalSeconds ?? double.PositiveInfinity);
        if (view.SnapshotAge is { } snapshotAge)
        {
            text.Family("mainstay_router_snapshot_age_seconds", "gauge", "Age of the table on the disk.")
                .Sample("mainstay_router_snapshot_age_seconds", snapshotAge.TotalSeconds);
        }

        text.Family("mainstay_router_repair_total", "counter", "Objects that a quorum list had to repair.")
            .Sample("mainstay_router_repair_total", view.Repairs);
        text.Family("mainstay_router_object_quarantined", "gauge", "Objects that make no sense and are kept out.");
        foreach (var bad in view.Quarantined)
        {
            text.Sample(
                "mainstay_router_object_quarantined",
                1,
                ("kind", bad.Kind),
                ("namespace", bad.Key.Namespace),
                ("name", bad.Key.Name));
        }
    }
}
