using System.Security.Cryptography;
using Mainstay.Etcd;
using Mainstay.Kernel;
using Mainstay.Store.Log;
using Mainstay.Store.Mvcc;

namespace Mainstay.Store;

/// <param name="QuotaBytes">memory for all kept versions</param>
/// <param name="CheckpointLogBytes">bytes of log after which a checkpoint is due</param>
/// <param name="LogGrowthBytes">bytes that the log's file grows by at once</param>
internal sealed record EngineOptions(
    long QuotaBytes, long CheckpointLogBytes, long LogGrowthBytes = Limits.LogGrowthBytes);

/// <summary>
/// The store without threads or sockets: writes in, outcomes out, files below. A batch is carried out in the draft,
/// goes to the log in one frame, and only when the disk has it does <see cref="View"/> show it: so no reader and no
/// watcher ever sees what a crash could take back. One writer; anybody reads the view.
/// </summary>
internal sealed class StoreEngine : IDisposable
{
    private readonly IStoreFolder _folder;
    private readonly EngineOptions _options;
    private readonly MvccDraft _draft;
    private readonly WriteApplier _applier;
    private readonly LogWriter _log;
    private MvccView _view;
    private bool _mayCompact;
    private long _checkpointNotBelow;
    private volatile bool _isCheckpointing;

    private StoreEngine(IStoreFolder folder, EngineOptions options, MvccDraft draft, Recovered recovered)
    {
        _folder = folder;
        _options = options;
        _draft = draft;
        _applier = new WriteApplier(draft, options.QuotaBytes);
        _log = new LogWriter(folder, recovered, options.LogGrowthBytes);
        _view = draft.Publish();
        _checkpointNotBelow = options.CheckpointLogBytes;
        _mayCompact = draft.CompactRevision > 0;
        Identity = recovered.Identity;
        TornAt = recovered.TornAt;
    }

    public StoreIdentity Identity { get; }

    /// <summary>Where the start took away a write that a crash had cut off; null where none was.</summary>
    public string? TornAt { get; }

    /// <summary>The store as it stands on the disk.</summary>
    public MvccView View => Volatile.Read(ref _view);

    public ulong FramesWritten => _log.NextSequence - 1;

    public long LogBytes => _log.SegmentBytes;

    /// <summary>The disk had no room for the last batch.</summary>
    public bool IsDiskFull { get; private set; }

    /// <summary>A checkpoint would shorten the next start.</summary>
    public bool IsCheckpointDue =>
        !_isCheckpointing && _log.SegmentBytes > Math.Max(_checkpointNotBelow, View.Use.Bytes / 2);

    /// <exception cref="StartException">a file is broken; nothing was changed</exception>
    public static StoreEngine Open(IStoreFolder folder, EngineOptions options)
    {
        try
        {
            var replayer = new Replayer();
            var recovered = new LogFolder(folder).Recover(replayer, NewIdentity);
            return new StoreEngine(folder, options, replayer.Draft, recovered);
        }
        catch (BrokenFileException exception)
        {
            throw new StartException(
                exception.Message,
                "nothing was changed: put a backup in its place, or move the folder away to start empty");
        }
        catch (DiskFullException exception)
        {
            throw new StartException(exception.Message, "make room and start again");
        }
    }

    /// <summary>Carries out a batch; the outcomes are those of the writes, in their order.</summary>
    public WriteOutcome[] Commit(IReadOnlyList<StoreWrite> writes)
    {
        var batch = new Batch();
        var outcomes = new WriteOutcome[writes.Count];
        for (var i = 0; i < outcomes.Length; i++)
        {
            outcomes[i] = _applier.Apply(writes[i], batch);
        }

        if (batch.Records.Count == 0)
        {
            return outcomes;
        }

        try
        {
            _log.Append(batch);
            IsDiskFull = false;
        }
        catch (DiskFullException)
        {
            // Outcomes may rest on each other, so all of the batch has failed.
            IsDiskFull = true;
            _draft.Rollback(_view);
            Array.Fill(outcomes, WriteOutcome.Fail(EtcdErrors.NoSpace));
            return outcomes;
        }

        _mayCompact |= _draft.CompactRevision > _view.CompactRevision;
        Volatile.Write(ref _view, _draft.Publish());
        return outcomes;
    }

    /// <summary>
    /// Takes away some compacted history; true while there is more. Rests while a checkpoint is written.
    /// </summary>
    public bool CompactSome()
    {
        if (!_mayCompact || _isCheckpointing)
        {
            return false;
        }

        _mayCompact = _draft.CompactSome(Limits.CompactionStepRevisions);
        Volatile.Write(ref _view, _draft.Publish());
        return _mayCompact;
    }

    /// <summary>
    /// Begins a checkpoint of the store as it is; the caller steps it and then calls <see cref="EndCheckpoint"/>.
    /// </summary>
    /// <exception cref="DiskFullException">there is no room for it; the store goes on as it was</exception>
    public CheckpointWriter BeginCheckpoint()
    {
        Invariant.That(!_isCheckpointing, "one checkpoint at a time");
        // Where there is no room now, a good deal more is written before the next try.
        _checkpointNotBelow = _log.SegmentBytes + _options.CheckpointLogBytes;
        var writer = new CheckpointWriter(_folder, new CheckpointJob(_view, _log.NextSequence - 1, Identity));
        try
        {
            _log.Rotate();
        }
        catch
        {
            writer.Abandon();
            throw;
        }

        _checkpointNotBelow = _options.CheckpointLogBytes;
        _isCheckpointing = true;
        return writer;
    }

    /// <summary>A checkpoint is durable, or was given up: the segments before a durable one go.</summary>
    public void EndCheckpoint(CheckpointWriter writer, bool isDurable)
    {
        if (isDurable)
        {
            writer.Dispose();
            new LogFolder(_folder).RemoveCovered(writer.Covered);
        }
        else
        {
            writer.Abandon();
        }

        _isCheckpointing = false;
    }

    /// <summary>Ends the log in good order; a store that is not closed starts as well.</summary>
    public void Close() => _log.Close();

    public void Dispose() => _log.Dispose();

    private static StoreIdentity NewIdentity()
    {
        Span<byte> bytes = stackalloc byte[16];
        RandomNumberGenerator.Fill(bytes);
        return new StoreIdentity(BitConverter.ToUInt64(bytes), BitConverter.ToUInt64(bytes[8..]));
    }
}
