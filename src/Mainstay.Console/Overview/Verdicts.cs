using System.Globalization;

namespace Mainstay.ConsoleSite.Overview;

/// <summary>
/// One sentence for the whole platform, and what it rests on. Blindness is told first where it hides the rest: a page
/// that sees nothing must not say that all is well.
/// </summary>
internal static class Verdicts
{
    public static (State Verdict, string Sentence, IReadOnlyList<Finding> Findings) Of(
        ServicesModel services, RoutersModel routers, NodesModel nodes)
    {
        List<Finding> findings =
        [
            .. Sources(services, routers),
            .. services.Rows.Where(row => row.State.Health > Health.Unknown).Select(OfService),
            .. nodes.Rows.Where(row => row.State.Health > Health.Unknown).Select(OfNode),
            .. routers.Rows.Where(IsWorthASentence).Select(OfRouter),
            .. routers.Quarantined.Select(OfQuarantine),
        ];
        IReadOnlyList<Finding> ordered = [.. findings.OrderByDescending(finding => finding.State.Health)];
        var worst = ordered.Count == 0 ? Health.Good : ordered[0].State.Health;
        var bad = ordered.Count(finding => finding.State.Health == Health.Bad);
        var (verdict, sentence) = worst switch
        {
            Health.Bad => (new State(worst, "Bad"), First(ordered, bad)),
            Health.Warning => (new State(worst, "Degraded"), First(ordered, ordered.Count)),
            Health.Unknown => (new State(worst, "Unknown"), First(ordered, ordered.Count)),
            _ when services.Rows.Count == 0 => (new State(Health.Unknown, "Empty"), "No services are known."),
            _ => (new State(Health.Good, "Well"), AllWell(services, routers, nodes)),
        };
        return (verdict, sentence, ordered);
    }

    /// <summary>That a router keeps objects out is told once, by the object.</summary>
    private static bool IsWorthASentence(RouterRow row) =>
        row.State is { Health: >= Health.Unknown, Word: not RouterRows.Quarantines };

    private static IEnumerable<Finding> Sources(ServicesModel services, RoutersModel routers)
    {
        if (!services.Cluster.Fresh)
        {
            var since = services.Cluster.At is { } at ? $"no news since {Clock(at)}" : "never heard";
            yield return new Finding(
                new State(Health.Warning, "blind"), "API server", $"{since}: {services.Cluster.Why ?? "it is silent"}");
        }

        if (!routers.Freshness.Fresh)
        {
            var since = routers.Freshness.At is { } at ? $"none answers since {Clock(at)}" : "none answers";
            yield return new Finding(
                new State(Health.Warning, "blind"), "routers", $"{since}: {routers.Freshness.Why}");
        }
    }

    private static Finding OfService(ServiceRow row) => new(
        row.State,
        $"service {row.Namespace}/{row.Name}",
        row.State.Word is "failing" or "errors" && row.Success is { } success
            ? $"{Percent(1 - success)} of requests fail{ByRouter(row)}"
            : $"{row.Ready} of {row.Desired?.ToString(CultureInfo.InvariantCulture) ?? "?"} ready");

    private static string ByRouter(ServiceRow row) => row.RouterErrors > 0
        ? $", {Percent(row.RouterErrors.Value)} answered by the router"
        : "";

    private static Finding OfNode(NodeRow row) => new(
        row.State,
        $"node {row.Name}",
        row.Reason.Length > 0 && row.State.Health == Health.Bad ? row.Reason : row.State.Word);

    private static Finding OfRouter(RouterRow row) => new(
        row.State,
        $"router {(row.Node.Length > 0 ? row.Node : row.Address)}",
        row.State switch
        {
            { Health: Health.Unknown } => row.Freshness.Why ?? "it has not been read",
            { Word: "from snapshot" } => "uses the table from its disk",
            _ => $"last heard from its source {row.TableAgeSeconds:F0} s ago ({row.Source})",
        });

    private static Finding OfQuarantine(QuarantineRow row) => new(
        new State(Health.Warning, "quarantine"),
        $"{row.Kind} {row.Name}",
        $"kept out by {row.Routers.Count} router{(row.Routers.Count == 1 ? "" : "s")}: {row.Reason}");

    private static string First(IReadOnlyList<Finding> findings, int count)
    {
        var more = count - 1;
        var text = $"{Capital(findings[0].Subject)}: {findings[0].Text}";
        return more > 0 ? $"{text}, and {more} more." : $"{text}.";
    }

    private static string AllWell(ServicesModel services, RoutersModel routers, NodesModel nodes) =>
        $"{Count(services.Rows.Count(row => row.State.Health == Health.Good), "service")} ready, "
        + $"{Count(routers.Rows.Count, "router")} live, {Count(nodes.Rows.Count, "node")} ready.";

    private static string Count(int count, string what) => count == 1 ? $"1 {what}" : $"{count} {what}s";

    private static string Capital(string text) => char.ToUpperInvariant(text[0]) + text[1..];

    private static string Clock(DateTimeOffset at) =>
        at.UtcDateTime.ToString("HH:mm:ss 'UTC'", CultureInfo.InvariantCulture);

    private static string Percent(double share) =>
        share is > 0 and < 0.001 ? "under 0.1 %" : (share * 100).ToString("0.#", CultureInfo.InvariantCulture) + " %";
}
