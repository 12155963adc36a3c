using System.Runtime.CompilerServices;
using Grpc.Core;
using Mainstay.Etcd.Protocol;
using Mainstay.Kernel;

namespace Mainstay.Etcd;

/// <param name="Range">the keys to watch</param>
/// <param name="StartRevision">the first revision wanted; 0 is "from now"</param>
/// <param name="PrevKv">events carry the value that they replace</param>
/// <param name="ProgressNotify">the server tells its revision while nothing changes</param>
public sealed record EtcdWatchOptions(
    KeyRange Range, long StartRevision = 0, bool PrevKv = false, bool ProgressNotify = false)
{
    /// <summary>
    /// The range is every key. Each revision of the store then has an event, so that a revision without one proves that
    /// the server skipped it: etcd did so under a compaction (etcd-io/etcd#17529, #18089) and told nobody.
    /// </summary>
    public bool IsWholeStore { get; init; }
}

public enum WatchBatchKind
{
    /// <summary>
    /// The watch stands at <see cref="WatchBatch.Revision"/>: at the start, and again after each reconnection.
    /// </summary>
    Created,

    /// <summary>All changes of one or more whole revisions, in order.</summary>
    Events,

    /// <summary>Every change up to <see cref="WatchBatch.Revision"/> has been told.</summary>
    Progress,

    /// <summary>
    /// The server answers; <see cref="WatchBatch.Revision"/> is where it stands, and says nothing about what was
    /// told.
    /// </summary>
    Alive,

    /// <summary>
    /// The last batch: what comes next was compacted away; <see cref="WatchBatch.Revision"/> is the oldest that can
    /// still be watched. List again and watch from there.
    /// </summary>
    Compacted,

    /// <summary>
    /// The last batch: the changes from <see cref="WatchBatch.Revision"/> on were skipped, by two streams in a row.
    /// List again and watch from there.
    /// </summary>
    Gap,
}

public sealed record WatchBatch(WatchBatchKind Kind, long Revision, IReadOnlyList<Event> Events);

/// <summary>
/// A watch that outlives its connections: told up to revision 7 and then cut off, it asks the next member for 8 on. A
/// member is left when its stream ends, when it has lost its leader, or when it is silent and does not answer a
/// request for progress. One reader.
/// </summary>
public sealed class EtcdWatch
{
    private static readonly BackoffOptions Retry = new(TimeSpan.FromMilliseconds(50), TimeSpan.FromSeconds(2));

    private readonly EndpointSet _endpoints;
    private readonly EtcdClientOptions _options;
    private readonly EtcdWatchOptions _watch;
    private readonly TimeProvider _time;
    private readonly Backoff _backoff;
    private volatile WatchStream? _stream;
    private long _nextRevision;
    private long _skippedAt;

    internal EtcdWatch(
        EndpointSet endpoints, EtcdClientOptions options, EtcdWatchOptions watch, TimeProvider time)
    {
        _endpoints = endpoints;
        _options = options;
        _watch = watch;
        _time = time;
        _nextRevision = watch.StartRevision;
        _backoff = new Backoff(Retry, new Random());
    }

    /// <summary>
    /// The revision that would be asked for if the connection broke now; 0 while "from now" is not yet settled.
    /// </summary>
    public long NextRevision => Volatile.Read(ref _nextRevision);

    /// <summary>Why the last connection was left; null while none was.</summary>
    public string? LastFault { get; private set; }

    /// <summary>
    /// Makes the watch go on at another member: the caller has proof, such as a quorum read, that this one lags. Thread
    /// safe.
    /// </summary>
    public void Abandon(string why)
    {
        if (_stream is { } stream)
        {
            stream.Abandon(why);
        }
    }

    /// <summary>
    /// Batches until the token is cancelled or history is compacted away. Never throws for a lost member.
    /// </summary>
    public async IAsyncEnumerable<WatchBatch> ReadAllAsync(
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        try
        {
            while (true)
            {
                var batch = await NextAsync(cancellationToken);
                if (batch is null)
                {
                    continue;
                }

                yield return batch;
                if (batch.Kind is WatchBatchKind.Compacted or WatchBatchKind.Gap)
                {
                    yield break;
                }
            }
        }
        finally
        {
            DropStream();
        }
    }

