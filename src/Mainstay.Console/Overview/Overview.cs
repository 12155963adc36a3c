namespace Mainstay.ConsoleSite.Overview;

// What the first page shows, and what /api/overview says: public, since the components that show it are.

/// <param name="At">when it was put together</param>
/// <param name="Findings">what is wrong, worst first</param>
public sealed record OverviewPageModel(
    DateTimeOffset At,
    State Verdict,
    string Sentence,
    IReadOnlyList<Finding> Findings,
    ServicesModel Services,
    RoutersModel Routers,
    NodesModel Nodes);

/// <summary>One thing that is wrong or not known.</summary>
/// <param name="Subject">such as "service bank/payments"</param>
public sealed record Finding(State State, string Subject, string Text);

/// <param name="Cluster">age of desired and ready</param>
/// <param name="Traffic">age of rates, success and latency</param>
public sealed record ServicesModel(
    Freshness Cluster, Freshness Traffic, IReadOnlyList<ServiceRow> Rows, IReadOnlyList<string> Quarantined);

/// <param name="Ready">endpoints that the API server calls ready</param>
/// <param name="RoutedLeast">ready endpoints in the table of the router that knows the fewest; null: no router is
/// read</param>
/// <param name="RatePerSecond">null: not known</param>
/// <param name="Success">share of requests without 5xx; null: no requests, or not known</param>
/// <param name="RouterErrors">share of requests that the router answered with 5xx itself</param>
public sealed record ServiceRow(
    string Namespace,
    string Name,
    State State,
    int? Ready,
    int? Desired,
    int? RoutedLeast,
    int? RoutedMost,
    double? RatePerSecond,
    double? Success,
    double? RouterErrors,
    double? P50Milliseconds,
    double? P95Milliseconds,
    IReadOnlyList<HistoryPoint?> History)
{
    /// <summary>The customer journeys that go through it.</summary>
    public IReadOnlyList<string> Journeys { get; init; } = [];

    /// <summary>What is taken in its place when it fails; empty: nothing.</summary>
    public string Fallback { get; init; } = "";
}

/// <summary>Requests and errors per second in one slot of the history; an absent one: nobody looked.</summary>
public sealed record HistoryPoint(double Rate, double Errors);

public sealed record RoutersModel(
    Freshness Freshness, IReadOnlyList<RouterRow> Rows, IReadOnlyList<QuarantineRow> Quarantined);

/// <param name="TableAgeSeconds">time since the router last heard from its source, as of now</param>
public sealed record RouterRow(
    string Node,
    string Address,
    State State,
    Freshness Freshness,
    string Source,
    double? TableAgeSeconds,
    string Revision,
    int? Services,
    double? RatePerSecond,
    DateTimeOffset? StartedAt,
    IReadOnlyList<HistoryPoint?> History)
{
    /// <summary>Ready endpoints in its table by service, <c>bank/payments</c>.</summary>
    public IReadOnlyDictionary<string, int> Ready { get; init; } = new Dictionary<string, int>();
}

public sealed record QuarantineRow(
    string Kind, string Name, string Reason, DateTimeOffset Since, IReadOnlyList<string> Routers);

public sealed record NodesModel(Freshness Freshness, IReadOnlyList<NodeRow> Rows);

public sealed record NodeRow(
    string Name,
    string Zone,
    string Address,
    State State,
    string Reason,
    int Pods,
    int PodsReady,
    double? LeaseAgeSeconds,
    string Version);
