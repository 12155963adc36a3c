using System.Collections.Immutable;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using Mainstay.Kube;

namespace Mainstay.Router.Discovery;

/// <summary>What is read of a Node: where its agent is.</summary>
internal sealed record NodeObject(ObjectKey Key)
{
    /// <summary>Null where the node does not say, or where a plain request is not served (off loopback).</summary>
    public Uri? Agent { get; init; }

    public static NodeObject Read(JsonElement node)
    {
        var status = node.Child("status");
        var port = status?.Child("daemonEndpoints")?.Child("kubeletEndpoint")?.Number("Port") ?? 0;
        foreach (var address in status?.Items("addresses") ?? [])
        {
            if (address.Text("type") == "InternalIP" && IPAddress.TryParse(address.Text("address"), out var ip) &&
                ip.AddressFamily == AddressFamily.InterNetwork && IPAddress.IsLoopback(ip) &&
                port is > 0 and <= ushort.MaxValue)
            {
                var agent = string.Create(CultureInfo.InvariantCulture, $"http://{ip}:{port}");
                return new NodeObject(ObjectKey.Of(node)) { Agent = new Uri(agent) };
            }
        }

        return new NodeObject(ObjectKey.Of(node));
    }
}

/// <summary>
/// Where the agent of each node is: by list and watch of Nodes, before that from the snapshot. <see cref="RunAsync"/>
/// owns the loop; the rest is for any thread.
/// </summary>
internal sealed class NodeAgents : IObjectStage
{
    private readonly ObjectCache<NodeObject> _nodes = new();
    private readonly Reflector<NodeObject> _reflector;
    private ImmutableDictionary<string, Uri> _saved = ImmutableDictionary<string, Uri>.Empty;

    public NodeAgents(KubeHttp http, DiscoveryWorld world)
    {
        var options = new ReflectorOptions { Kind = "Node", Path = "/api/v1/nodes" };
        var reflection = new ReflectorWorld(http, world.Time, world.Random);
        _nodes.AddListener(change => Changed.Invoke(change.Old?.Agent != change.New?.Agent));
        _reflector = new Reflector<NodeObject>(options, NodeObject.Read, _nodes, reflection);
    }

    /// <summary>After each word of a node, with whether its agent is elsewhere now; set before the loop runs.</summary>
    public Action<bool> Changed { get; set; } = _ => { };

    public ImmutableDictionary<string, Uri> Current => _reflector.Synced.IsCompleted
        ? _nodes.Snapshot.Values
            .Where(node => node.Agent is not null)
            .ToImmutableDictionary(node => node.Key.Name, node => node.Agent!) // Just looked.
        : Volatile.Read(ref _saved);

    /// <summary>Before the loop runs: what the last router knew.</summary>
    public void Restore(ImmutableDictionary<string, Uri> saved) => Volatile.Write(ref _saved, saved);

    /// <summary>The addresses go to the disk with the table.</summary>
    public DiscoveredObjects Apply(DiscoveredObjects heard, DiscoveredObjects before) =>
        heard with { Agents = Current };

    public Task RunAsync(CancellationToken cancellationToken) => _reflector.RunAsync(cancellationToken);
}
