using System.Runtime.InteropServices;
using Google.Protobuf;
using Mainstay.Etcd.Protocol;

namespace Mainstay.Store.Mvcc;

/// <summary>
/// One key as one revision left it, linked to what it was before. After put a=1 (revision 2), put a=2 (revision 3)
/// and delete a (revision 4) the key tree holds the version of 4, a deletion, whose <see cref="Previous"/> is that of
/// 3, whose previous is that of 2. Compaction at 3 cuts the link from 3 to 2; compaction at 4 takes the key out of
/// the tree.
/// </summary>
/// <remarks>
/// The message is what readers get, so nothing may change it once it stands here. The links are written by the one
/// writer only:
/// <see cref="NextInRevision"/> before it is published, <see cref="Previous"/> to null by compaction.
/// </remarks>
internal sealed class KeyVersion
{
    // What an object of this class, its message and its place in the tree and the history take, roughly.
    private const int OverheadBytes = 240;

    private KeyVersion? _previous;

    public KeyVersion(KeyValue kv, bool isDeletion, KeyVersion? previous)
    {
        Kv = kv;
        IsDeletion = isDeletion;
        _previous = previous;
        Key = previous?.Key ?? BytesOf(kv.Key);
    }

    public byte[] Key { get; }

    public KeyValue Kv { get; }

    public bool IsDeletion { get; }

    /// <summary>The version before this one; null for the first, and where compaction has cut it off.</summary>
    public KeyVersion? Previous => Volatile.Read(ref _previous);

    /// <summary>The next change of the same transaction.</summary>
    public KeyVersion? NextInRevision { get; set; }

    /// <summary>What this version costs in memory, for the quota.</summary>
    public long Bytes => OverheadBytes + Key.Length + Kv.Value.Length;

    /// <summary>The key as it was at a revision: null where it did not exist then.</summary>
    public KeyVersion? At(long revision)
    {
        var version = this;
        while (version is not null && version.Kv.ModRevision > revision)
        {
            version = version.Previous;
        }

        return version is null || version.IsDeletion ? null : version;
    }

    /// <summary>Forgets what was before; returns the bytes that this gives back.</summary>
    public long CutHistory()
    {
        var freed = Previous?.Bytes ?? 0;
        Volatile.Write(ref _previous, null);
        return freed;
    }

    private static byte[] BytesOf(ByteString text) =>
        MemoryMarshal.TryGetArray(text.Memory, out var part) && part.Offset == 0 && part.Array!.Length == part.Count
            ? part.Array
            : text.ToByteArray();
}
