using Mainstay.Kube;

namespace Mainstay.Up;

/// <summary>Whether one part answered just now.</summary>
/// <param name="Name">the part, with its node where there are several</param>
/// <param name="Address">where it was asked</param>
/// <param name="Well">it answered that it is ready</param>
/// <param name="Detail">why not, in words; empty when well</param>
internal sealed record PartCheck(string Name, string Address, bool Well, string Detail);

/// <summary>Asks every part at once, each with a deadline of its own: one mute part makes no other look ill.</summary>
internal sealed class PartsCheck(RunRecord record, DataFolder data, TimeProvider time)
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(3);

    public async Task<IReadOnlyList<PartCheck>> RunAsync(CancellationToken cancellationToken)
    {
        var http = record.HealthUrls.Select(part => AskAsync(part.Key, part.Value, cancellationToken));
        var apis = record.ApiServers.Select((url, index) => AskApiAsync(
            record.ApiServers.Count == 1 ? "api" : $"api {record.Nodes[index]}", url, cancellationToken));
        return [.. await Task.WhenAll(apis), .. await Task.WhenAll(http)];
    }

    private async Task<PartCheck> AskApiAsync(string name, string url, CancellationToken cancellationToken)
    {
        try
        {
            var options = new KubeHttpOptions { ConnectTimeout = Deadline, HeadersTimeout = Deadline, Time = time };
            using var api = KubeHttp.Create(
                Kubeconfig.Load(data.Kubeconfig) with { Servers = [new Uri(url)] }, options);
            using var answer = await api.OpenAsync(new KubeRequest(HttpMethod.Get, "/readyz"), cancellationToken);
            return new PartCheck(name, url, true, "");
        }
        catch (Exception fault) when (fault is HttpRequestException or KubeStatusException or TimeoutException)
        {
            return new PartCheck(name, url, false, fault.Message);
        }
    }

    private async Task<PartCheck> AskAsync(string name, string url, CancellationToken cancellationToken)
    {
        using var client = new HttpClient(new SocketsHttpHandler { UseProxy = false })
        {
            Timeout = Timeout.InfiniteTimeSpan,
        };
        using var deadline = new CancellationTokenSource(Deadline, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);
        try
        {
            using var answer = await client.GetAsync(url, HttpCompletionOption.ResponseHeadersRead, either.Token);
            var detail = answer.IsSuccessStatusCode ? "" : $"answers {(int)answer.StatusCode}";
            return new PartCheck(name, url, answer.IsSuccessStatusCode, detail);
        }
        catch (HttpRequestException fault)
        {
            return new PartCheck(name, url, false, fault.Message);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return new PartCheck(name, url, false, $"no answer within {Deadline.TotalSeconds:0} s");
        }
    }
}
