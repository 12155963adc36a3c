using System.Text.Json;
using Mainstay.Kube;
using Mainstay.Router.Discovery;
using Mainstay.Router.Discovery.Freshness;

namespace Mainstay.Router.Proof;

/// <summary>
/// A list by quorum goes past an API server's watch cache, so it proves nothing about the watch that a router lives on
/// afterwards. Hence one is opened where the list ended, and has to bring a heartbeat; when it does not, a second list
/// tells a dead writer (the heartbeat stands still) from a watch that no longer follows the store.
/// </summary>
internal static class WatchProof
{
    /// <returns>why the watch is stale, or null</returns>
    public static async Task<string?> TryAsync(
        KubeHttp http, ServerReading reading, TimeProvider time, CancellationToken cancellationToken)
    {
        if (await BringsHeartbeatAsync(http, reading, time, cancellationToken))
        {
            return null;
        }

        var address = $"{reading.Kind.PathIn(Heartbeat.Namespace)}/{Heartbeat.Name}";
        using var now = await http.GetAsync(address, cancellationToken);
        var sequence = ServerReader.HeartbeatOf(now.RootElement);
        return sequence > reading.HeartbeatSequence + 1
            ? $"its watch is silent: the store has heartbeat {sequence}, the watch brought none after " +
                $"{reading.HeartbeatSequence}"
            : null;
    }

    private static async Task<bool> BringsHeartbeatAsync(
        KubeHttp http, ServerReading reading, TimeProvider time, CancellationToken cancellationToken)
    {
        using var deadline = new CancellationTokenSource(ProofLimits.WatchDeadline, time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);
        var path = $"{reading.Kind.Path}?watch=true&timeoutSeconds=30&resourceVersion={reading.Revision}";
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
        return change.RootElement.Child("object") is { } slice && ServerReader.HeartbeatOf(slice) >= 0;
    }
}
