using System.Globalization;
using Mainstay.Kernel.Signals;
using Mainstay.Router.Discovery;
using Mainstay.Router.Discovery.Freshness;

namespace Mainstay.Router.Proof;

/// <param name="Reason">one line; empty when all is well</param>
internal sealed record Judgement(bool IsSafe, string Reason)
{
    public ObjectReference? Culprit { get; init; }

    /// <summary>It may be so only because something was just being written: worth a second look.</summary>
    public bool MayBePassing { get; init; }
}

/// <summary>
/// A throw-away instance judges its table by itself, by what the same API server says of the pods: it is compared with
/// nothing of the serving router, whose table may be the very one that is wrong. No I/O.
/// </summary>
internal static class ProofJudge
{
    /// <param name="reading">what the API server said</param>
    /// <param name="table">what was made of it</param>
    /// <param name="request">what is asked: strictness, and the heartbeats that the serving router saw</param>
    public static Judgement Judge(ServerReading reading, RouteTable table, ProofRequest request)
    {
        var stale = Freshness(reading.Endpoints, request.HeartbeatAtLeast)
            ?? Freshness(reading.Services, request.ServicesHeartbeatAtLeast);
        if (stale is not null)
        {
            return stale;
        }

        if (request.Strict && reading.Senseless is [var bad, ..])
        {
            return new Judgement(false, $"{bad.Kind} {bad.Key} makes no sense ({bad.Reason}): the whole list fails")
            {
                Culprit = new ObjectReference(bad.Kind, bad.Key.Namespace, bad.Key.Name),
            };
        }

        if (Unreachable(reading, table) is { } unreachable)
        {
            return unreachable;
        }

        var senseless = reading.Senseless.Select(one => $"{one.Kind} {one.Key} is kept out ({one.Reason})");
        return new Judgement(true, string.Join("; ", senseless))
        {
            Culprit = reading.Senseless is [var first, ..]
                ? new ObjectReference(first.Kind, first.Key.Namespace, first.Key.Name)
                : null,
        };
    }

    private static Judgement? Freshness(KindReading list, long atLeast)
    {
        if (atLeast < 0 || list.Sequence >= atLeast - ProofLimits.HeartbeatSlack)
        {
            return null;
        }

        var reason = list.Sequence < 0
            ? $"it has no heartbeat among its {list.Kind.Plural}, and the serving router sees one"
            : string.Create(
                CultureInfo.InvariantCulture,
                $"its {list.Kind.Plural} are {atLeast - list.Sequence} s behind: heartbeat {list.Sequence}, " +
                $"the serving router saw {atLeast}");
        return new Judgement(false, reason)
        {
            Culprit = new ObjectReference(list.Kind.Kind, Heartbeat.Namespace, Heartbeat.Name),
        };
    }

    /// <summary>A service whose pods are ready and that nobody could reach.</summary>
    private static Judgement? Unreachable(ServerReading reading, RouteTable table)
    {
        if (reading.Pods is not { } pods)
        {
            return null;
        }

        var ready = pods.Where(pod => pod.Ready).ToLookup(pod => pod.Key.Namespace);
        foreach (var route in table.Services)
        {
            var key = new Kube.ObjectKey(route.Namespace, route.Name);
            if (!reading.Objects.Services.TryGetValue(key, out var service) || route.Ports.IsEmpty ||
                route.Ports.Any(port => port.Endpoints.Any(endpoint => endpoint.Ready)))
            {
                continue;
            }

            var count = ready[route.Namespace].Count(pod => pod.IsSelectedBy(service));
            if (count > 0)
            {
                var reason = string.Create(
                    CultureInfo.InvariantCulture, $"Service {key} has {count} ready pods and not one endpoint");
                return new Judgement(false, reason)
                {
                    Culprit = new ObjectReference("Service", key.Namespace, key.Name),
                    MayBePassing = true,
                };
            }
        }

        return null;
    }
}
