using System.Text.Json;
using Mainstay.Kernel.Signals;
using Mainstay.Kube;
using Mainstay.Router.Discovery;
using Mainstay.Router.Discovery.Freshness;

namespace Mainstay.Router.Proof;

/// <summary>
/// A list by quorum goes past an API server's watch cache, so it proves nothing about the watch that a router lives on
/// afterwards. Hence one is opened where the list ended, and has to bring a heartbeat; when it does not, a second read
/// tells a dead writer (the heartbeat stands still) from a watch that no longer follows the store.
/// </summary>
internal static class WatchProof
{
    /// <summary>Tries the watch of each kind that the serving router saw a heartbeat in, side by side.</summary>
    /// <returns>why one is stale; null when none is</returns>
    public static async Task<Judgement?> TryAsync(
        KubeHttp http, ServerReading reading, ProofRequest request, CancellationToken cancellationToken)
    {
        var lists = new List<KindReading>();
        if (request.HeartbeatAtLeast >= 0)
        {
            lists.Add(reading.Endpoints);
        }

        if (request.ServicesHeartbeatAtLeast >= 0)
        {
            lists.Add(reading.Services);
        }

        var judged = await Task.WhenAll(lists.Select(list => TryAsync(http, list, request.Time, cancellationToken)));
        return judged.FirstOrDefault(judgement => judgement is not null);
    }

    private static async Task<Judgement?> TryAsync(
        KubeHttp http, KindReading list, TimeProvider time, CancellationToken cancellationToken)
    {
        if (await BringsHeartbeatAsync(http, list, time, cancellationToken))
        {
            return null;
        }

        var address = $"{list.Kind.PathIn(Heartbeat.Namespace)}/{Heartbeat.Name}";
        using var now = await http.GetAsync(address, cancellationToken);
        var sequence = ServerReader.HeartbeatOf(now.RootElement);
        return sequence <= list.Sequence + 1 ? null : new Judgement(
            false,
            $"its watch of {list.Kind.Plural} is silent: the store has heartbeat {sequence}, the watch brought none " +
            $"after {list.Sequence}")
        {
            Culprit = new ObjectReference(list.Kind.Kind, Heartbeat.Namespace, Heartbeat.Name),
        };
    }

    private static async Task<bool> BringsHeartbeatAsync(
        KubeHttp http, KindReading list, TimeProvider time, CancellationToken cancellationToken)
    {
        using var deadline = new CancellationTokenSource(ProofLimits.WatchDeadline, time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);
        var path = $"{list.Kind.Path}?watch=true&timeoutSeconds=30&resourceVersion={list.Revision}";
        try
        {
            using var response = await http.OpenAsync(new KubeRequest(HttpMethod.Get, path), both.Token);
            await using var body = await response.Content.ReadAsStreamAsync(both.Token);
            var lines = new LineReader(body, Kube.Limits.WatchEventBytesMax);
            while (await lines.NextAsync(both.Token) is { } line)
            {
                if (IsHeartbeat(line))
                {
                    return true;
                }
            }
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            // Silence; the caller finds out whose.
        }

        return false;
    }

    private static bool IsHeartbeat(ReadOnlyMemory<byte> line)
    {
        using var change = JsonDocument.Parse(line);
        return change.RootElement.Child("object") is { } carrier && ServerReader.HeartbeatOf(carrier) >= 0;
    }
}
