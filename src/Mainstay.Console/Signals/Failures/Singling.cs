using System.Collections.Immutable;
using System.Globalization;

namespace Mainstay.ConsoleSite.Signals.Failures;

/// <summary>What the failures of a service have in common.</summary>
/// <param name="Kind">version, node, pod, router, dependency, routing, or all when nothing stands out</param>
/// <param name="Name">which</param>
/// <param name="Subject">that as a signal's subject, where it has one; else empty</param>
/// <param name="Says">one sentence with figures</param>
internal sealed record Culprit(string Kind, string Name, string Subject, string Says);

/// <summary>
/// What the failures single out. A group stands out when its members fail and the others do not; a version before a
/// node before a pod, as the wider group that fits says more. Where every endpoint fails alike it looks at whom the
/// service's own pods call: a dependency whose calls from there fail. Pure.
/// </summary>
internal static class Singling
{
    private const double BadShare = 0.2;
    private const double GoodShare = 0.05;
    private const double TriesMin = 2;

    public static ImmutableArray<Culprit> Of(ServiceSum service, IReadOnlyList<ServiceSum> all)
    {
        var culprits = ImmutableArray.CreateBuilder<Culprit>();
        culprits.AddRange(Dependencies(service, all));
        culprits.AddRange(CallingNodes(service));
        culprits.AddRange(EndpointGroups(service));
        if (culprits.Count == 0)
        {
            culprits.Add(Whole(service));
        }

        return culprits.ToImmutable();
    }

    private static IEnumerable<Culprit> EndpointGroups(ServiceSum service)
    {
        var tried = service.Endpoints.Where(endpoint => endpoint.Sum.Calls >= TriesMin).ToList();
        var bad = tried.Where(endpoint => endpoint.Sum.Share >= BadShare).ToList();
        var good = tried.Where(endpoint => endpoint.Sum.Share < GoodShare).ToList();
        if (bad.Count == 0 || good.Count == 0)
        {
            yield break;
        }

        if (Group(bad, good, endpoint => endpoint.Version) is { Length: > 0 } version && bad.Concat(good)
            .Any(endpoint => endpoint.Version != version))
        {
            yield return new Culprit(
                "version", version, "", $"pods of {version} fail ({Told(bad)}), those of other versions do not");
        }

        if (Group(bad, good, endpoint => endpoint.Node) is { Length: > 0 } node)
        {
            yield return new Culprit(
                "node", node, $"node/{node}", $"pods on {node} fail ({Told(bad)}), those on other nodes do not");
        }

        if (bad.Count == 1)
        {
            yield return new Culprit(
                "pod",
                bad[0].Pod,
                $"pod/{service.Service.Namespace}/{bad[0].Pod}",
                $"only {bad[0].Pod} fails ({Told(bad)})");
        }
    }

    /// <returns>the one group in which all the bad and none of the good are; null when there is none</returns>
    private static string? Group(
        List<EndpointSum> bad, List<EndpointSum> good, Func<EndpointSum, string> of)
    {
        var group = of(bad[0]);
        return bad.All(endpoint => of(endpoint) == group) && good.All(endpoint => of(endpoint) != group) ? group : null;
    }

    /// <summary>Routers that see it fail while others do not: it is how they route, and not the service.</summary>
    private static IEnumerable<Culprit> CallingNodes(ServiceSum service)
    {
        var seen = service.ByNode.Where(pair => pair.Value.Calls >= TriesMin).ToList();
        var bad = seen.Where(pair => pair.Value.Share >= BadShare).ToList();
        var good = seen.Count(pair => pair.Value.Share < GoodShare);
        return good == 0 || bad.Count == 0 || bad.Count > good
            ? []
            : bad.Select(pair => new Culprit(
                "router",
                pair.Key,
                $"router/{pair.Key}",
                $"calls made on {pair.Key} fail ({Percent(pair.Value.Share)}), those made on {good} others do not"));
    }

    /// <summary>Services that the pods of this one call, and whose calls from there fail.</summary>
    private static IEnumerable<Culprit> Dependencies(ServiceSum service, IReadOnlyList<ServiceSum> all)
    {
        var pods = service.Endpoints.Select(endpoint => $"{service.Service.Namespace}/{endpoint.Pod}").ToHashSet();
        foreach (var callee in all.Where(other => other.Service != service.Service))
        {
            var calls = callee.Callers.Where(caller => pods.Contains(caller.Key))
                .Aggregate(default(CallSum), (sum, caller) => sum + caller.Value);
            if (calls.Calls >= TriesMin && calls.Share >= BadShare)
            {
                var name = callee.Service.ToString();
                yield return new Culprit(
                    "dependency",
                    name,
                    $"service/{name}",
                    $"its own calls to {name} fail ({Percent(calls.Share)})");
            }
        }
    }

    private static Culprit Whole(ServiceSum service) => service.Total.ByRouter >= service.Total.Failures * 0.8
        ? new Culprit("routing", "", "", "routers reach none of its endpoints, wherever the calls are made")
        : new Culprit("all", "", "", "all of its endpoints fail alike, and nothing that they call does");

    private static string Told(List<EndpointSum> endpoints) =>
        Percent(endpoints.Aggregate(default(CallSum), (sum, endpoint) => sum + endpoint.Sum).Share);

    private static string Percent(double share) =>
        (share * 100).ToString("0.#", CultureInfo.InvariantCulture) + " %";
}