    private async Task<WatchBatch?> NextAsync(CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var endpoint = _stream?.Endpoint ?? _endpoints.Current;
        try
        {
            _stream ??= await WatchStream.OpenAsync(
                endpoint, RequestFrom(_nextRevision), new WatchPatience(_options, _time), cancellationToken);
            return Accept(await _stream.ReadAsync());
        }
        catch (Exception exception) when (
            exception is RpcException or TimeoutException or InvalidOperationException or IOException
                or OperationCanceledException
            && !cancellationToken.IsCancellationRequested)
        {
            LastFault = $"{endpoint.Address.Authority}: {Why(exception)}";
        }

        DropStream();
        _endpoints.Leave(endpoint);
        await Task.Delay(_backoff.Next(), _time, cancellationToken);
        return null;
    }

    private string Why(Exception exception) => (_stream?.WhyEnded, exception) switch
    {
        ({ Length: > 0 } why, _) => why,
        (_, OperationCanceledException) => "the stream was cancelled",
        _ => exception.Message,
    };

    private WatchBatch? Accept(WatchResponse response)
    {
        var revision = response.Header.Revision;
        if (response.Canceled)
        {
            if (response.CompactRevision > 0)
            {
                return new WatchBatch(WatchBatchKind.Compacted, response.CompactRevision, []);
            }

            throw new IOException($"watch cancelled: {response.CancelReason}");
        }

        if (response.Created)
        {
            _backoff.Reset();
            // "From now" is settled here, or a cut before the first event would lose what happened in between.
            _nextRevision = _nextRevision == 0 ? revision + 1 : _nextRevision;
            return new WatchBatch(WatchBatchKind.Created, revision, []);
        }

        return response.Events.Count > 0 ? AcceptEvents(response) : AcceptProgress(response, revision);
    }

    private WatchBatch? AcceptEvents(WatchResponse response)
    {
        // A member that we moved to may tell again what the one before it told.
        var fresh = response.Events;
        if (fresh[0].Kv.ModRevision < _nextRevision)
        {
            fresh = [.. fresh.Where(change => change.Kv.ModRevision >= _nextRevision)];
        }

        if (fresh.Count == 0)
        {
            return null;
        }

        if (SkippedBy(fresh) is { } found)
        {
            return Skipped(found);
        }

        var last = fresh[^1].Kv.ModRevision;
        Volatile.Write(ref _nextRevision, last + 1);
        return new WatchBatch(WatchBatchKind.Events, last, fresh);
    }

    /// <summary>The revision that came where an earlier one was due; null where none is missing.</summary>
    private long? SkippedBy(IList<Event> events)
    {
        if (!_watch.IsWholeStore)
        {
            return null;
        }

        var told = _nextRevision - 1;
        foreach (var change in events)
        {
            if (change.Kv.ModRevision > told + 1)
            {
                return change.Kv.ModRevision;
            }

            told = change.Kv.ModRevision;
        }

        return null;
    }

    /// <summary>
    /// The first time another stream is asked for what is missing; if that one skips it too, it is gone.
    /// </summary>
    private WatchBatch Skipped(long found)
    {
        if (_skippedAt == _nextRevision)
        {
            return new WatchBatch(WatchBatchKind.Gap, _nextRevision, []);
        }

        _skippedAt = _nextRevision;
        throw new IOException($"the server skipped a change: revision {found} came where {_nextRevision} was due");
    }

    private WatchBatch AcceptProgress(WatchResponse response, long revision)
    {
        // The answer to our own request (watch id -1) may overtake events in etcd before 3.4.25 and 3.5.8, so it
        // proves that the server lives and nothing more. The server's own notice, to our watch id, is sent in order.
        if (response.WatchId < 0)
        {
            return new WatchBatch(WatchBatchKind.Alive, revision, []);
        }

        if (_watch.IsWholeStore && revision >= _nextRevision)
        {
            return Skipped(revision);
        }

        Volatile.Write(ref _nextRevision, Math.Max(_nextRevision, revision + 1));
        return new WatchBatch(WatchBatchKind.Progress, revision, []);
    }

    private WatchRequest RequestFrom(long revision) => new()
    {
        CreateRequest = new WatchCreateRequest
        {
            Key = _watch.Range.Key,
            RangeEnd = _watch.Range.End,
            StartRevision = revision,
            PrevKv = _watch.PrevKv,
            ProgressNotify = _watch.ProgressNotify,
        },
    };

    private void DropStream()
    {
        _stream?.Dispose();
        _stream = null;
    }
}
