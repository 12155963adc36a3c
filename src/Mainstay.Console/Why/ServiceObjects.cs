using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using Mainstay.ConsoleSite.Checks;
using Mainstay.ConsoleSite.Cluster;
using Mainstay.ConsoleSite.Scrape;
using Mainstay.ConsoleSite.Signals;
using Mainstay.Kube;

namespace Mainstay.ConsoleSite.Why;

/// <summary>What the objects of the API server and the routers' tables say about one service. Pure.</summary>
internal static class ServiceObjects
{
    public static ObjectKey KeyOf(string name)
    {
        var slash = name.IndexOf('/', StringComparison.Ordinal);
        return new ObjectKey(name[..slash], name[(slash + 1)..]);
    }

    /// <summary>Addresses that are ready, each once.</summary>
    public static int ReadyOf(ObjectKey service, ObjectList slices) => slices.Items
        .SelectMany(item => Tolerantly(() => SliceObject.Read(item)))
        .Where(slice => slice.Service == service)
        .SelectMany(slice => slice.Ready)
        .Distinct()
        .Count();

    public static ImmutableArray<RolloutSight> Rollouts(
        JsonElement service, ObjectList deployments, ObjectList sets, DateTimeOffset now)
    {
        if (service.ValueKind != JsonValueKind.Object)
        {
            return [];
        }

        var selecting = Tolerantly(() => ServiceObject.Read(service)).FirstOrDefault();
        var templates = sets.Items.SelectMany(item => Tolerantly(() => ReplicaSetObject.Read(item))).ToList();
        return
        [
            .. deployments.Items
                .Where(item => Tolerantly(() => WorkloadObject.ReadDeployment(item))
                    .Any(workload => selecting is not null && workload.IsSelectedBy(selecting)))
                .SelectMany(item => Tolerantly(() => Rollout(item, templates, now))),
        ];
    }

    /// <summary>Objects of the service's namespace that bear its name, and that some router keeps out.</summary>
    public static ImmutableArray<string> Rejected(ObjectKey service, IEnumerable<RouterReading> readings) =>
    [
        .. readings.Where(reading => reading.Table is not null)
            .SelectMany(reading => reading.Table!.Quarantined.Select(bad => (reading.Table.Node, Bad: bad)))
            .Where(pair => pair.Bad.Key.Namespace == service.Namespace && (pair.Bad.Key.Name == service.Name
                || pair.Bad.Key.Name.StartsWith(service.Name + "-", StringComparison.Ordinal)))
            .GroupBy(pair => (pair.Bad.Kind, pair.Bad.Key, pair.Bad.Reason))
            .Select(same => $"{same.Key.Kind} {same.Key.Key}: {same.Key.Reason} "
                + $"(kept out by {string.Join(", ", same.Select(pair => pair.Node))})"),
    ];

    private static RolloutSight Rollout(JsonElement item, List<ReplicaSetObject> templates, DateTimeOffset now)
    {
        var key = ObjectKey.Of(item);
        var status = item.Child("status");
        var present = templates.Where(set => set.Key.Namespace == key.Namespace && set.Deployment == key.Name)
            .MaxBy(set => set.Revision);
        return new RolloutSight(
            key.ToString(),
            item.Child("spec")?.Number("replicas") ?? 1,
            status?.Number("updatedReplicas") ?? 0,
            status?.Number("readyReplicas") ?? 0,
            present is null ? "" : Told(present, now));
    }

    private static string Told(ReplicaSetObject present, DateTimeOffset now)
    {
        var since = present.Since is { } at ? $", for {SignalReportText.Span(now - at)}" : "";
        var back = present.History.Length > 0 ? ", brought back by an undo" : "";
        return string.Create(
            CultureInfo.InvariantCulture, $"revision {present.Revision}, {present.Image}{since}{back}");
    }

    private static IEnumerable<T> Tolerantly<T>(Func<T> read)
        where T : class
    {
        try
        {
            return [read()];
        }
        catch (MalformedObjectException)
        {
            return [];
        }
    }
}
