using Google.Protobuf;
using Mainstay.Etcd.Protocol;
using Mainstay.Kernel;
using Mainstay.Store.Mvcc;

namespace Mainstay.Store.Log;

/// <param name="View">what to write: the store up to the last frame before the segment that was begun for this</param>
/// <param name="Covered">the sequence of that frame</param>
internal sealed record CheckpointJob(MvccView View, ulong Covered, StoreIdentity Identity);

/// <summary>
/// Writes a view to a checkpoint, a frame per <see cref="Step"/>, so that it can go on beside the writer: the leases,
/// each key as the last compaction left it, then every change since. While it runs nothing may be compacted away (the
/// owner sees to that). The file gets its name when it is whole and synced.
/// </summary>
internal sealed class CheckpointWriter : IDisposable
{
    private readonly IStoreFolder _folder;
    private readonly CheckpointJob _job;
    private readonly string _temporary;
    private readonly IStoreFile _file;
    private readonly IEnumerator<Record> _records;
    private long _offset = FileHeader.Bytes;
    private ulong _sequence = 1;

    public CheckpointWriter(IStoreFolder folder, CheckpointJob job)
    {
        _folder = folder;
        _job = job;
        _temporary = FileHeader.NameOf(StoreFileKind.Checkpoint, job.Covered) + LogFolder.TemporarySuffix;
        _file = folder.Create(_temporary);
        _records = Records().GetEnumerator();
    }

    public long Bytes => _offset;

    public ulong Covered => _job.Covered;

    /// <summary>Writes one frame; false when the checkpoint is complete and durable.</summary>
    public bool Step()
    {
        if (_sequence == 1)
        {
            _file.Write(0, new FileHeader(StoreFileKind.Checkpoint, _job.Identity, _job.Covered).ToBytes());
        }

        var batch = new Batch();
        var bytes = 0;
        while (bytes < Limits.CheckpointFrameBytes && _records.MoveNext())
        {
            batch.Records.Add(_records.Current);
            bytes += _records.Current.CalculateSize();
        }

        if (batch.Records.Count > 0)
        {
            Write(batch);
            return true;
        }

        _file.Sync();
        _folder.Rename(_temporary, FileHeader.NameOf(StoreFileKind.Checkpoint, _job.Covered));
        _folder.SyncNames();
        return false;
    }

    /// <summary>Gives up: what is there of the file goes.</summary>
    public void Abandon()
    {
        Dispose();
        _folder.Delete(_temporary);
    }

    public void Dispose()
    {
        _records.Dispose();
        _file.Dispose();
    }

    private void Write(Batch batch)
    {
        var frame = new byte[Frame.HeaderBytes + batch.CalculateSize()];
        batch.WriteTo(frame.AsSpan(Frame.HeaderBytes));
        Frame.Seal(frame, _sequence);
        _file.Write(_offset, frame);
        _offset += frame.Length;
        _sequence++;
    }

    private IEnumerable<Record> Records()
    {
        var view = _job.View;
        var floor = Math.Max(view.CompactRevision, 1);
        yield return new Record
        {
            CheckpointStart = new CheckpointStart { Floor = floor, CompactRevision = view.CompactRevision },
        };
        foreach (var lease in view.Leases.ById.Values)
        {
            yield return new Record
            {
                LeaseGranted = new LeaseGranted { Id = lease.Id, TtlSeconds = lease.TtlSeconds },
            };
        }

        foreach (var key in KeyTree.All(view.Root))
        {
            if (key.At(floor) is { } version)
            {
                yield return new Record { CheckpointKeys = new CheckpointKeys { Kvs = { version.Kv } } };
            }
        }

        if (view.History.At(floor) is { } atFloor)
        {
            yield return new Record { CheckpointFloor = ToChange(atFloor) };
        }

        for (var revision = floor + 1; revision <= view.Revision; revision++)
        {
            var first = view.History.At(revision);
            Invariant.That(first is not null, "a checkpoint's history is not compacted while it is written");
            yield return new Record { Change = ToChange(first) };
        }

        if (view.Use.IsOutOfSpace)
        {
            yield return new Record { SpaceAlarm = new SpaceAlarm { Raised = true } };
        }

        yield return new Record
        {
            CheckpointEnd = new CheckpointEnd { Revision = view.Revision, Keys = view.Use.Keys },
        };
    }

    /// <summary>A transaction as the log has it.</summary>
    internal static Change ToChange(KeyVersion first)
    {
        var change = new Change();
        for (var version = first; version is not null; version = version.NextInRevision)
        {
            change.Events.Add(new Event
            {
                Type = version.IsDeletion ? Event.Types.EventType.Delete : Event.Types.EventType.Put,
                Kv = version.Kv,
            });
        }

        return change;
    }
}
