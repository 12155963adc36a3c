using System.Collections.Immutable;
using Mainstay.Kube;

namespace Mainstay.ConsoleSite.Scrape;

/// <summary>What a router has counted of each service since it started.</summary>
internal sealed record RouterCounters(IReadOnlyDictionary<ObjectKey, ServiceCounters> Services)
{
    private const string Requests = "mainstay_router_request_total";
    private const string Buckets = "mainstay_router_request_duration_seconds_bucket";

    public const string Prefix = "mainstay_router_request_";

    public static RouterCounters From(IEnumerable<Sample> samples)
    {
        var services = new Dictionary<ObjectKey, ServiceCounters>();
        foreach (var sample in samples)
        {
            // A counter below zero or without a number is a lie; leaving it out harms one figure.
            if (sample.Name is not (Requests or Buckets) || !(sample.Value >= 0) || double.IsInfinity(sample.Value))
            {
                continue;
            }

            var key = new ObjectKey(sample.Label("namespace"), sample.Label("service"));
            if (!services.TryGetValue(key, out var counters))
            {
                services.Add(key, counters = new ServiceCounters());
            }

            counters.Add(sample, sample.Name == Requests);
        }

        return new RouterCounters(services);
    }
}

/// <summary>Counters of one service at one router; they only grow, or start again at 0 with the router.</summary>
internal sealed class ServiceCounters
{
    public double Requests { get; private set; }

    /// <summary>Requests that ended in 5xx.</summary>
    public double Errors { get; private set; }

    /// <summary>Those among the errors that the router itself answered: no endpoint, no connection, timeout.</summary>
    public double RouterErrors { get; private set; }

    /// <summary>Requests that took at most so many seconds, by that bound.</summary>
    public SortedDictionary<double, double> UpTo { get; } = [];

    public void Add(Sample sample, bool isRequest)
    {
        if (!isRequest)
        {
            if (PrometheusText.TryNumber(sample.Label("le"), out var bound) && !double.IsNaN(bound))
            {
                UpTo[bound] = UpTo.GetValueOrDefault(bound) + sample.Value;
            }

            return;
        }

        Requests += sample.Value;
        if (sample.Label("status_class") == "5xx")
        {
            Errors += sample.Value;
            RouterErrors += sample.Label("origin") == "router" ? sample.Value : 0;
        }
    }
}
