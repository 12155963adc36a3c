using System.Net.Sockets;
using System.Text.Json;
using Mainstay.Kube;

namespace Mainstay.Router.Discovery;

/// <summary>Asks node agents for the pods that they have: who lives at which address.</summary>
internal interface IAgentPods
{
    /// <returns>null when the agent did not answer in time, or not in a way that makes sense</returns>
    Task<AgentPodList?> AskAsync(Uri agent, CancellationToken cancellationToken);
}

/// <summary>
/// The first line of <c>GET /local-pods</c>, which the agent sends at once. Only over loopback: elsewhere an agent does
/// not serve it in the clear.
/// </summary>
internal sealed class AgentPods(TimeProvider time) : IAgentPods, IDisposable
{
    private readonly HttpClient _client = new(new SocketsHttpHandler { UseProxy = false })
    {
        Timeout = Timeout.InfiniteTimeSpan,
    };

    public async Task<AgentPodList?> AskAsync(Uri agent, CancellationToken cancellationToken)
    {
        if (!agent.IsLoopback)
        {
            return null;
        }

        using var deadline = new CancellationTokenSource(
            TimeSpan.FromMilliseconds(Limits.AgentAnswerMilliseconds), time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);
        try
        {
            var address = new Uri(agent, "/local-pods");
            using var response = await _client.GetAsync(address, HttpCompletionOption.ResponseHeadersRead, both.Token);
            response.EnsureSuccessStatusCode();
            await using var body = await response.Content.ReadAsStreamAsync(both.Token);
            return await new LineReader(body, Limits.LocalPodsLineBytesMax).NextAsync(both.Token) is { } line
                ? new AgentPodList(agent.Host, LocalPods.Read(line))
                : null;
        }
        catch (Exception fault) when (fault is HttpRequestException or IOException or JsonException
            or MalformedObjectException or OperationCanceledException or SocketException or InvalidOperationException)
        {
            cancellationToken.ThrowIfCancellationRequested();
            return null;
        }
    }

    public void Dispose() => _client.Dispose();
}
