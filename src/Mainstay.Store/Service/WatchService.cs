using Grpc.Core;
using Mainstay.Etcd;
using Mainstay.Etcd.Protocol;
using Mainstay.Store.Watch;
using Microsoft.Extensions.Hosting;

namespace Mainstay.Store.Service;

/// <param name="ProgressInterval">how often a quiet watcher that asked for it is told the revision</param>
internal sealed record WatchSettings(TimeSpan ProgressInterval);

/// <summary>Watches: a session for each stream.</summary>
internal sealed class WatchService(
    WatchHub hub, WatchParts parts, IHostApplicationLifetime lifetime) : Etcd.Protocol.Watch.WatchBase
{
    public override async Task Watch(
        IAsyncStreamReader<WatchRequest> requests,
        IServerStreamWriter<WatchResponse> responses,
        ServerCallContext context)
    {
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(
            context.CancellationToken, lifetime.ApplicationStopping);
        var session = new WatchSession(hub, parts);
        parts.Metrics.StreamOpened();
        var writing = session.WriteAsync(responses, ending.Token);
        var ticking = session.TickAsync(ending.Token);
        try
        {
            await ReadAsync(session, requests, ending.Token);
        }
        finally
        {
            await ending.CancelAsync();
            await EndedAsync(writing);
            await EndedAsync(ticking);
            session.End();
            parts.Metrics.StreamClosed();
        }

        Rpc.ThrowIf(lifetime.ApplicationStopping.IsCancellationRequested ? EtcdErrors.Stopped : null);
    }

    private static async Task ReadAsync(
        WatchSession session, IAsyncStreamReader<WatchRequest> requests, CancellationToken cancellationToken)
    {
        try
        {
            await foreach (var request in requests.ReadAllAsync(cancellationToken))
            {
                session.Accept(request);
            }
        }
        catch (Exception exception) when (exception is OperationCanceledException or IOException)
        {
            // The client has gone, or the store stops: either way the session is over.
        }
    }

    /// <summary>A client that has gone is no fault of ours.</summary>
    private static async Task EndedAsync(Task task)
    {
        try
        {
            await task;
        }
        catch (Exception exception)
            when (exception is OperationCanceledException or IOException or InvalidOperationException)
        {
            // Expected: the stream is gone.
        }
    }
}
