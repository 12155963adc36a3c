using System.Threading.Channels;
using Grpc.Core;
using Mainstay.Etcd.Protocol;
using Mainstay.Store.Watch;
using Filter = Mainstay.Etcd.Protocol.WatchCreateRequest.Types.FilterType;

namespace Mainstay.Store.Service;

internal sealed record WatchParts(
    ResponseHeaders Headers, WatchSettings Settings, StoreMetrics Metrics, TimeProvider Time);

/// <summary>
/// The watchers of one stream. One side reads requests, one side writes; the writer sends what waits in the queue of
/// controls, then lets each watcher that is behind have a turn, then round again. The queue and the set of watchers
/// change under one lock, so that no event goes out before the answer that creates its watcher, and none after the
/// answer that cancels it.
/// </summary>
internal sealed class WatchSession(WatchHub hub, WatchParts parts) : IWatchSink
{
    private const long NoWatcher = -1;
    private static readonly Google.Protobuf.ByteString Zero = Google.Protobuf.ByteString.CopyFrom(0);

    // Order of locks: the hub's, then this one. Nothing of the hub is called inside it.
    private readonly Lock _gate = new();
    private readonly Dictionary<long, Watcher> _watchers = [];
    private readonly Queue<WatchResponse> _controls = new();
    private readonly HashSet<Watcher> _behind = [];
    private readonly HashSet<Watcher> _told = [];
    private readonly Channel<bool> _wake = Channel.CreateBounded<bool>(
        new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite, SingleReader = true });

    private long _nextId;
    private bool _wantsProgress;

    public void Wake(Watcher watcher)
    {
        lock (_gate)
        {
            _behind.Add(watcher);
        }

        _wake.Writer.TryWrite(true);
    }

    public void Accept(WatchRequest request)
    {
        ThrowIfFull();
        switch (request.RequestUnionCase)
        {
            case WatchRequest.RequestUnionOneofCase.CreateRequest:
                Create(request.CreateRequest);
                break;
            case WatchRequest.RequestUnionOneofCase.CancelRequest:
                Cancel(request.CancelRequest.WatchId);
                break;
            case WatchRequest.RequestUnionOneofCase.ProgressRequest:
                lock (_gate)
                {
                    _wantsProgress = true;
                }

                break;
        }

        _wake.Writer.TryWrite(true);
    }

    /// <summary>Sends until the token is cancelled or the client is gone.</summary>
    public async Task WriteAsync(IServerStreamWriter<WatchResponse> responses, CancellationToken cancellationToken)
    {
        while (await _wake.Reader.WaitToReadAsync(cancellationToken))
        {
            _wake.Reader.TryRead(out _);
            while (TakeRound(out var controls, out var behind))
            {
                foreach (var control in controls)
                {
                    await responses.WriteAsync(control, cancellationToken);
                }

                foreach (var watcher in behind)
                {
                    foreach (var response in Turn(watcher))
                    {
                        await responses.WriteAsync(response, cancellationToken);
                    }
                }
            }
        }
    }

    /// <summary>Tells quiet watchers the revision from time to time.</summary>
    public async Task TickAsync(CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(parts.Settings.ProgressInterval, parts.Time);
        while (await timer.WaitForNextTickAsync(cancellationToken))
        {
            List<Watcher> quiet;
            lock (_gate)
            {
                quiet = [.. _watchers.Values.Where(
                    one => one.Spec.Wishes.HasFlag(WatchWishes.Progress) && !_told.Contains(one))];
                _told.Clear();
            }

            foreach (var watcher in quiet)
            {
                EnqueueProgress(watcher.Spec.Id, hub.RevisionIfAllInSync([watcher]));
            }
        }
    }

    /// <summary>The stream is over.</summary>
    public void End()
    {
        List<Watcher> watchers;
        lock (_gate)
        {
            watchers = [.. _watchers.Values];
            _watchers.Clear();
        }

        watchers.ForEach(hub.Remove);
    }

    private void ThrowIfFull()
    {
        lock (_gate)
        {
            if (_controls.Count >= Limits.WatchControlsMax)
            {
                throw new RpcException(new Status(
                    StatusCode.ResourceExhausted,
                    "mainstay store: the client sends watch requests and reads no answers"));
            }
        }
    }

    private void Create(WatchCreateRequest request)
    {
        var key = request.Key.IsEmpty ? Zero : request.Key;
        var id = request.WatchId != 0 ? request.WatchId : FreeId();
        var spec = new WatchSpec(id, key, request.RangeEnd, Math.Max(0, request.StartRevision), WishesOf(request));
        var refusal = WhyNot(spec);
        if (refusal is not null)
        {
            Enqueue(new WatchResponse
            {
                Header = parts.Headers.At(hub.Revision),
                WatchId = NoWatcher,
                Created = true,
                Canceled = true,
                CancelReason = refusal,
            });
            return;
        }

        var (watcher, revision) = hub.Add(spec, this);
        lock (_gate)
        {
            _watchers.Add(id, watcher);
            _controls.Enqueue(
                new WatchResponse { Header = parts.Headers.At(revision), WatchId = id, Created = true });
        }

        // Whatever woke it before it stood in the set was not heard.
        if (hub.Peek(watcher) is not null)
        {
            Wake(watcher);
        }
    }

    private string? WhyNot(WatchSpec spec)
    {
        lock (_gate)
        {
            if (_watchers.ContainsKey(spec.Id))
            {
                return "mvcc: duplicate watch ID provided on the WatchStream";
            }

            if (_watchers.Count >= Limits.WatchersPerStreamMax)
            {
                return $"mainstay store: more than {Limits.WatchersPerStreamMax} watchers on one stream";
            }
        }

        return spec.Interval.IsEmpty ? "mvcc: watcher range is empty" : null;
    }

    private void Cancel(long id)
    {
        Watcher? watcher;
        lock (_gate)
        {
            if (!_watchers.Remove(id, out watcher))
            {
                return;
            }
        }

        hub.Remove(watcher);
        Enqueue(new WatchResponse { Header = parts.Headers.At(hub.Revision), WatchId = id, Canceled = true });
    }

    /// <summary>What to send next; false when there is nothing.</summary>
    private bool TakeRound(out List<WatchResponse> controls, out List<Watcher> behind)
    {
        EnqueueProgressIfWanted();
        lock (_gate)
        {
            controls = [.. _controls];
            _controls.Clear();
            behind = [.. _behind.Where(one => _watchers.GetValueOrDefault(one.Spec.Id) == one)];
            _behind.Clear();
            return controls.Count > 0 || behind.Count > 0;
        }
    }

    /// <summary>A watcher's next changes; it stays in the set of those behind until it has caught up.</summary>
    private IEnumerable<WatchResponse> Turn(Watcher watcher)
    {
        if (hub.Peek(watcher) is not { } work)
        {
            return [];
        }

        var scanned = WatchScan.Collect(work.View, watcher.Spec, work.From);
        if (scanned.IsCompacted)
        {
            return [CancelCompacted(watcher, work.View.CompactRevision)];
        }

        hub.Advance(watcher, scanned.NextRevision);
        if (hub.Peek(watcher) is not null)
        {
            Wake(watcher);
        }

        if (scanned.Events.Count == 0)
        {
            return [];
        }

        lock (_gate)
        {
            _told.Add(watcher);
        }

        parts.Metrics.Events.Add(scanned.Events.Count);
        var header = parts.Headers.At(Math.Min(work.View.Revision, scanned.NextRevision - 1));
        return WatchFragments.Split(header, watcher.Spec, scanned.Events);
    }

    private WatchResponse CancelCompacted(Watcher watcher, long compactRevision)
    {
        lock (_gate)
        {
            _watchers.Remove(watcher.Spec.Id);
        }

        hub.Remove(watcher);
        return new WatchResponse
        {
            Header = parts.Headers.At(hub.Revision),
            WatchId = watcher.Spec.Id,
            Canceled = true,
            CompactRevision = compactRevision,
        };
    }

    private void EnqueueProgressIfWanted()
    {
        List<Watcher> all;
        lock (_gate)
        {
            // Controls and changes that wait come first, or progress would promise what is not yet sent.
            if (!_wantsProgress || _behind.Count > 0 || _controls.Count > 0)
            {
                return;
            }

            all = [.. _watchers.Values];
        }

        if (hub.RevisionIfAllInSync(all) is { } revision)
        {
            lock (_gate)
            {
                _wantsProgress = false;
            }

            EnqueueProgress(NoWatcher, revision);
        }
    }

    private void EnqueueProgress(long id, long? revision)
    {
        if (revision is { } known)
        {
            Enqueue(new WatchResponse { Header = parts.Headers.At(known), WatchId = id });
        }
    }

    private void Enqueue(WatchResponse control)
    {
        lock (_gate)
        {
            _controls.Enqueue(control);
        }

        _wake.Writer.TryWrite(true);
    }

    private long FreeId()
    {
        lock (_gate)
        {
            while (_watchers.ContainsKey(_nextId))
            {
                _nextId++;
            }

            return _nextId++;
        }
    }

    private static WatchWishes WishesOf(WatchCreateRequest request) =>
        (request.PrevKv ? WatchWishes.PreviousValue : 0)
        | (request.ProgressNotify ? WatchWishes.Progress : 0)
        | (request.Fragment ? WatchWishes.Fragments : 0)
        | (request.Filters.Contains(Filter.Noput) ? WatchWishes.NoPuts : 0)
        | (request.Filters.Contains(Filter.Nodelete) ? WatchWishes.NoDeletes : 0);
}
