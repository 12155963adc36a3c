using System.Collections.Immutable;
using System.Text.Json;
using Mainstay.ConsoleSite.Changes;
using Mainstay.ConsoleSite.Checks;
using Mainstay.ConsoleSite.Memory;
using Mainstay.ConsoleSite.Scrape;
using Mainstay.ConsoleSite.Signals;
using Mainstay.ConsoleSite.Signals.Failures;
using Mainstay.Kube;

namespace Mainstay.ConsoleSite.Why;

/// <summary>A service as one router has it, and its calls there while it was looked at.</summary>
/// <param name="Routed">ready endpoints in its table; null: its table has no such service</param>
/// <param name="Fault">why it is not known; empty when it is</param>
internal sealed record RouterSight(
    string Node, int? Routed, CallSum Calls, double? P50Seconds, double? P95Seconds, string Fault)
{
    public static RouterSight Of(RouterReadings router, ObjectKey service)
    {
        if (router.Second is not { Table: { } table, Counters: { } counters })
        {
            return new RouterSight(router.Node, null, default, null, null, router.Fault);
        }

        var after = counters.Services.GetValueOrDefault(service);
        var before = router.First.Counters?.Services.GetValueOrDefault(service);
        var routed = table.Ready.TryGetValue(service, out var ready) ? ready : (int?)null;
        if (after is null || router.First.Counters is null)
        {
            return new RouterSight(router.Node, routed, default, null, null, "");
        }

        var latency = new LatencyBuckets([.. after.UpTo.Keys]);
        latency.Add(after.UpTo, before?.UpTo);
        var calls = new CallSum(
            Math.Max(0, after.Requests - (before?.Requests ?? 0)),
            Math.Max(0, after.Errors - (before?.Errors ?? 0)),
            Math.Max(0, after.RouterErrors - (before?.RouterErrors ?? 0)));
        return new RouterSight(
            router.Node, routed, calls, latency.Percentile(0.5), latency.Percentile(0.95), "");
    }
}

/// <summary>A Deployment behind the service.</summary>
/// <param name="Names">namespace/name</param>
/// <param name="Revision">the number and image of the present template, and since when, in words</param>
internal sealed record RolloutSight(string Names, long Desired, long Updated, long Ready, string Revision);

/// <summary>All that an answer to "why" rests on.</summary>
internal sealed record WhyFacts(ObjectKey Service, SignalReport Signals)
{
    public ImmutableArray<RouterSight> Routers { get; init; } = [];

    /// <summary>Ready endpoints by the API server; null where none answers.</summary>
    public int? Ready { get; init; }

    /// <summary>The fallback that the Service names; empty without one.</summary>
    public string Fallback { get; init; } = "";

    public bool FallbackByHand { get; init; }

    public ImmutableArray<RolloutSight> Rollouts { get; init; } = [];

    /// <summary>Objects of the service that routers keep out, in words.</summary>
    public ImmutableArray<string> Rejected { get; init; } = [];

    /// <summary>Calls of all services while it was looked at.</summary>
    public ImmutableArray<ServiceSum> Sums { get; init; } = [];

    /// <summary>Ranked against this service, the most suspect first.</summary>
    public ImmutableArray<ChangeLine> Changes { get; init; } = [];

    /// <summary>Why nothing came from the API servers, or the ledger; empty when it did.</summary>
    public string ApiFault { get; init; } = "";

    public string LedgerFault { get; init; } = "";

    public ServiceSum? Own => Sums.FirstOrDefault(sum => sum.Service == Service);
}
