using k8s.Models;
using Mainstay.Controllers.Core;
using Mainstay.Kube;

namespace Mainstay.Controllers.Garbage;

/// <summary>One object of the graph.</summary>
internal sealed record GraphNode(KubeKind Kind, V1ObjectMeta Meta);

/// <summary>
/// Who owns whom, over every kind that is cached: an object by its uid, and the uids that name it as an owner.
/// Written by
/// the reflectors' loops, read by the collector.
/// </summary>
internal sealed class OwnerGraph
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, GraphNode> _nodes = [];
    private readonly Dictionary<string, HashSet<string>> _dependents = [];

    public GraphNode? Find(string uid)
    {
        lock (_lock)
        {
            return _nodes.GetValueOrDefault(uid);
        }
    }

    public List<GraphNode> DependentsOf(string uid)
    {
        lock (_lock)
        {
            return _dependents.TryGetValue(uid, out var uids)
                ? [.. uids.Select(u => _nodes.GetValueOrDefault(u)).OfType<GraphNode>()] : [];
        }
    }

    public void Apply(KubeKind kind, V1ObjectMeta? old, V1ObjectMeta? fresh)
    {
        lock (_lock)
        {
            if (old?.Uid is { } oldUid)
            {
                _nodes.Remove(oldUid);
                foreach (var owner in old.OwnerReferences ?? [])
                {
                    if (_dependents.TryGetValue(owner.Uid, out var uids) && uids.Remove(oldUid) && uids.Count == 0)
                    {
                        _dependents.Remove(owner.Uid);
                    }
                }
            }
            if (fresh?.Uid is { } uid)
            {
                _nodes[uid] = new GraphNode(kind, fresh);
                foreach (var owner in fresh.OwnerReferences ?? [])
                {
                    if (!_dependents.TryGetValue(owner.Uid, out var uids))
                    {
                        _dependents[owner.Uid] = uids = [];
                    }
                    uids.Add(uid);
                }
            }
        }
    }
}
