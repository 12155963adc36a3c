namespace Mainstay.Store.Mvcc;

/// <param name="Target">history below this revision goes; what keys were at it stays readable</param>
/// <param name="RevisionsMax">so that writers do not wait for the whole of a large compaction</param>
/// <param name="Edit">the edit number for changes of the tree</param>
internal readonly record struct CompactionStep(long Target, int RevisionsMax, long Edit);

internal readonly record struct CompactionDone(
    KeyNode? Root, long FreedBytes, long FreedVersions, bool HasMore);

/// <summary>
/// Takes away history, a few revisions at a time. Each change at or below the target makes the version before it
/// unreachable: its link is cut. A deletion at or below the target that is still its key's newest takes the key out
/// of the tree. So the work is that of the changes since the last compaction, whatever the number of keys. The entry
/// of the target itself stays in the history: a watch may still start there.
/// </summary>
internal sealed class Compaction
{
    private long _next;

    public CompactionDone Step(RevisionHistory history, KeyNode? root, in CompactionStep step)
    {
        long bytes = 0, versions = 0;
        if (_next == 0)
        {
            _next = history.FirstKept;
        }

        for (var left = step.RevisionsMax; left > 0 && _next <= step.Target; left--, _next++)
        {
            for (var change = history.At(_next); change is not null; change = change.NextInRevision)
            {
                versions += change.Previous is null ? 0 : 1;
                bytes += change.CutHistory();
                if (change.IsDeletion && ReferenceEquals(KeyTree.Find(root, change.Key), change))
                {
                    root = KeyTree.Remove(root, change.Key, step.Edit);
                    versions++;
                    bytes += change.Bytes;
                }
            }

            history.Forget(_next - 1);
        }

        return new CompactionDone(root, bytes, versions, _next <= step.Target);
    }
}
