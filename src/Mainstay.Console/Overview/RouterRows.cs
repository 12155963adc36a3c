using Mainstay.ConsoleSite.Scrape;

namespace Mainstay.ConsoleSite.Overview;

/// <summary>One row per router: what its table is worth now.</summary>
internal static class RouterRows
{
    /// <summary>The word of a router that is live and keeps objects out.</summary>
    public const string Quarantines = "quarantine";

    public static IReadOnlyList<RouterRow> Of(Evidence evidence) =>
        [.. evidence.Fleet.Routers.Select(router => Row(router, evidence.Now))];

    /// <summary>Objects that routers keep out, each with the routers that do.</summary>
    public static IReadOnlyList<QuarantineRow> Quarantined(Evidence evidence) =>
    [
        .. evidence.Fleet.Routers
            .Where(router => router.Answers)
            .SelectMany(router => (router.Table?.Quarantined ?? []).Select(item => (router.Node, Item: item)))
            .GroupBy(pair => (pair.Item.Kind, pair.Item.Key))
            .OrderBy(group => group.Min(pair => pair.Item.Since))
            .Select(group => new QuarantineRow(
                group.Key.Kind,
                group.Key.Key.ToString(),
                group.First().Item.Reason,
                group.Min(pair => pair.Item.Since),
                [.. group.Select(pair => pair.Node)])),
    ];

    private static RouterRow Row(RouterView router, DateTimeOffset now)
    {
        // The router told its age when it answered; it has grown since by the age of the answer.
        var tableAge = router.Table?.HeardSecondsAgo + (now - router.AnsweredAt)?.TotalSeconds;
        var freshness = new Freshness(
            router.AnsweredAt, router.Answers, Limits.RouterFresh.TotalSeconds, router.Fault);
        return new RouterRow(
            router.Node,
            router.Address.ToString(),
            StateOf(router, tableAge),
            freshness,
            router.Table?.State ?? "",
            tableAge,
            router.Table?.Revision ?? "",
            router.Table?.Ready.Count,
            router.Answers ? router.Traffic.RatePerSecond : null,
            router.Table?.StartedAt,
            ServiceRows.History(router.Traffic))
        {
            Ready = router.Table?.Ready.ToDictionary(pair => pair.Key.ToString(), pair => pair.Value) ?? [],
        };
    }

    private static State StateOf(RouterView router, double? tableAge) => router switch
    {
        { Table: null } => new State(Health.Unknown, "not found"),
        { Answers: false } => new State(Health.Unknown, "no answer"),
        { Table.State: "snapshot" } => new State(Health.Warning, "from snapshot"),
        _ when tableAge > Limits.TableFarBehind.TotalSeconds => new State(Health.Bad, "far behind"),
        _ when tableAge > Limits.TableLags.TotalSeconds => new State(Health.Warning, "lags"),
        { Table.State: "live" } when router.Table.Quarantined.Length > 0 => new State(Health.Warning, Quarantines),
        { Table.State: "live" } => new State(Health.Good, "live"),
        { Table.State: var other } => new State(Health.Warning, other.Length > 0 ? other : "no source"),
    };
}
