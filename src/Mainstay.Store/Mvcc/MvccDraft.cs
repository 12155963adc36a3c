using Google.Protobuf;
using Mainstay.Etcd.Protocol;
using Mainstay.Kernel;
using Mainstay.Store.Lease;

namespace Mainstay.Store.Mvcc;

/// <summary>
/// The store with the changes of the batch that is being made: <see cref="Publish"/> freezes it into a view, <see
/// cref="Rollback"/> forgets the changes. A transaction is <see cref="Put"/> and <see cref="Delete"/> as often as
/// wanted, then
/// <see cref="EndTxn"/>: all its changes have one revision, and none at all uses no revision. One owner, one thread.
/// </summary>
internal sealed class MvccDraft
{
    private readonly RevisionHistory _history;
    private readonly Compaction _compaction = new();
    private long _edit;
    private KeyNode? _root;
    private LeaseTable _leases = LeaseTable.Empty;
    private StoreUse _use;
    private KeyVersion? _txnFirst;
    private KeyVersion? _txnLast;

    /// <param name="floor">the revision below which nothing is known: 1 for an empty store, else the one compacted
    /// at</param>
    /// <param name="compactRevision">the revision compacted at, 0 if never</param>
    public MvccDraft(long floor, long compactRevision)
    {
        Revision = floor;
        CompactRevision = compactRevision;
        _history = new RevisionHistory(floor);
    }

    public static MvccDraft Empty() => new(floor: 1, compactRevision: 0);

    public long Revision { get; private set; }

    public long CompactRevision { get; private set; }

    public LeaseTable Leases => _leases;

    public StoreUse Use => _use;

    public bool HasTxnChanges => _txnFirst is not null;

    /// <summary>Sees everything done so far, the open transaction included.</summary>
    public ReadPoint ReadPoint => new(_root, HasTxnChanges ? Revision + 1 : Revision, CompactRevision);

    /// <summary>The newest version of a key, a deletion included.</summary>
    public KeyVersion? Find(ByteString key) => KeyTree.Find(_root, key.Span);

    /// <summary>What the key was before; null where it did not exist.</summary>
    public KeyValue? Put(ByteString key, ByteString value, long lease)
    {
        var newest = Find(key);
        var live = newest is { IsDeletion: false } ? newest.Kv : null;
        var revision = Revision + 1;
        Apply(new KeyVersion(
            new KeyValue
            {
                Key = newest?.Kv.Key ?? key,
                Value = value,
                Lease = lease,
                ModRevision = revision,
                CreateRevision = live?.CreateRevision ?? revision,
                Version = (live?.Version ?? 0) + 1,
            },
            isDeletion: false,
            newest));
        return live;
    }

    public void Delete(KeyVersion live)
    {
        Apply(new KeyVersion(
            new KeyValue { Key = live.Kv.Key, ModRevision = Revision + 1 }, isDeletion: true, live));
    }

    /// <summary>Closes the transaction; its first change, or null where it changed nothing.</summary>
    public KeyVersion? EndTxn()
    {
        var first = _txnFirst;
        _txnFirst = _txnLast = null;
        if (first is not null)
        {
            Revision++;
            _history.Append(Revision, first);
        }

        return first;
    }

    /// <summary>A change as the log has it, when the store starts.</summary>
    public void Replay(Event change)
    {
        Invariant.That(change.Kv.ModRevision == Revision + 1, "a replayed change has the next revision");
        var isDeletion = change.Type == Event.Types.EventType.Delete;
        Apply(new KeyVersion(change.Kv, isDeletion, Find(change.Kv.Key)));
    }

    /// <summary>A key of a checkpoint: as the compaction before the checkpoint left it.</summary>
    public void Load(KeyValue kv)
    {
        Invariant.That(kv.ModRevision <= Revision, "a checkpoint's key is not newer than its compaction");
        Keep(new KeyVersion(kv, isDeletion: false, previous: null), previous: null);
    }

    /// <summary>
    /// What the compacted revision itself changed: for watches that start there; the keys come by <see cref="Load"/>.
    /// </summary>
    public void LoadFloor(IEnumerable<Event> changes)
    {
        KeyVersion? first = null, last = null;
        foreach (var change in changes)
        {
            var version = new KeyVersion(change.Kv, change.Type == Event.Types.EventType.Delete, previous: null);
            first ??= version;
            if (last is not null)
            {
                last.NextInRevision = version;
            }

            last = version;
        }

        if (first is not null)
        {
            _history.SetFloor(first);
        }
    }

    public void GrantLease(long id, long ttlSeconds) => _leases = _leases.Grant(id, ttlSeconds);

    public void EndLease(long id) => _leases = _leases.End(id);

    public void SetOutOfSpace(bool isOutOfSpace) => _use = _use with { IsOutOfSpace = isOutOfSpace };

    /// <summary>History below a revision is no longer promised; <see cref="CompactSome"/> takes it away.</summary>
    public void Compact(long revision)
    {
        Invariant.That(revision > CompactRevision && revision <= Revision, "compaction moves forward, up to now");
        CompactRevision = revision;
    }

    /// <summary>Takes away some of what was compacted; true while there is more.</summary>
    public bool CompactSome(int revisionsMax)
    {
        var done = _compaction.Step(_history, _root, new CompactionStep(CompactRevision, revisionsMax, _edit));
        _root = done.Root;
        _use = _use with { Bytes = _use.Bytes - done.FreedBytes, Versions = _use.Versions - done.FreedVersions };
        return done.HasMore;
    }

    public MvccView Publish()
    {
        Invariant.That(!HasTxnChanges, "only whole transactions are published");
        _edit++;
        return new MvccView(_root, Revision, CompactRevision, _history.Slice(), _leases, _use);
    }

    /// <summary>
    /// Back to a view: valid for the last one that was published, and only if nothing was compacted since.
    /// </summary>
    public void Rollback(MvccView view)
    {
        _txnFirst = _txnLast = null;
        _edit++;
        _root = view.Root;
        Revision = view.Revision;
        CompactRevision = view.CompactRevision;
        _leases = view.Leases;
        _use = view.Use;
        _history.TruncateTo(view.Revision + 1);
    }

    private void Apply(KeyVersion version)
    {
        Keep(version, version.Previous);
        if (_txnLast is null)
        {
            _txnFirst = version;
        }
        else
        {
            _txnLast.NextInRevision = version;
        }

        _txnLast = version;
    }

    private void Keep(KeyVersion version, KeyVersion? previous)
    {
        _root = KeyTree.Set(_root, version, _edit);
        var wasLive = previous is { IsDeletion: false };
        _leases = _leases.Move(version.Kv.Key, wasLive ? previous!.Kv.Lease : 0, version.Kv.Lease);
        _use = _use with
        {
            Bytes = _use.Bytes + version.Bytes,
            Versions = _use.Versions + 1,
            Keys = _use.Keys + (version.IsDeletion ? 0 : 1) - (wasLive ? 1 : 0),
        };
    }
}
