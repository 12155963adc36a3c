using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Nodes;
using k8s.Models;
using Mainstay.Controllers.Core;
using Mainstay.Kube;

namespace Mainstay.Controllers.Endpoints;

/// <summary>Keeps the Endpoints object of each service with a selector: the old form, which many readers still
/// use.</summary>
internal sealed class EndpointsReconciler(ClusterCaches caches) : IReconciler
{
    public string Name => "endpoints";

    public void Wire(ClusterCaches caches, WorkQueue queue)
    {
        ServiceWiring.Wire(caches, queue);
        caches.Endpoints.Objects.AddListener(change => queue.Add(change.Key));
    }

    public Outcome Reconcile(ObjectKey key, DateTimeOffset now)
    {
        var current = caches.Endpoints.Get(key);
        if (caches.Services.Get(key) is not { } service)
        {
            return current is not null && IsOurs(current)
                ? new Outcome([new DeleteObject(Kinds.Endpoints, key, current.Metadata.Uid)]) : Outcome.Nothing;
        }
        if (!ServicePods.AreOurs(service))
        {
            return Outcome.Nothing;
        }
        var subsets = Subsets(ServicePods.Behind(service, caches.Pods.In(key.Namespace)));
        if (current is null)
        {
            return new Outcome([new CreateObject(Kinds.Endpoints, key, new JsonObject
            {
                ["metadata"] = new JsonObject
                {
                    ["name"] = key.Name,
                    ["namespace"] = key.Namespace,
                    ["labels"] = Labels(service),
                },
                ["subsets"] = subsets,
            })]);
        }
        if (JsonNode.DeepEquals(subsets, Subsets(current.Raw)) && HasLabels(service, current.Metadata))
        {
            return Outcome.Nothing;
        }
        var metadata = Ownership.Precondition(current.Metadata);
        metadata["labels"] = Labels(service);
        return new Outcome([new PatchObject(Kinds.Endpoints, key, new JsonObject
        {
            ["metadata"] = metadata,
            ["subsets"] = subsets,
        })]);
    }

    /// <summary>Pods with the same ports share a subset; the ready ones come before the others.</summary>
    private static JsonArray Subsets(ImmutableArray<ServicePod> pods)
    {
        var subsets = new JsonArray();
        var told = pods.Where(p => !p.Terminating || p.Ready).Take(Limits.EndpointsAddresses);
        foreach (var group in told.GroupBy(p => string.Join(',', p.Ports)).OrderBy(g => g.Key, StringComparer.Ordinal))
        {
            var subset = new JsonObject();
            Put(subset, "addresses", group.Where(p => p.Ready));
            Put(subset, "notReadyAddresses", group.Where(p => !p.Ready));
            subset["ports"] = new JsonArray([.. group.First().Ports.Select(Port)]);
            subsets.Add(subset);
        }
        return subsets;
    }

    private static void Put(JsonObject subset, string name, IEnumerable<ServicePod> pods)
    {
        JsonArray addresses = [.. pods.OrderBy(p => p.Address, StringComparer.Ordinal).Select(p => new JsonObject
        {
            ["ip"] = p.Address,
            ["nodeName"] = p.Node,
            ["targetRef"] = p.TargetReference(),
        })];
        if (addresses.Count > 0)
        {
            subset[name] = addresses;
        }
    }

    private static JsonObject Port(ResolvedPort port)
    {
        var json = new JsonObject { ["port"] = port.Number, ["protocol"] = port.Protocol };
        if (port.Name.Length > 0)
        {
            json["name"] = port.Name;
        }
        if (port.AppProtocol is not null)
        {
            json["appProtocol"] = port.AppProtocol;
        }
        return json;
    }

    /// <summary>What is there, in the form we would write it: servers add a resource version to references, and
    /// sort.</summary>
    private static JsonArray Subsets(JsonElement endpoints)
    {
        var subsets = new List<JsonObject>();
        foreach (var subset in endpoints.Items("subsets"))
        {
            var json = (JsonObject)(JsonNode.Parse(subset.GetRawText()) ?? new JsonObject());
            foreach (var list in new[] { "addresses", "notReadyAddresses" })
            {
                if (json[list] is JsonArray addresses)
                {
                    json[list] = new JsonArray([.. addresses.OfType<JsonObject>().Select(Plain)
                        .OrderBy(a => a["ip"]?.ToString(), StringComparer.Ordinal)]);
                }
            }
            subsets.Add(json);
        }
        return [.. subsets];
    }

    private static JsonObject Plain(JsonObject address)
    {
        (address["targetRef"] as JsonObject)?.Remove("resourceVersion");
        return (JsonObject)address.DeepClone();
    }

    private static bool IsOurs(Bare endpoints) =>
        endpoints.Metadata.Annotations is not { } notes
            || !notes.ContainsKey("control-plane.alpha.kubernetes.io/leader");

    private static JsonObject Labels(V1Service service) =>
        [.. (service.Metadata.Labels ?? new Dictionary<string, string>())
            .Select(l => KeyValuePair.Create(l.Key, (JsonNode?)l.Value))];

    private static bool HasLabels(V1Service service, V1ObjectMeta meta) =>
        (service.Metadata.Labels ?? new Dictionary<string, string>())
            .All(l => meta.Labels is { } labels && labels.TryGetValue(l.Key, out var value) && value == l.Value);
}

/// <summary>What concerns a service: itself, and every change of a pod it selects or selected.</summary>
internal static class ServiceWiring
{
    public static void Wire(ClusterCaches caches, WorkQueue queue)
    {
        caches.Services.Objects.AddListener(change => queue.Add(change.Key));
        caches.Pods.Objects.AddListener(change =>
        {
            foreach (var service in caches.Services.In(change.Key.Namespace))
            {
                if (Selects(service, change.Old) || Selects(service, change.New))
                {
                    queue.Add(service.Metadata.Key());
                }
            }
        });
    }

    private static bool Selects(V1Service service, V1Pod? pod) =>
        pod is not null && service.Spec?.Selector is { Count: > 0 } wanted
        && wanted.All(l => pod.Metadata.Labels is { } labels && labels.TryGetValue(l.Key, out var value)
            && value == l.Value);
}
