using Google.Protobuf;
using Mainstay.Etcd;
using Mainstay.Store.Log;
using Mainstay.Store.Mvcc;

namespace Mainstay.Store;

/// <summary>Carries one write out in the draft and says what the log must hold of it. No I/O.</summary>
internal sealed class WriteApplier(MvccDraft draft, long quotaBytes)
{
    public WriteOutcome Apply(StoreWrite write, Batch log) => write switch
    {
        StoreWrite.Put put => Put(put, log),
        StoreWrite.Delete delete => Done(KvWriter.Delete(draft, delete.Request), log),
        StoreWrite.Txn txn => Txn(txn, log),
        StoreWrite.Compact compact => Compact(compact.Revision, log),
        StoreWrite.GrantLease grant => Grant(grant, log),
        StoreWrite.EndLease end => End(end.Id, log),
        StoreWrite.SetSpaceAlarm alarm => SetAlarm(alarm.Raised, log),
        _ => throw new InvalidOperationException($"a write of an unknown kind: {write}"),
    };

    private WriteOutcome Put(StoreWrite.Put put, Batch log)
    {
        if (KvWriter.Check(draft, put.Request) is { } error)
        {
            return WriteOutcome.Fail(error);
        }

        return HasRoomFor(put.Bytes, log)
            ? Done(KvWriter.Put(draft, put.Request), log)
            : WriteOutcome.Fail(EtcdErrors.NoSpace);
    }

    private WriteOutcome Txn(StoreWrite.Txn txn, Batch log)
    {
        if (TxnRunner.MayPut(txn.Request) && !HasRoomFor(txn.Bytes, log))
        {
            return WriteOutcome.Fail(EtcdErrors.NoSpace);
        }

        var (response, error) = TxnRunner.Write(draft, txn.Request);
        return error is null ? Done(response, log) : WriteOutcome.Fail(error);
    }

    private WriteOutcome Compact(long revision, Batch log)
    {
        if (revision > draft.Revision)
        {
            return WriteOutcome.Fail(EtcdErrors.FutureRevision);
        }

        if (revision <= draft.CompactRevision)
        {
            return WriteOutcome.Fail(EtcdErrors.Compacted);
        }

        draft.Compact(revision);
        log.Records.Add(new Record { Compacted = new Compacted { Revision = revision } });
        return Done();
    }

    private WriteOutcome Grant(StoreWrite.GrantLease grant, Batch log)
    {
        if (draft.Leases.Find(grant.Id) is not null)
        {
            return WriteOutcome.Fail(EtcdErrors.LeaseExists);
        }

        if (!HasRoomFor(grant.Bytes, log))
        {
            return WriteOutcome.Fail(EtcdErrors.NoSpace);
        }

        draft.GrantLease(grant.Id, grant.TtlSeconds);
        log.Records.Add(
            new Record { LeaseGranted = new LeaseGranted { Id = grant.Id, TtlSeconds = grant.TtlSeconds } });
        return Done();
    }

    /// <summary>The keys of a lease go with it, in one revision and in the order of the keys.</summary>
    private WriteOutcome End(long id, Batch log)
    {
        if (draft.Leases.Find(id) is not { } lease)
        {
            return WriteOutcome.Fail(EtcdErrors.LeaseNotFound);
        }

        foreach (var key in lease.Keys.OrderBy(key => key.ToByteArray(), ByteOrder.Instance))
        {
            if (draft.Find(key) is { IsDeletion: false } live)
            {
                draft.Delete(live);
            }
        }

        draft.EndLease(id);
        var change = draft.EndTxn() is { } first ? CheckpointWriter.ToChange(first) : new Change();
        change.EndedLease = id;
        log.Records.Add(new Record { Change = change });
        return Done();
    }

    private WriteOutcome SetAlarm(bool raised, Batch log)
    {
        if (draft.Use.IsOutOfSpace != raised)
        {
            draft.SetOutOfSpace(raised);
            log.Records.Add(new Record { SpaceAlarm = new SpaceAlarm { Raised = raised } });
        }

        return Done();
    }

    private bool HasRoomFor(int bytes, Batch log)
    {
        if (draft.Use.IsOutOfSpace)
        {
            return false;
        }

        if (draft.Use.Bytes + bytes <= quotaBytes)
        {
            return true;
        }

        // As etcd does it: the alarm stays until a person has made room and disarms it.
        SetAlarm(raised: true, log);
        return false;
    }

    private WriteOutcome Done(IMessage? response, Batch log)
    {
        if (draft.EndTxn() is { } first)
        {
            log.Records.Add(new Record { Change = CheckpointWriter.ToChange(first) });
        }

        return Done(response);
    }

    private WriteOutcome Done(IMessage? response = null) => new(response, null, draft.Revision);

    private sealed class ByteOrder : IComparer<byte[]>
    {
        public static readonly ByteOrder Instance = new();

        public int Compare(byte[]? x, byte[]? y) => x.AsSpan().SequenceCompareTo(y);
    }
}
