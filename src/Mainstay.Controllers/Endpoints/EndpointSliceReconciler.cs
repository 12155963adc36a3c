using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Nodes;
using k8s.Models;
using Mainstay.Controllers.Core;
using Mainstay.Kube;

namespace Mainstay.Controllers.Endpoints;

/// <summary>
/// Keeps the EndpointSlices of each service with a selector. A pod keeps its slice while it lives there, so that one
/// change of one pod writes one slice. A service without pods keeps one slice with <c>endpoints: []</c>: "there are
/// none" is said, not left to be guessed.
/// </summary>
internal sealed class EndpointSliceReconciler(ClusterCaches caches, Random random) : IReconciler
{
    public const string ServiceLabel = "kubernetes.io/service-name";
    private const string ManagedByLabel = "endpointslice.kubernetes.io/managed-by";
    private const string ManagedBy = "endpointslice-controller.k8s.io";
    private const string HeadlessLabel = "service.kubernetes.io/headless";

    public string Name => "endpointslices";

    public void Wire(ClusterCaches caches, WorkQueue queue)
    {
        ServiceWiring.Wire(caches, queue);
        caches.EndpointSlices.AddMetaListener((old, fresh) =>
        {
            if ((fresh ?? old) is { Labels: { } labels } meta && labels.TryGetValue(ServiceLabel, out var service))
            {
                queue.Add(new ObjectKey(meta.NamespaceProperty ?? "", service));
            }
        });
        caches.Nodes.Objects.AddListener(change =>
        {
            // A node's zone stands in the slices.
            if (change.New is { } node && ZoneOf(change.Old) != ZoneOf(node))
            {
                foreach (var service in caches.Services.All)
                {
                    queue.Add(service.Key());
                }
            }
        });
    }

    public Outcome Reconcile(ObjectKey key, DateTimeOffset now)
    {
        var mine = caches.EndpointSlices.In(key.Namespace).Where(s => IsOf(s, key.Name))
            .OrderBy(s => s.Metadata.Name, StringComparer.Ordinal).ToImmutableArray();
        if (caches.Services.Get(key) is not { } service || service.Metadata.DeletionTimestamp is not null)
        {
            return new Outcome([.. mine.Select(Delete)]);
        }
        if (!ServicePods.AreOurs(service))
        {
            return Outcome.Nothing;
        }
        var writes = ImmutableArray.CreateBuilder<Write>();
        var unused = mine.ToList();
        foreach (var family in Families(service, ServicePods.Behind(service, caches.Pods.In(key.Namespace))))
        {
            var slices = mine.Where(s => Family(s) == family.Name).ToList();
            slices.ForEach(s => unused.Remove(s));
            writes.AddRange(Settle(service, family, slices));
        }
        writes.AddRange(unused.Select(Delete));
        return new Outcome(writes.ToImmutable());
    }

    /// <summary>What must be the same within a slice: the kind of address and the ports.</summary>
    private sealed record SliceFamily(string AddressType, JsonArray Ports, ImmutableArray<ServicePod> Pods)
    {
        public string Name => $"{AddressType} {Ports.ToJsonString()}";
    }

    private static List<SliceFamily> Families(V1Service service, ImmutableArray<ServicePod> pods)
    {
        var families = pods.GroupBy(p => (Type: AddressType(p), Ports: string.Join(',', p.Ports)))
            .Select(g => new SliceFamily(g.Key.Type, PortsOf(g.First().Ports), [.. g])).ToList();
        if (families.Count == 0)
        {
            var numbered = (service.Spec.Ports ?? [])
                .Where(p => p.TargetPort is null || int.TryParse(p.TargetPort.Value, out _))
                .Select(p => new ResolvedPort(p.Name ?? "", p.Protocol ?? "TCP",
                    int.TryParse(p.TargetPort?.Value, out var n) && n > 0 ? n : p.Port, p.AppProtocol));
            families.Add(new SliceFamily("IPv4", PortsOf([.. numbered]), []));
        }
        return families;
    }

    private IEnumerable<Write> Settle(V1Service service, SliceFamily family, List<Bare> slices)
    {
        var left = family.Pods.ToDictionary(p => p.Pod.Metadata.Uid);
        var contents = slices.ConvertAll(slice =>
            Uids(slice).Where(left.ContainsKey).Select(uid => Take(left, uid)).ToList());
        foreach (var content in contents)
        {
            // New pods fill what is there before another slice is made.
            foreach (var uid in left.Keys.Take(Limits.EndpointsPerSlice - content.Count).ToArray())
            {
                content.Add(Take(left, uid));
            }
        }
        for (var at = 0; at < slices.Count; at++)
        {
            // One slice stays, even when it is empty.
            if (contents[at].Count == 0 && contents.Any(c => c.Count > 0))
            {
                yield return Delete(slices[at]);
            }
            else if (contents[at].Count == 0 && at > 0 && contents.All(c => c.Count == 0))
            {
                yield return Delete(slices[at]);
            }
            else if (Change(service, slices[at], contents[at]) is { } change)
            {
                yield return change;
            }
        }
        while (left.Count > 0 || slices.Count == 0)
        {
            var content = left.Keys.Take(Limits.EndpointsPerSlice).ToArray().Select(uid => Take(left, uid)).ToList();
            yield return Create(service, family, content);
            if (left.Count == 0)
            {
                yield break;
            }
        }
    }

