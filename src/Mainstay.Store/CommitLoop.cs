using Mainstay.Etcd;
using Mainstay.Store.Log;
using Mainstay.Store.Mvcc;
using Microsoft.Extensions.Logging;

namespace Mainstay.Store;

/// <summary>Is told of each batch on the commit thread, before its writers are answered.</summary>
internal interface ICommitObserver
{
    void Committed(MvccView view, int writes, TimeSpan took);
}

/// <summary>
/// The one writer: takes all writes that wait, hands them to the engine as a batch, and answers. While the disk syncs
/// one batch the next one gathers, so that a sync is shared by as many as wait for it. A thread of its own, because
/// it blocks on the disk.
/// </summary>
internal sealed class CommitLoop : IDisposable
{
    private readonly StoreEngine _engine;
    private readonly ICommitObserver _observer;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly Lock _gate = new();
    private readonly SemaphoreSlim _wake = new(0);
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private List<PendingWrite> _pending = [];
    private List<PendingWrite> _taken = [];
    private bool _isAwake;
    private bool _isStopping;
    private bool _wasDiskFull;

    public CommitLoop(
        StoreEngine engine, ICommitObserver observer, TimeProvider time, ILogger<CommitLoop> logger)
    {
        _engine = engine;
        _observer = observer;
        _time = time;
        _logger = logger;
    }

    /// <summary>Set by whoever wants a checkpoint; the loop begins it between two batches and hands it over.</summary>
    public Action<CheckpointWriter>? CheckpointBegun { get; set; }

    /// <summary>Completes when the write is on the disk or has failed.</summary>
    public Task<WriteOutcome> SubmitAsync(StoreWrite write)
    {
        var pending = new PendingWrite(write);
        bool wake;
        lock (_gate)
        {
            if (_isStopping)
            {
                return Task.FromResult(WriteOutcome.Fail(EtcdErrors.Stopped));
            }

            if (_pending.Count >= Limits.PendingWritesMax)
            {
                return Task.FromResult(WriteOutcome.Fail(EtcdErrors.TooManyRequests));
            }

            _pending.Add(pending);
            wake = !_isAwake;
            _isAwake = true;
        }

        if (wake)
        {
            _wake.Release();
        }

        return pending.Done.Task;
    }

    /// <summary>
    /// Runs until the token is cancelled and what was accepted is written; faults where the disk does.
    /// </summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var thread = new Thread(Run) { IsBackground = true, Name = "store commit" };
        thread.Start();
        await using var registration = cancellationToken.Register(Stop);
        await _ended.Task;
    }

    public void Dispose() => _wake.Dispose();

    private void Stop()
    {
        lock (_gate)
        {
            _isStopping = true;
        }

        _wake.Release();
    }

    private void Run()
    {
        try
        {
            while (TryTake(out var writes))
            {
                for (var from = 0; from < writes.Count;)
                {
                    from = CommitFrom(writes, from);
                }

                writes.Clear();
                TendFiles();
            }

            _engine.Close();
            _ended.SetResult();
        }
        catch (DiskFullException)
        {
            // Only the closing frame found no room, and the log is whole without it.
            _ended.SetResult();
        }
        catch (Exception exception)
        {
            // The disk's state is unknown: whoever waits must not be told that the write is safe, nor that it is lost.
            _ended.SetException(exception);
            FailAll(exception);
        }
    }

    /// <summary>Waits for writes; an empty list means that compaction has more to do. False at the end.</summary>
    private bool TryTake(out List<PendingWrite> writes)
    {
        var mayWait = !_engine.CompactSome();
        if (mayWait)
        {
            _wake.Wait();
        }
        else
        {
            _wake.Wait(0);
        }

        lock (_gate)
        {
            writes = _pending;
            (_pending, _taken) = (_taken, _pending);
            _isAwake = false;
            return writes.Count > 0 || !_isStopping;
        }
    }

    private int CommitFrom(List<PendingWrite> writes, int from)
    {
        long bytes = 0;
        var to = from;
        while (to < writes.Count && to - from < Limits.BatchRequestsMax && bytes < Limits.BatchBytesMax)
        {
            bytes += writes[to++].Write.Bytes;
        }

        var batch = writes[from..to];
        var started = _time.GetTimestamp();
        var outcomes = _engine.Commit(batch.ConvertAll(one => one.Write));
        TellDiskState();
        // Watchers are told before the writer is answered, so that a watch begun after an answer starts behind it.
        _observer.Committed(_engine.View, batch.Count, _time.GetElapsedTime(started));
        for (var i = 0; i < outcomes.Length; i++)
        {
            batch[i].Done.SetResult(outcomes[i]);
        }

        return to;
    }

    private void TendFiles()
    {
        if (!_engine.IsCheckpointDue || CheckpointBegun is not { } begun)
        {
            return;
        }

        try
        {
            begun(_engine.BeginCheckpoint());
        }
        catch (DiskFullException exception)
        {
            _logger.CheckpointHasNoRoom(exception.Message);
        }
    }

    private void TellDiskState()
    {
        if (_engine.IsDiskFull != _wasDiskFull)
        {
            _wasDiskFull = _engine.IsDiskFull;
            if (_wasDiskFull)
            {
                _logger.DiskIsFull();
            }
            else
            {
                _logger.DiskHasRoom();
            }
        }
    }

    private void FailAll(Exception exception)
    {
        List<PendingWrite> left;
        lock (_gate)
        {
            _isStopping = true;
            left = [.. _taken, .. _pending];
        }

        foreach (var write in left)
        {
            write.Done.TrySetException(exception);
        }
    }

    private sealed class PendingWrite(StoreWrite write)
    {
        public StoreWrite Write { get; } = write;

        public TaskCompletionSource<WriteOutcome> Done { get; } =
            new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
