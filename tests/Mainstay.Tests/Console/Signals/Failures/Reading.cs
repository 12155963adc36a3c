using System.Collections.Immutable;
using System.Text.Json;
using Mainstay.ConsoleSite.Scrape;
using Mainstay.ConsoleSite.Signals.Failures;
using Mainstay.Kube;

namespace Mainstay.Tests.ConsoleSite.Signals.Failures;

/// <summary>Readings of routers and sums of calls for tests, in few words.</summary>
internal static class Reading
{
    public static readonly DateTimeOffset Noon = new(2026, 1, 1, 12, 0, 0, TimeSpan.Zero);

    public static ObjectKey Key(string service) => new("bank", service);

    /// <summary>payments at one router: calls and failures so far, and the same of its one endpoint.</summary>
    public static (RouterTable Table, RouterCounters Counters) Of(string node, int calls, int failed, int started = 0)
    {
        var table = RouterTable.Read(JsonDocument.Parse(
            $$$"""
            {"node":"{{{node}}}","startedAt":"2026-01-01T00:00:0{{{started}}}Z",
             "services":[{"namespace":"bank","name":"payments",
             "endpoints":[{"address":"10.0.0.1","pod":"payments-a-x","node":"node-1","ready":true,
                           "tries":{{{calls}}},"failures":{{{failed}}}}],
             "callers":[{"namespace":"bank","pod":"gateway-b-y","calls":{{{calls}}},"failures":{{{failed}}}}]}]}
            """).RootElement);
        const string Total = "mainstay_router_request_total{namespace=\"bank\",service=\"payments\",origin=\"service\"";
        var text = $"{Total},status_class=\"2xx\"}} {calls - failed}\n{Total},status_class=\"5xx\"}} {failed}\n";
        return (table, RouterCounters.From(PrometheusText.Read(text, RouterCounters.Prefix).Samples));
    }

    /// <summary>A service whose endpoints are <c>pod@node calls failed</c>.</summary>
    public static ServiceSum Sum(string service, params string[] endpoints)
    {
        var read = endpoints.Select(text =>
        {
            var words = text.Split(' ', '@');
            var sum = new CallSum(int.Parse(words[2]), int.Parse(words[3]), 0);
            return new EndpointSum(words[0], words[1], sum);
        }).ToImmutableArray();
        var total = read.Aggregate(default(CallSum), (sum, endpoint) => sum + endpoint.Sum);
        return new ServiceSum(
            Key(service),
            total,
            ImmutableSortedDictionary<string, CallSum>.Empty,
            read,
            ImmutableDictionary<string, CallSum>.Empty);
    }
}
