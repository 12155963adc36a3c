using System.Collections.Concurrent;
using System.Diagnostics;
using Google.Protobuf;
using Mainstay.Conformance.Platform;
using Mainstay.Etcd;
using Mainstay.Etcd.Protocol;

namespace Mainstay.Conformance.Store.Members;

/// <summary>A write that was acknowledged, and at which revision.</summary>
internal readonly record struct Acknowledged(long Revision, string Value);

/// <summary>One change as a watch told it.</summary>
internal readonly record struct Told(long Revision, string Key, string Value);

/// <summary>
/// Writes without pause through one client, watches the whole store through the same client, and keeps a record of
/// both: what was acknowledged, what failed and how, what was told.
/// </summary>
internal sealed class LoadUnderWatch
{
    private static readonly TimeSpan Pace = TimeSpan.FromMilliseconds(10);

    /// <summary>Past its deadline a call has this long for its way back through a loaded machine.</summary>
    private static readonly TimeSpan Slack = TimeSpan.FromSeconds(2);

    private readonly EtcdClient _client;
    private readonly EtcdWatch _watch;
    private readonly ConcurrentQueue<Acknowledged> _acknowledged = new();
    private readonly ConcurrentQueue<EtcdException> _failed = new();
    private readonly ConcurrentQueue<Told> _told = new();
    private readonly long _firstRevision;
    private TimeSpan _longestCall;

    private LoadUnderWatch(EtcdClient client, long firstRevision)
    {
        _client = client;
        _firstRevision = firstRevision;
        _watch = client.Watch(new EtcdWatchOptions(KeyRange.From(ByteString.CopyFrom(0)), firstRevision)
        {
            IsWholeStore = true,
        });
    }

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public int AcknowledgedCount => _acknowledged.Count;

    public IReadOnlyCollection<EtcdException> Failed => _failed;

    public string? WatchFault => _watch.LastFault;

    /// <summary>Runs the story under load while the client follows its members; then checks the record.</summary>
    public static async Task<LoadUnderWatch> DuringAsync(EtcdClient client, Func<LoadUnderWatch, Task> story)
    {
        var status = await client.StatusAsync(Cancellation);
        var load = new LoadUnderWatch(client, status.Header.Revision + 1);
        using var writing = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        using var following = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        var follow = client.FollowAsync(following.Token);
        var watch = load.WatchAsync(following.Token);
        var write = load.WriteAsync(writing.Token);
        try
        {
            await story(load);
            await writing.CancelAsync();
            await write;
            await load.CheckAsync();
        }
        finally
        {
            await writing.CancelAsync();
            await following.CancelAsync();
            await Ended(write);
            await Ended(watch);
            await Ended(follow);
        }

        return load;
    }

    /// <summary>Waits until this many more writes were acknowledged than now.</summary>
    public Task GoesOnAsync(int writes = 20)
    {
        var wanted = _acknowledged.Count + writes;
        return Eventually.HoldsAsync(() => _acknowledged.Count >= wanted);
    }

    /// <summary>Waits until the watch has told all that was acknowledged by now.</summary>
    public Task WatchCatchesUpAsync()
    {
        var newest = _acknowledged.Max(write => write.Revision);
        return Eventually.HoldsAsync(() => _watch.NextRevision > newest);
    }

    private async Task WriteAsync(CancellationToken cancellationToken)
    {
        using var pace = new PeriodicTimer(Pace);
        for (var number = 1; !cancellationToken.IsCancellationRequested; number++)
        {
            var began = Stopwatch.GetTimestamp();
            try
            {
                var put = await _client.PutAsync(
                    new PutRequest
                    {
                        Key = ByteString.CopyFromUtf8($"load/{number % 8}"),
                        Value = ByteString.CopyFromUtf8($"{number}"),
                    },
                    Cancellation);
                _acknowledged.Enqueue(new Acknowledged(put.Header.Revision, $"{number}"));
            }
            catch (EtcdException fault)
            {
                _failed.Enqueue(fault);
            }

            var took = Stopwatch.GetElapsedTime(began);
            _longestCall = took > _longestCall ? took : _longestCall;
            await pace.WaitForNextTickAsync(Cancellation);
        }
    }

    private async Task WatchAsync(CancellationToken cancellationToken)
    {
        await foreach (var batch in _watch.ReadAllAsync(cancellationToken))
        {
            Assert.True(batch.Kind is not (WatchBatchKind.Compacted or WatchBatchKind.Gap), $"it ended: {batch}");
            foreach (var change in batch.Events)
            {
                _told.Enqueue(new Told(
                    change.Kv.ModRevision, change.Kv.Key.ToStringUtf8(), change.Kv.Value.ToStringUtf8()));
            }
        }
    }

    /// <summary>
    /// The watch told the very history that the store holds: each change once, in order, none left out; every
    /// acknowledged write is in it at its revision; no call went past its deadline.
    /// </summary>
    private async Task CheckAsync()
    {
        await WatchCatchesUpAsync();
        var told = _told.ToArray();
        var history = await HistoryAsync(told[^1].Revision);
        Assert.Equal(history, told);
        var byRevision = told.ToDictionary(change => change.Revision);
        Assert.All(_acknowledged, write => Assert.Equal(write.Value, byRevision[write.Revision].Value));
        Assert.True(
            _longestCall < new EtcdClientOptions { Endpoints = [] }.CallTimeout + Slack, $"a call took {_longestCall}");
    }

    /// <summary>What the store itself has, by a watch of one member alone that nothing disturbs.</summary>
    private async Task<Told[]> HistoryAsync(long lastRevision)
    {
        using var client = new EtcdClient(
            new EtcdClientOptions { Endpoints = [_client.CurrentEndpoint] }, TimeProvider.System);
        var history = new List<Told>();
        var watch = client.Watch(new EtcdWatchOptions(KeyRange.From(ByteString.CopyFrom(0)), _firstRevision));
        await foreach (var batch in watch.ReadAllAsync(Cancellation))
        {
            history.AddRange(batch.Events.Select(change => new Told(
                change.Kv.ModRevision, change.Kv.Key.ToStringUtf8(), change.Kv.Value.ToStringUtf8())));
            if (history.Count > 0 && history[^1].Revision >= lastRevision)
            {
                break;
            }
        }

        return [.. history.Where(change => change.Revision <= lastRevision)];
    }

    private static async Task Ended(Task task)
    {
        try
        {
            await task;
        }
        catch (OperationCanceledException)
        {
            // Asked to end.
        }
    }
}
