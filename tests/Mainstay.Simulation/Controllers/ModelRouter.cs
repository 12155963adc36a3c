using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Mainstay.Controllers.Core;
using Mainstay.Kube;

namespace Mainstay.Simulation.Controllers;

/// <summary>
/// A router as the controllers know it: takes the changes of slices in order, when the simulation lets it, and says in
/// its Lease how far it has come, when the simulation lets it. Frozen, it does neither and routes on.
/// </summary>
internal sealed class ModelRouter(string node)
{
    private readonly Queue<(ObjectKey Key, JsonElement? Slice, ulong Revision)> _news = new();
    private readonly Dictionary<ObjectKey, JsonElement> _slices = [];
    private ulong _applied;
    private ulong _told;

    public string Node => node;

    public bool IsFrozen { get; set; }

    /// <summary>Whether nothing is on its way to it or from it.</summary>
    public bool IsSettled => IsFrozen || (_news.Count == 0 && _applied > 0 && _told == _applied);

    /// <summary>The uids of the pods that it would call.</summary>
    public IEnumerable<string> Table =>
        from slice in _slices.Values
        from endpoint in slice.GetProperty("endpoints").EnumerateArray()
        where endpoint.GetProperty("conditions").GetProperty("ready").GetBoolean()
        select endpoint.GetProperty("targetRef").GetProperty("uid").GetString();

    public void Hear(ObjectKey key, JsonElement? slice, ulong revision) => _news.Enqueue((key, slice, revision));

    public void Apply()
    {
        if (IsFrozen || !_news.TryDequeue(out var news))
        {
            return;
        }
        if (news.Slice is { } slice)
        {
            _slices[news.Key] = slice;
        }
        else
        {
            _slices.Remove(news.Key);
        }
        _applied = news.Revision;
    }

    /// <summary>The Lease to write; null when it says so already.</summary>
    public Write? Tell()
    {
        if (IsFrozen || _applied == _told)
        {
            return null;
        }
        var isFirst = _told == 0;
        _told = _applied;
        var metadata = new JsonObject
        {
            ["name"] = $"mainstay-router-{node}",
            ["namespace"] = "kube-system",
            ["labels"] = new JsonObject { ["mainstay.dev/part"] = "router" },
            ["annotations"] = new JsonObject
            {
                ["mainstay.dev/node"] = node,
                ["mainstay.dev/applied-revision"] = _applied.ToString(CultureInfo.InvariantCulture),
            },
        };
        var key = new ObjectKey("kube-system", $"mainstay-router-{node}");
        var body = new JsonObject { ["metadata"] = metadata };
        return isFirst ? new CreateObject(Kinds.Lease, key, body) : new PatchObject(Kinds.Lease, key, body);
    }
}
