using Mainstay.Store.Lease;

namespace Mainstay.Store.Mvcc;

/// <summary>
/// The whole store as one batch of writes left it: durable, never changed, read without a lock. Compaction may take
/// what is below <see cref="CompactRevision"/> of a later view from under it, which a reader of old revisions must
/// check afterwards.
/// </summary>
internal sealed record MvccView(
    KeyNode? Root,
    long Revision,
    long CompactRevision,
    RevisionHistory.HistorySlice History,
    LeaseTable Leases,
    StoreUse Use);

/// <param name="Bytes">what all kept versions take in memory: what the quota bounds</param>
/// <param name="Versions">how many versions that are</param>
/// <param name="Keys">how many keys exist now</param>
/// <param name="IsOutOfSpace">the alarm is raised: no put until somebody disarms it</param>
internal readonly record struct StoreUse(long Bytes, long Versions, long Keys, bool IsOutOfSpace);

/// <summary>
/// What a range request reads from: a view, or a transaction on its way with its own changes in sight.
/// </summary>
internal readonly record struct ReadPoint(KeyNode? Root, long Revision, long CompactRevision)
{
    public static ReadPoint Of(MvccView view) => new(view.Root, view.Revision, view.CompactRevision);
}
