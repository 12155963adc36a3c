using Mainstay.ApiServer.Storage;
using Mainstay.ApiServer.Watch;
using Microsoft.AspNetCore.Http;

namespace Mainstay.ApiServer.Http;

/// <summary>
/// watch: what happened after a revision, then what happens. Served from the cache alone, so it stays open and silent
/// while the store is away. Where it starts:
/// <code>
/// resourceVersion N                 what came after N; ERROR 410 when that is too long ago
/// none, or 0                        ADDED for each object first: the newest state by quorum, or any for 0
/// sendInitialEvents=true            the same, not older than N, closed by a bookmark that says so
/// </code>
/// </summary>
internal sealed class WatchEndpoint(
    ObjectStore store, WatchCaches caches, ObjectResponse response, WatchContext context)
{
    public async Task WatchAsync(ApiRequest request)
    {
        try
        {
            await ServeAsync(request);
        }
        catch (OperationCanceledException) when (context.Stopping.IsCancellationRequested)
        {
            // The server stops, and the client goes to another.
            request.Http.Abort();
        }
    }

    private async Task ServeAsync(ApiRequest request)
    {
        var query = ListQuery.Parse(request.Http.Request.Query, request.Type, isWatch: true);
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(request.Aborted, context.Stopping);
        var started = await StartAsync(request, query, ending.Token);
        // Whatever ends the request from here on gives its place in the cache back.
        await using var subscription = started.Subscription;
        var frames = new WatchFrames(request, response, query);
        await frames.BeginAsync(ending.Token);
        if (subscription is null)
        {
            await frames.WriteErrorAsync(
                KubeStatus.RevisionTooOld(query.ResourceVersion ?? 0, started.Oldest), ending.Token);
            return;
        }

        try
        {
            using var sending = CancellationTokenSource.CreateLinkedTokenSource(ending.Token, subscription.TooSlow);
            await SendAsync(frames, started, query, sending.Token);
        }
        catch (OperationCanceledException) when (!request.Aborted.IsCancellationRequested)
        {
            if (subscription.End == WatchEnd.TooSlow)
            {
                ApiServerLog.WatcherCut(context.Logger, request.Type.QualifiedPlural, request.User.Name);
                request.Http.Abort();
            }
        }
    }

    private async Task<WatchStart> StartAsync(ApiRequest request, ListQuery query, CancellationToken cancellationToken)
    {
        var cache = await caches.SyncedOfAsync(request.Type, cancellationToken);
        var prefix = ReadEndpoint.PrefixOf(request.Type, request.Info.Namespace, query.Filter);
        var withState = query.SendInitialEvents
            || (query.Match == RevisionMatch.Unset && query.ResourceVersion is null or 0);
        if (withState)
        {
            var wanted = query.ResourceVersion ?? await store.RevisionAsync(cancellationToken);
            await ReadEndpoint.WaitForAsync(cache, wanted, cancellationToken);
            var (state, subscription) = cache.SubscribeWithState(prefix);
            return new WatchStart(subscription, state, state.Revision, 0);
        }

        var after = query.ResourceVersion is { } revision and > 0 ? revision : cache.Revision;
        return new WatchStart(cache.Subscribe(after, prefix, out var oldest), null, after, oldest);
    }

    private async Task SendAsync(
        WatchFrames frames, WatchStart start, ListQuery query, CancellationToken cancellationToken)
    {
        Kernel.Invariant.That(start.Subscription is not null, "a watch that started has a place in the cache");
        var subscription = start.Subscription;
        if (start.State is { } state)
        {
            foreach (var one in state.Objects.Values)
            {
                if (one.Key.StartsWith(subscription.KeyPrefix, StringComparison.Ordinal))
                {
                    frames.AddInitial(one);
                }
            }

            if (query.SendInitialEvents)
            {
                frames.AddBookmark(state.Revision, endsInitialEvents: true);
            }
        }

        foreach (var missed in subscription.Missed)
        {
            if (missed.Key.StartsWith(subscription.KeyPrefix, StringComparison.Ordinal))
            {
                frames.Add(missed);
            }
        }

        await frames.FlushAsync(cancellationToken);
        await FollowAsync(frames, subscription, start.After, cancellationToken);
    }

    private async Task FollowAsync(
        WatchFrames frames, WatchSubscription subscription, long after, CancellationToken cancellationToken)
    {
        var beganAt = context.Time.GetTimestamp();
        var timeout = frames.Query.Timeout ?? Limits.WatchTimeoutDefault * (1 + context.Chance());
        Task<bool>? waiting = null;
        while (context.Time.GetElapsedTime(beganAt) is var elapsed && elapsed < timeout)
        {
            waiting ??= subscription.Live.WaitToReadAsync(cancellationToken).AsTask();
            var patience = timeout - elapsed < Limits.BookmarkInterval ? timeout - elapsed : Limits.BookmarkInterval;
            if (!await EndsWithinAsync(waiting, patience, cancellationToken))
            {
                await BookmarkAsync(frames, subscription, cancellationToken);
                continue;
            }

            if (!await waiting)
            {
                await frames.WriteErrorAsync(KubeStatus.WatchReplaced(), cancellationToken);
                return;
            }

            waiting = null;
            while (subscription.Live.TryRead(out var change))
            {
                // a watch from a revision that the cache had not reached is told what comes after it
                if (change.Revision > after)
                {
                    frames.Add(change);
                }
            }

            await frames.FlushAsync(cancellationToken);
        }

        await BookmarkAsync(frames, subscription, cancellationToken);
    }

    private async Task<bool> EndsWithinAsync(Task task, TimeSpan patience, CancellationToken cancellationToken)
    {
        try
        {
            await task.WaitAsync(patience, context.Time, cancellationToken);
            return true;
        }
        catch (TimeoutException)
        {
            return false;
        }
    }

    private static async Task BookmarkAsync(
        WatchFrames frames, WatchSubscription subscription, CancellationToken cancellationToken)
    {
        if (frames.Query.AllowBookmarks && subscription.CaughtUpTo() is { } revision)
        {
            frames.AddBookmark(revision, endsInitialEvents: false);
            await frames.FlushAsync(cancellationToken);
        }
    }

    /// <param name="Subscription">null when the revision lies too far back</param>
    /// <param name="State">what is sent first; null for a watch from a revision</param>
    /// <param name="After">only changes after this revision are sent</param>
    /// <param name="Oldest">the oldest revision a watch may start from</param>
    private sealed record WatchStart(
        WatchSubscription? Subscription, CacheSnapshot? State, long After, long Oldest);
}

/// <param name="Chance">a share between 0 and 1, so that watches that began together do not end together</param>
/// <param name="Stopping">ends every watch when the server stops</param>
internal sealed record WatchContext(
    TimeProvider Time, Func<double> Chance, ILogger Logger, CancellationToken Stopping);
