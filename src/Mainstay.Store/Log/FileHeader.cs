using System.Buffers.Binary;
using System.Globalization;

namespace Mainstay.Store.Log;

/// <summary>
/// Who the store is: made once for a folder, in the head of every file, so that files of two stores are never mixed.
/// </summary>
internal readonly record struct StoreIdentity(ulong ClusterId, ulong MemberId);

internal enum StoreFileKind
{
    /// <summary>Frames of batches; the header's sequence is that of the first.</summary>
    Segment,

    /// <summary>The whole store; the header's sequence is that of the last frame of the log that is in it.</summary>
    Checkpoint,
}

/// <summary>
/// The first 48 bytes of a file: 8 bytes magic, cluster, member and sequence of 8 bytes each, 4 bytes CRC-32C, zeros.
/// Its name is the sequence in 20 digits with the kind behind it, so that names sort as the log runs.
/// </summary>
internal readonly record struct FileHeader(StoreFileKind Kind, StoreIdentity Identity, ulong Sequence)
{
    public const int Bytes = 48;

    private const int ChecksumAt = 32;
    private static readonly byte[] SegmentMagic = "MSTLOG\x00\x01"u8.ToArray();
    private static readonly byte[] CheckpointMagic = "MSTCKP\x00\x01"u8.ToArray();

    public string Name => NameOf(Kind, Sequence);

    public static string NameOf(StoreFileKind kind, ulong sequence) =>
        sequence.ToString("D20", CultureInfo.InvariantCulture) + SuffixOf(kind);

    /// <summary>The sequence that a name of this kind tells; null for other names.</summary>
    public static ulong? SequenceOf(StoreFileKind kind, string name) =>
        name.EndsWith(SuffixOf(kind), StringComparison.Ordinal)
        && ulong.TryParse(name[..^SuffixOf(kind).Length], CultureInfo.InvariantCulture, out var sequence)
            ? sequence
            : null;

    public byte[] ToBytes()
    {
        var bytes = new byte[Bytes];
        (Kind == StoreFileKind.Segment ? SegmentMagic : CheckpointMagic).CopyTo(bytes, 0);
        BinaryPrimitives.WriteUInt64LittleEndian(bytes.AsSpan(8), Identity.ClusterId);
        BinaryPrimitives.WriteUInt64LittleEndian(bytes.AsSpan(16), Identity.MemberId);
        BinaryPrimitives.WriteUInt64LittleEndian(bytes.AsSpan(24), Sequence);
        BinaryPrimitives.WriteUInt32LittleEndian(
            bytes.AsSpan(ChecksumAt), Crc32C.Update(Crc32C.Start, bytes.AsSpan(0, ChecksumAt)));
        return bytes;
    }

    /// <summary>The header that these bytes are; null where they are none.</summary>
    public static FileHeader? Parse(StoreFileKind kind, ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length < Bytes
            || !bytes.StartsWith(kind == StoreFileKind.Segment ? SegmentMagic : CheckpointMagic)
            || BinaryPrimitives.ReadUInt32LittleEndian(bytes[ChecksumAt..])
                != Crc32C.Update(Crc32C.Start, bytes[..ChecksumAt]))
        {
            return null;
        }

        var identity = new StoreIdentity(
            BinaryPrimitives.ReadUInt64LittleEndian(bytes[8..]), BinaryPrimitives.ReadUInt64LittleEndian(bytes[16..]));
        return new FileHeader(kind, identity, BinaryPrimitives.ReadUInt64LittleEndian(bytes[24..]));
    }

    private static string SuffixOf(StoreFileKind kind) => kind == StoreFileKind.Segment ? ".log" : ".checkpoint";
}
