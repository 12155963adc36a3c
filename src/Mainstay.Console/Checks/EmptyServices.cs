using System.Collections.Immutable;
using System.Text.Json;
using Mainstay.Kube;

namespace Mainstay.ConsoleSite.Checks;

/// <summary>Why a Service with a selector has nobody behind it.</summary>
public enum Emptiness
{
    /// <summary>A workload behind it asks for no pods: somebody wanted it so.</summary>
    ScaledToZero,

    /// <summary>No workload of this cluster bears its labels.</summary>
    NoWorkload,

    /// <summary>A workload asks for pods and none is ready.</summary>
    NoneReady,
}

/// <param name="Service">namespace/name</param>
/// <param name="Workloads">what stands behind it, as <c>Deployment bank/feed</c></param>
public sealed record EmptyService(string Service, Emptiness Why, ImmutableArray<string> Workloads);

/// <summary>
/// Services that select pods and have no ready endpoint: the object that broke the bank was one of them, on purpose and
/// forgotten. Readers are tolerant: an object that makes no sense is told by the scan, and skipped here. Pure.
/// </summary>
public static class EmptyServices
{
    public static ImmutableArray<EmptyService> Find(
        ObjectList services, IReadOnlyList<ObjectList> endpoints, IReadOnlyList<ObjectList> workloads)
    {
        var live = endpoints.SelectMany(list => list.Items).SelectMany(ReadyService).ToHashSet(StringComparer.Ordinal);
        var behind = workloads
            .SelectMany(list => list.Items.Select(item => Tolerantly(() => Workload.Read(list.Kind.Kind, item))))
            .OfType<Workload>()
            .ToList();
        var empty = ImmutableArray.CreateBuilder<EmptyService>();
        foreach (var item in services.Items)
        {
            if (Tolerantly(() => Selecting.Read(item)) is { } service && !live.Contains(service.Key))
            {
                var own = behind.Where(workload => workload.IsBehind(service)).ToList();
                var why = own.Count == 0
                    ? Emptiness.NoWorkload
                    : own.Sum(workload => workload.Desired) == 0 ? Emptiness.ScaledToZero : Emptiness.NoneReady;
                empty.Add(new EmptyService(service.Key, why, [.. own.Select(workload => workload.Name)]));
            }
        }

        return [.. empty.OrderBy(service => service.Service, StringComparer.Ordinal)];
    }

    /// <summary>The Service that an object of endpoints makes live; none when nobody in it is ready.</summary>
    private static IEnumerable<string> ReadyService(JsonElement item)
    {
        var found = Tolerantly(() =>
        {
            var meta = ObjectMeta.Read(item);
            if (item.Items("subsets").Any(subset => subset.Items("addresses").Any()))
            {
                return $"{meta.Key.Namespace}/{meta.Key.Name}";
            }

            // An absent condition means ready.
            var ready = item.Items("endpoints").Any(endpoint =>
                (endpoint.Child("conditions")?.Flag("ready") ?? true) && endpoint.Items("addresses").Any());
            return ready
                ? $"{meta.Key.Namespace}/{meta.Labels.GetValueOrDefault("kubernetes.io/service-name", "")}"
                : null;
        });
        return found is null ? [] : [found];
    }

    private static T? Tolerantly<T>(Func<T?> read)
        where T : class
    {
        try
        {
            return read();
        }
        catch (MalformedObjectException)
        {
            return null;
        }
    }

    private sealed record Selecting(string Key, string Namespace, ImmutableDictionary<string, string> Selector)
    {
        public static Selecting? Read(JsonElement item)
        {
            var meta = ObjectMeta.Read(item);
            var spec = item.Child("spec");
            var selector = spec?.Map("selector");
            return selector is { Count: > 0 } && spec?.Text("type") != "ExternalName"
                ? new Selecting($"{meta.Key.Namespace}/{meta.Key.Name}", meta.Key.Namespace, selector)
                : null;
        }
    }

    private sealed record Workload(
        string Name, string Namespace, long Desired, ImmutableDictionary<string, string> Labels)
    {
        public static Workload Read(string kind, JsonElement item)
        {
            var meta = ObjectMeta.Read(item);
            var desired = kind == "DaemonSet"
                ? item.Child("status")?.Number("desiredNumberScheduled") ?? 0
                : item.Child("spec")?.Number("replicas") ?? 1;
            var labels = item.Child("spec")?.Child("template")?.Child("metadata")?.Map("labels");
            return new Workload(
                $"{kind} {meta.Key.Namespace}/{meta.Key.Name}",
                meta.Key.Namespace,
                desired,
                labels ?? ImmutableDictionary<string, string>.Empty);
        }

        public bool IsBehind(Selecting service) => service.Namespace == Namespace
            && service.Selector.All(pair => Labels.GetValueOrDefault(pair.Key) == pair.Value);
    }
}