    private static ServicePod Take(Dictionary<string, ServicePod> left, string uid)
    {
        var pod = left[uid];
        left.Remove(uid);
        return pod;
    }

    private PatchObject? Change(V1Service service, Bare slice, List<ServicePod> pods)
    {
        var endpoints = Endpoints(pods);
        var labels = Labels(service);
        var sameLabels = labels.All(l => slice.Metadata.Labels.TryGetValue(l.Key, out var v)
            && v == l.Value?.GetValue<string>());
        if (sameLabels && JsonNode.DeepEquals(endpoints, Known(slice.Raw)))
        {
            return null;
        }
        var metadata = Ownership.Precondition(slice.Metadata);
        metadata["labels"] = labels;
        return new PatchObject(Kinds.EndpointSlice, slice.Metadata.Key(), new JsonObject
        {
            ["metadata"] = metadata,
            ["endpoints"] = endpoints,
        });
    }

    private CreateObject Create(V1Service service, SliceFamily family, List<ServicePod> pods)
    {
        var owner = new Owner(Kinds.Service, service.Metadata, LabelSelector.Nothing);
        var stem = service.Metadata.Name;
        var key = new ObjectKey(owner.Key.Namespace,
            $"{(stem.Length > 57 ? stem[..57] : stem)}-{PodTemplate.Suffix(random)}");
        return new CreateObject(Kinds.EndpointSlice, key, new JsonObject
        {
            ["metadata"] = new JsonObject
            {
                ["name"] = key.Name,
                ["generateName"] = $"{stem}-",
                ["namespace"] = key.Namespace,
                ["labels"] = Labels(service),
                ["ownerReferences"] = new JsonArray(owner.Reference()),
            },
            ["addressType"] = family.AddressType,
            ["ports"] = family.Ports.DeepClone(),
            ["endpoints"] = Endpoints(pods),
        });
    }

    private JsonArray Endpoints(IEnumerable<ServicePod> pods) =>
        [.. pods.OrderBy(p => p.Pod.Metadata.Name, StringComparer.Ordinal).Select(Endpoint)];

    private JsonObject Endpoint(ServicePod pod)
    {
        var endpoint = new JsonObject
        {
            ["addresses"] = new JsonArray(pod.Address),
            ["conditions"] = new JsonObject
            {
                ["ready"] = pod.Ready,
                ["serving"] = pod.Serving,
                ["terminating"] = pod.Terminating,
            },
            ["nodeName"] = pod.Node,
            ["targetRef"] = pod.TargetReference(),
        };
        if (ZoneOf(caches.Nodes.Get(new ObjectKey("", pod.Node))) is { } zone)
        {
            endpoint["zone"] = zone;
        }
        return endpoint;
    }

    private static JsonArray PortsOf(ImmutableArray<ResolvedPort> ports) => [.. ports.Select(p =>
    {
        var port = new JsonObject { ["name"] = p.Name, ["protocol"] = p.Protocol, ["port"] = p.Number };
        if (p.AppProtocol is not null)
        {
            port["appProtocol"] = p.AppProtocol;
        }
        return port;
    })];

    private static JsonObject Labels(V1Service service)
    {
        var labels = new JsonObject();
        foreach (var (name, value) in service.Metadata.Labels ?? new Dictionary<string, string>())
        {
            labels[name] = value;
        }
        labels[ServiceLabel] = service.Metadata.Name;
        labels[ManagedByLabel] = ManagedBy;
        if (service.Spec.ClusterIP == "None")
        {
            labels[HeadlessLabel] = "";
        }
        return labels;
    }

    private static bool IsOf(Bare slice, string service) => slice.Metadata.Labels is { } labels
        && labels.TryGetValue(ServiceLabel, out var of) && of == service
        && labels.TryGetValue(ManagedByLabel, out var by) && by == ManagedBy;

    /// <summary>The family a slice belongs to, written as <see cref="SliceFamily.Name"/> writes it.</summary>
    private static string Family(Bare slice)
    {
        JsonArray ports = [.. slice.Raw.Items("ports").Select(p =>
        {
            var port = new JsonObject
            {
                ["name"] = p.Text("name"),
                ["protocol"] = p.Text("protocol") is { Length: > 0 } protocol ? protocol : "TCP",
                ["port"] = p.Number("port") ?? 0,
            };
            if (p.Text("appProtocol") is { Length: > 0 } application)
            {
                port["appProtocol"] = application;
            }
            return port;
        })];
        return $"{slice.Raw.Text("addressType")} {ports.ToJsonString()}";
    }

    private static IEnumerable<string> Uids(Bare slice) =>
        slice.Raw.Items("endpoints").Select(e => e.Child("targetRef")?.Text("uid") ?? "").Distinct();

    private static JsonArray Known(JsonElement slice) =>
        [.. slice.Items("endpoints").Select(e =>
        {
            var endpoint = JsonNode.Parse(e.GetRawText());
            (endpoint?["targetRef"] as JsonObject)?.Remove("resourceVersion");
            return endpoint;
        })];

    private static string? ZoneOf(V1Node? node) =>
        node?.Metadata.Labels is { } labels && labels.TryGetValue("topology.kubernetes.io/zone", out var zone) ? zone
            : null;

    private static string AddressType(ServicePod pod) =>
        pod.Address.Contains(':', StringComparison.Ordinal) ? "IPv6" : "IPv4";

    private static DeleteObject Delete(Bare slice) =>
        new(Kinds.EndpointSlice, slice.Metadata.Key(), slice.Metadata.Uid);
}
