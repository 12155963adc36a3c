using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using k8s;
using k8s.Models;
using Mainstay.Controllers.Core;
using Mainstay.Kube;

namespace Mainstay.Simulation.Controllers;

/// <summary>
/// An API server as the controllers see it: objects with revisions and generations, preconditions that are kept, and
/// events that reach each kind's cache in order, but only when the simulation lets one through.
/// </summary>
internal sealed class ModelCluster(ClusterCaches caches)
{
    private readonly SortedDictionary<(string Plural, ObjectKey Key), JsonObject> _objects =
        new(Comparer<(string Plural, ObjectKey Key)>.Create((a, b) => string.CompareOrdinal($"{a}", $"{b}")));

    private readonly Dictionary<string, Queue<Action>> _events = [];
    private long _revision;
    private int _uids;

    public IEnumerable<string> KindsWithEvents => _events.Where(e => e.Value.Count > 0).Select(e => e.Key).Order();

    public IEnumerable<JsonObject> All(KubeKind kind) =>
        _objects.Where(o => o.Key.Plural == kind.Plural).Select(o => o.Value);

    public JsonObject? Find(KubeKind kind, ObjectKey key) => _objects.GetValueOrDefault((kind.Plural, key));

    /// <summary>Told of each change of any object, in order: kind, key, the object or null, revision.</summary>
    public Action<KubeKind, ObjectKey, JsonElement?, ulong>? Watched { get; set; }

    public void DeliverOne(string plural) => _events[plural].Dequeue()();

    public Task<WriteResult?> PerformAsync(Write write) => Task.FromResult(Perform(write));

    private WriteResult? Perform(Write write) => write switch
    {
        CreateObject create => Create(create),
        PatchObject patch => Patch(patch),
        DeleteObject delete => Delete(delete),
        BindPod bind => Bind(bind),
        _ => null,
    };

    private WriteResult Create(CreateObject create)
    {
        if (Find(create.Kind, create.Key) is not null)
        {
            throw Conflict("AlreadyExists");
        }
        // Through text, as over the wire: numbers have no type of their own there.
        var made = (JsonObject)JsonNode.Parse(create.Body.ToJsonString())!;
        var metadata = (JsonObject)made["metadata"]!;
        metadata["uid"] = $"uid-{++_uids}";
        metadata["generation"] = 1L;
        metadata["creationTimestamp"] = $"2026-01-01T{_uids / 3600 % 24:00}:{_uids / 60 % 60:00}:{_uids % 60:00}Z";
        _objects[(create.Kind.Plural, create.Key)] = made;
        return Changed(create.Kind, create.Key, made);
    }

    private WriteResult? Patch(PatchObject patch)
    {
        if (Find(patch.Kind, patch.Key) is not { } current)
        {
            return null;
        }
        var meta = (JsonObject)current["metadata"]!;
        foreach (var guard in new[] { "uid", "resourceVersion" })
        {
            if (patch.Patch["metadata"]?[guard] is { } wanted && wanted.ToString() != meta[guard]?.ToString())
            {
                throw Conflict("Conflict");
            }
        }
        var before = current["spec"]?.ToJsonString();
        foreach (var (name, value) in patch.Patch)
        {
            if (patch.Subresource.Length == 0 ? name != "status" : name == "status")
            {
                Merge(current, name, patch.Strategic ? WithKept(current[name], value) : value);
            }
        }
        if (current["spec"]?.ToJsonString() != before)
        {
            meta["generation"] = (long)meta["generation"]! + 1;
        }
        return Changed(patch.Kind, patch.Key, current);
    }

    private WriteResult Delete(DeleteObject delete)
    {
        var result = new WriteResult(delete.Kind, delete.Key, 0, delete.Uid);
        if (Find(delete.Kind, delete.Key) is { } current && current["metadata"]?["uid"]?.ToString() == delete.Uid)
        {
            // A pod that no agent has taken is gone at once, as in the real thing.
            if (delete.Kind == Kinds.Pod && current["spec"]?["nodeName"] is not null && delete.GraceSeconds != 0)
            {
                current["metadata"]!["deletionTimestamp"] = "2026-01-02T00:00:00Z";
                Changed(delete.Kind, delete.Key, current);
            }
            else
            {
                Remove(delete.Kind, delete.Key);
            }
        }
        return result;
    }

