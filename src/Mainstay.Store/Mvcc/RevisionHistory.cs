using Mainstay.Kernel;

namespace Mainstay.Store.Mvcc;

/// <summary>
/// What each revision changed, in order, since the last compaction: where watchers that fell behind catch up. Written
/// at the end by the one writer, read without a lock by whoever holds a view, up to the view's revision. With floor
/// 1, revisions 2, 3, 4 stand in slots 1, 2, 3 of the first chunk; an entry is the first change of its revision,
/// linked to the others. The floor's own slot is filled after a restart from a checkpoint: a watch may start at the
/// revision that was compacted at.
/// </summary>
internal sealed class RevisionHistory
{
    // Chunks are never moved, so a reader's view stays valid while the writer goes on; 4 KiB of references each.
    private const int ChunkRevisions = 512;

    private KeyVersion?[][] _chunks = [new KeyVersion?[ChunkRevisions]];
    private long _firstRevision;

    /// <param name="floor">the last revision before the history begins</param>
    public RevisionHistory(long floor)
    {
        _firstRevision = floor;
        NextRevision = floor + 1;
    }

    /// <summary>The oldest revision that there is room for.</summary>
    public long FirstKept => _firstRevision;

    /// <summary>The revision that the next entry must have.</summary>
    public long NextRevision { get; private set; }

    public void Append(long revision, KeyVersion first)
    {
        Invariant.That(revision == NextRevision, "history has no gap");
        var at = revision - _firstRevision;
        if (at / ChunkRevisions >= _chunks.Length)
        {
            _chunks = [.. _chunks, new KeyVersion?[ChunkRevisions]];
        }

        _chunks[at / ChunkRevisions][at % ChunkRevisions] = first;
        NextRevision++;
    }

    public void SetFloor(KeyVersion first) => _chunks[0][0] = first;

    /// <summary>Takes back what was appended but never published.</summary>
    public void TruncateTo(long nextRevision) => NextRevision = nextRevision;

    /// <summary>The first change of a revision; null where compaction has taken it.</summary>
    public KeyVersion? At(long revision)
    {
        var at = revision - _firstRevision;
        return at < 0 || revision >= NextRevision ? null : _chunks[at / ChunkRevisions][at % ChunkRevisions];
    }

    /// <summary>Forgets one revision; whole chunks go when their last does.</summary>
    public void Forget(long revision)
    {
        var at = revision - _firstRevision;
        if (at < 0 || revision >= NextRevision)
        {
            return;
        }

        _chunks[at / ChunkRevisions][at % ChunkRevisions] = null;
        if (at % ChunkRevisions == ChunkRevisions - 1 && at / ChunkRevisions == 0)
        {
            _chunks = _chunks[1..];
            _firstRevision += ChunkRevisions;
        }
    }

    public HistorySlice Slice() => new(_chunks, _firstRevision, NextRevision);

    /// <summary>The history as it was when it was taken.</summary>
    internal sealed record HistorySlice(KeyVersion?[][] Chunks, long FirstRevision, long NextRevision)
    {
        public KeyVersion? At(long revision)
        {
            var at = revision - FirstRevision;
            return at < 0 || revision >= NextRevision ? null : Chunks[at / ChunkRevisions][at % ChunkRevisions];
        }
    }
}
