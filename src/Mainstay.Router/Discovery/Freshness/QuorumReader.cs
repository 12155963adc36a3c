using Mainstay.Kernel;
using Mainstay.Kube;

namespace Mainstay.Router.Discovery.Freshness;

/// <summary>Reads the heartbeat by quorum: a GET without a resourceVersion, which no cache may answer.</summary>
internal sealed class QuorumReader(KubeHttp http, FreshnessOptions options)
{
    public IReadOnlyList<Uri> Servers => http.Servers;

    /// <summary>Answers within the read timeout, also when the server does not.</summary>
    public async Task<QuorumAnswer> ReadAsync(Uri server, WatchedKind kind, CancellationToken cancellationToken)
    {
        var path = $"{kind.PathIn(Heartbeat.Namespace)}/{Heartbeat.Name}";
        var request = new KubeRequest(HttpMethod.Get, path) { Server = server, Timeout = options.ReadTimeout };
        try
        {
            using var found = await http.AnswerAsync(request, cancellationToken);
            return new QuorumAnswer(server, Heartbeat.Read(found.RootElement).Sequence, "");
        }
        catch (KubeStatusException answer) when (answer.IsNotFound)
        {
            return new QuorumAnswer(server, -1, "");
        }
        catch (Exception fault) when (fault is not InvariantException)
        {
            if (fault is TimeoutException)
            {
                // The connection may be the mute one, and the server well.
                http.Renew();
            }

            return new QuorumAnswer(server, null, fault.Message);
        }
    }
}
