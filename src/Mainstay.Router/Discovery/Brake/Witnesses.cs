using System.Collections.Immutable;
using System.Net;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Text.Json;
using Mainstay.Kube;

namespace Mainstay.Router.Discovery.Brake;

/// <summary>Whom the brake asks about what it holds. Each answer has a deadline; null is silence.</summary>
internal interface IWitnesses
{
    /// <summary>All pods of a namespace, or those with all the labels, by quorum.</summary>
    Task<ImmutableArray<PodObject>?> PodsAsync(
        string scope, ImmutableDictionary<string, string>? labels, CancellationToken cancellationToken);

    /// <summary>The pods of a node, by its agent.</summary>
    Task<AgentPodList?> LocalPodsAsync(string node, CancellationToken cancellationToken);

    /// <summary>Whether nobody listens there: a refusal, not silence, nor that this process can ask nobody.</summary>
    Task<bool> RefusesAsync(string address, int port, CancellationToken cancellationToken);
}

/// <summary>The real ones: the API server, the agents, the endpoints themselves.</summary>
internal sealed class Witnesses(KubeHttp http, NodeAgents nodes, IAgentPods agents, TimeProvider time) : IWitnesses
{
    public async Task<ImmutableArray<PodObject>?> PodsAsync(
        string scope, ImmutableDictionary<string, string>? labels, CancellationToken cancellationToken)
    {
        var server = http.Server;
        try
        {
            var pods = ImmutableArray.CreateBuilder<PodObject>();
            // By quorum: a stale cache would confirm its own error.
            await ListPages.ReadAsync(
                PathOf(scope, labels),
                path => http.GetAsync(path, cancellationToken),
                pod => pods.Add(PodObject.ReadLeniently(pod)));
            return pods.ToImmutable();
        }
        catch (Exception fault) when (fault is HttpRequestException or IOException or JsonException
            or KubeStatusException or TimeoutException or MalformedObjectException or SocketException
            or AuthenticationException)
        {
            http.Leave(server);
            return null;
        }
    }

    public Task<AgentPodList?> LocalPodsAsync(string node, CancellationToken cancellationToken) =>
        nodes.Current.TryGetValue(node, out var agent)
            ? agents.AskAsync(agent, cancellationToken)
            : Task.FromResult<AgentPodList?>(null);

    public async Task<bool> RefusesAsync(string address, int port, CancellationToken cancellationToken)
    {
        using var deadline = new CancellationTokenSource(
            TimeSpan.FromMilliseconds(Limits.AgentAnswerMilliseconds), time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);
        var to = new IPEndPoint(IPAddress.Parse(address), port);
        try
        {
            // Making one fails too, where the process has no descriptor left.
            using var socket = new Socket(to.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
            await socket.ConnectAsync(to, both.Token);
            return false;
        }
        catch (SocketException fault)
        {
            return fault.SocketErrorCode == SocketError.ConnectionRefused;
        }
        catch (OperationCanceledException)
        {
            cancellationToken.ThrowIfCancellationRequested();
            return false;
        }
    }

    private static string PathOf(string scope, ImmutableDictionary<string, string>? labels)
    {
        var terms = string.Join(',', (labels ?? []).Select(one => $"{one.Key}={one.Value}"));
        var selector = terms.Length == 0 ? "" : $"?labelSelector={Uri.EscapeDataString(terms)}";
        return $"/api/v1/namespaces/{scope}/pods{selector}";
    }
}
