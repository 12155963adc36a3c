using Mainstay.ConsoleSite.Cluster;
using Mainstay.ConsoleSite.Scrape;
using Mainstay.Kube;

namespace Mainstay.ConsoleSite.Overview;

/// <summary>
/// One row per Service, and one for each name that has traffic and no Service. The state is the worst that fresh
/// evidence shows; without fresh evidence on a question that could hide trouble it is unknown.
/// </summary>
internal static class ServiceRows
{
    public static IReadOnlyList<ServiceRow> Of(Evidence evidence)
    {
        var known = evidence.Cluster.Services.ToDictionary(service => new ObjectKey(service.Namespace, service.Name));
        var routed = RoutedBy(evidence);
        var strangers = routed.Keys.Concat(evidence.Fleet.ServicesWithTraffic)
            .Where(key => key.Name.Length > 0 && !known.ContainsKey(key));
        return
        [
            .. known.Keys.Concat(strangers).Distinct()
                .OrderBy(key => IsOfThePlatform(key.Namespace))
                .ThenBy(key => key.Namespace, StringComparer.Ordinal)
                .ThenBy(key => key.Name, StringComparer.Ordinal)
                .Select(key => Row(key, known.GetValueOrDefault(key), routed.GetValueOrDefault(key), evidence)),
        ];
    }

    /// <summary>Namespaces of one's own services come first.</summary>
    private static bool IsOfThePlatform(string name) =>
        name == "default" || name.StartsWith("kube-", StringComparison.Ordinal);

    private static ServiceRow Row(ObjectKey key, ServiceView? service, (int Least, int Most)? routed, Evidence evidence)
    {
        var traffic = evidence.TrafficFreshness.Fresh ? evidence.Fleet.Traffic(key) : TrafficFigures.None;
        return new ServiceRow(
            key.Namespace,
            key.Name,
            StateOf(service, traffic, evidence),
            service?.Ready,
            service?.Desired,
            routed?.Least,
            routed?.Most,
            traffic.RatePerSecond,
            traffic.Success,
            traffic.RouterErrors,
            traffic.P50Seconds * 1000,
            traffic.P95Seconds * 1000,
            History(traffic))
        {
            Journeys = service is null || service.Journeys.IsDefault ? [] : [.. service.Journeys],
            Fallback = service?.Fallback ?? "",
        };
    }

    private static State StateOf(ServiceView? service, TrafficFigures traffic, Evidence evidence)
    {
        var byTraffic = ByTraffic(traffic);
        var byReadiness = ByReadiness(service, evidence.ClusterFreshness.Fresh);
        if (byTraffic is { Health: Health.Bad or Health.Warning } && byTraffic.Health >= byReadiness.Health)
        {
            return byTraffic;
        }

        // A service with ready pods whose traffic nobody can see is not known to be well.
        return byReadiness.Health == Health.Good && !evidence.TrafficFreshness.Fresh
            ? new State(Health.Unknown, "traffic unseen")
            : byReadiness;
    }

    private static State? ByTraffic(TrafficFigures traffic) => traffic.Success switch
    {
        null => null,
        < Limits.SuccessBad => new State(Health.Bad, "failing"),
        < Limits.SuccessGood => new State(Health.Warning, "errors"),
        _ => new State(Health.Good, "ready"),
    };

    private static State ByReadiness(ServiceView? service, bool fresh) => (service, fresh) switch
    {
        (null, true) => new State(Health.Unknown, "no Service"),
        (_, false) => new State(Health.Unknown, "readiness unknown"),
        ({ Desired: 0, Ready: 0 }, _) => new State(Health.Idle, "scaled to 0"),
        ({ Desired: null, Ready: 0, NotReady: 0 }, _) => new State(Health.Idle, "no endpoints"),
        ({ Ready: 0 }, _) => new State(Health.Bad, "down"),
        ({ Desired: { } desired } some, _) when some.Ready < desired => new State(Health.Warning, "degraded"),
        _ => new State(Health.Good, "ready"),
    };

    /// <summary>Ready endpoints of each service in the tables of the routers that answer.</summary>
    private static Dictionary<ObjectKey, (int Least, int Most)?> RoutedBy(Evidence evidence)
    {
        var tables = evidence.Fleet.Routers.Where(router => router is { Answers: true, Table: not null })
            .Select(router => router.Table?.Ready)
            .OfType<IReadOnlyDictionary<ObjectKey, int>>()
            .ToList();
        return tables.SelectMany(table => table.Keys).Distinct().ToDictionary(
            key => key,
            key => ((int, int)?)(
                tables.Min(table => table.GetValueOrDefault(key)), tables.Max(table => table.GetValueOrDefault(key))));
    }

    internal static IReadOnlyList<HistoryPoint?> History(TrafficFigures traffic) =>
    [
        .. traffic.History.Select(point =>
            point is { } seen ? new HistoryPoint(seen.RatePerSecond, seen.ErrorsPerSecond) : null),
    ];
}