    private WriteResult? Bind(BindPod bind)
    {
        if (Find(Kinds.Pod, bind.Key) is { } pod)
        {
            pod["spec"]!["nodeName"] = bind.Node;
            Changed(Kinds.Pod, bind.Key, pod);
        }
        return null;
    }

    public void Remove(KubeKind kind, ObjectKey key)
    {
        _objects.Remove((kind.Plural, key));
        var revision = (++_revision).ToString(CultureInfo.InvariantCulture);
        Watched?.Invoke(kind, key, null, (ulong)_revision);
        Enqueue(kind, () => ToCache(kind, key, null, revision));
    }

    private WriteResult Changed(KubeKind kind, ObjectKey key, JsonObject current)
    {
        var revision = (++_revision).ToString(CultureInfo.InvariantCulture);
        current["metadata"]!["resourceVersion"] = revision;
        var copy = JsonSerializer.SerializeToElement(current);
        Watched?.Invoke(kind, key, copy, (ulong)_revision);
        Enqueue(kind, () => ToCache(kind, key, copy, revision));
        return new WriteResult(kind, key, (ulong)_revision);
    }

    private void Enqueue(KubeKind kind, Action deliver)
    {
        if (!_events.TryGetValue(kind.Plural, out var queue))
        {
            _events[kind.Plural] = queue = new Queue<Action>();
        }
        queue.Enqueue(deliver);
    }

    private void ToCache(KubeKind kind, ObjectKey key, JsonElement? value, string revision)
    {
        switch (kind.Kind)
        {
            case "Pod":
                Tell(caches.Pods, KubernetesJson.Deserialize<V1Pod>);
                break;
            case "Node":
                Tell(caches.Nodes, KubernetesJson.Deserialize<V1Node>);
                break;
            case "ReplicaSet":
                Tell(caches.ReplicaSets, (e, _) => Kept<V1ReplicaSet>.Read(e));
                break;
            case "Deployment":
                Tell(caches.Deployments, (e, _) => Kept<V1Deployment>.Read(e));
                break;
            case "Service":
                Tell(caches.Services, KubernetesJson.Deserialize<V1Service>);
                break;
            case "EndpointSlice":
                Tell(caches.EndpointSlices, (e, _) => Bare.Read(e));
                break;
            case "Lease":
                Tell(caches.RouterLeases, (e, _) => Bare.ReadMetaOnly(e));
                break;
            default:
                throw new InvalidOperationException($"no cache for {kind.Kind}");
        }

        void Tell<T>(ClusterCache<T> cache, Func<JsonElement, JsonSerializerOptions?, T> read)
            where T : class, IMetadata<V1ObjectMeta>
        {
            if (value is { } element)
            {
                cache.Objects.Changed(key, read(element, null), revision);
            }
            else
            {
                cache.Objects.Deleted(key, revision);
            }
        }
    }

    /// <summary>A strategic merge names the conditions it means; the others stay.</summary>
    private static JsonNode? WithKept(JsonNode? current, JsonNode? patch)
    {
        if (current?["conditions"] is not JsonArray kept || patch?["conditions"] is not JsonArray said)
        {
            return patch;
        }
        var merged = (JsonObject)patch.DeepClone();
        var others = kept.Where(c => said.All(s => s!["type"]!.ToString() != c!["type"]!.ToString()));
        merged["conditions"] = new JsonArray([.. said.Concat(others).Select(c => c!.DeepClone())]);
        return merged;
    }

    private static void Merge(JsonObject into, string name, JsonNode? value)
    {
        if (value is JsonObject fields && into[name] is JsonObject current)
        {
            foreach (var (inner, innerValue) in fields)
            {
                Merge(current, inner, innerValue);
            }
        }
        else if (value is null)
        {
            into.Remove(name);
        }
        else
        {
            into[name] = JsonNode.Parse(value.ToJsonString());
        }
    }

    private static KubeStatusException Conflict(string reason) =>
        new(System.Net.HttpStatusCode.Conflict, reason, reason);
}
