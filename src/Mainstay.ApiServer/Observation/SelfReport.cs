using Mainstay.ApiServer.Http;
using Mainstay.ApiServer.Storage;
using Mainstay.ApiServer.Watch;
using Mainstay.Etcd;
using Mainstay.Kernel.Signals;
using Microsoft.AspNetCore.Http;

namespace Mainstay.ApiServer.Observation;

/// <summary>
/// What this server says of itself and of its store: judges the signals each second, and serves <c>/signals.json</c>
/// and <c>/mainstay/store.json</c>.
/// </summary>
internal sealed class SelfReport(string url, ReportSources sources, SignalBoard board, TimeProvider time)
{
    private readonly StoreSignals _signals = new(board);
    private readonly long _startedAt = time.GetTimestamp();

    public SignalBoard Board => board;

    public ClusterView View => sources.Client.View();

    public HeartbeatHop Heartbeat { get; } = new($"api/{url}", sources.Caches, time);

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            await Task.Delay(Limits.ProgressInterval, time, cancellationToken);
            _signals.Judge(Facts());
        }
    }

    public Task AnswerSignalsAsync(HttpContext http)
    {
        var report = new SignalsReport("api", url, time.GetUtcNow(), board.Active, [Heartbeat.Hop]);
        return ObjectResponse.WriteJsonAsync(http, StatusCodes.Status200OK, SignalsJson.Write(report));
    }

    public Task AnswerStoreAsync(HttpContext http) =>
        ObjectResponse.WriteJsonAsync(http, StatusCodes.Status200OK, StoreJson.Write(sources.Client.View()));

    private StoreFacts Facts() => new()
    {
        Subject = $"api/{url}",
        Now = time.GetUtcNow(),
        View = sources.Client.View(),
        QuorumSilence = sources.Feed.StoreSilence,
        CacheAge = sources.Caches.Age,
        CacheRevision = sources.Feed.Revision,
        StoreRevision = sources.Feed.StoreRevision,
        Latency = sources.Latency.Recent(),
        Uptime = time.GetElapsedTime(_startedAt),
    };
}

/// <summary>Where the facts come from.</summary>
internal sealed record ReportSources(EtcdClient Client, CacheFeed Feed, WatchCaches Caches, StoreLatency Latency);
