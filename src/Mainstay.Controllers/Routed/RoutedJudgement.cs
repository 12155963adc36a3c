using System.Collections.Immutable;
using Mainstay.Kube;

namespace Mainstay.Controllers.Routed;

/// <summary>What a service's routers have to have applied for one pod.</summary>
/// <param name="Service">its name</param>
/// <param name="Revision">null while its slices do not list the pod so</param>
internal sealed record RoutedDemand(string Service, ulong? Revision)
{
    /// <summary>Which lists the pod; null while none does.</summary>
    public ObjectKey? Slice { get; init; }
}

/// <summary>
/// Whether every router that counts has applied what is demanded: a pure function. Demanded 110 and 121, routers at
/// 125, 118 and, on a lost node, 90: the one at 118 lags, the one at 90 is excused, by name. One at 125 that keeps the
/// slice out, because it makes no sense to it, lags too.
/// </summary>
/// <param name="Revision">the highest revision demanded; null while a service does not list the pod</param>
/// <param name="Lagging">nodes whose routers have not applied it</param>
/// <param name="Excused">nodes that are lost</param>
/// <param name="Unlisted">services whose slices do not list the pod yet</param>
internal sealed record RoutedJudgement(
    ulong? Revision,
    ImmutableArray<string> Lagging,
    ImmutableArray<string> Excused,
    ImmutableArray<string> Unlisted)
{
    /// <summary>What routers keep out of that which is demanded, in words.</summary>
    public ImmutableArray<string> KeptOut { get; init; } = [];

    public bool IsMet => Unlisted.IsEmpty && Lagging.IsEmpty;

    public static RoutedJudgement Of(
        IReadOnlyCollection<RoutedDemand> demands, IReadOnlyCollection<RouterSeen> routers)
    {
        var unlisted = demands.Where(d => d.Revision is null).Select(d => d.Service)
            .Order(StringComparer.Ordinal).ToImmutableArray();
        ulong? revision = unlisted.IsEmpty ? demands.Max(d => d.Revision) : null;
        var counted = revision is null ? [] : routers.Where(r => !r.IsNodeLost).ToArray();
        var keptOut = counted
            .Select(r => (r.Node, Object: demands.Select(r.KeepsOut).FirstOrDefault(o => o is not null)))
            .Where(one => one.Object is not null)
            .DistinctBy(one => one.Node)
            .ToDictionary(one => one.Node, one => one.Object);
        return new RoutedJudgement(
            revision,
            [.. counted.Where(r => !(r.Applied >= revision) || keptOut.ContainsKey(r.Node)).Select(r => r.Node)],
            [.. routers.Where(r => r.IsNodeLost).Select(r => r.Node)],
            unlisted)
        {
            KeptOut = [.. keptOut.Select(one => $"{one.Key} keeps {one.Value} out, for it makes no sense")],
        };
    }

    public string ExcusedInWords =>
        Excused.IsEmpty ? "" : $" (excused, their nodes are lost: {string.Join(", ", Excused)})";

    /// <summary>What is waited for, without figures: it must not change with every heartbeat.</summary>
    public string WaitsFor(string what)
    {
        if (!Unlisted.IsEmpty)
        {
            return $"waits for the endpoints of {string.Join(", ", Unlisted)} to list the pod {what}{ExcusedInWords}";
        }
        var why = KeptOut.IsEmpty ? "" : $": {string.Join("; ", KeptOut)}";
        return $"waits for the routers of {string.Join(", ", Lagging)} to take up the pod {what}{why}{ExcusedInWords}";
    }
}
