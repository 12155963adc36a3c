using System.Buffers.Binary;
using System.Numerics;

namespace Mainstay.Store.Log;

/// <summary>
/// The unit that is written and synced at once: 4 bytes length of the payload, 4 bytes CRC-32C of all that follows
/// and of the length, 8 bytes sequence number, payload; little endian. A frame is begun only when the one before it
/// is on the disk, so a frame that does not check and has none behind it is one that a crash cut off; with one behind
/// it, the disk has lost data.
/// </summary>
internal static class Frame
{
    public const int HeaderBytes = 16;

    /// <summary>Fills in the header in front of a payload that stands in place.</summary>
    public static void Seal(Span<byte> frame, ulong sequence)
    {
        BinaryPrimitives.WriteInt32LittleEndian(frame, frame.Length - HeaderBytes);
        BinaryPrimitives.WriteUInt64LittleEndian(frame[8..], sequence);
        BinaryPrimitives.WriteUInt32LittleEndian(frame[4..], Checksum(frame));
    }

    public static bool Checks(ReadOnlySpan<byte> frame) =>
        BinaryPrimitives.ReadUInt32LittleEndian(frame[4..]) == Checksum(frame);

    public static int PayloadLength(ReadOnlySpan<byte> header) => BinaryPrimitives.ReadInt32LittleEndian(header);

    public static ulong Sequence(ReadOnlySpan<byte> header) => BinaryPrimitives.ReadUInt64LittleEndian(header[8..]);

    private static uint Checksum(ReadOnlySpan<byte> frame) =>
        Crc32C.Update(Crc32C.Update(Crc32C.Start, frame[..4]), frame[8..]) ^ Crc32C.Start;
}

/// <summary>CRC-32C by the processor's own instruction where it has one.</summary>
internal static class Crc32C
{
    public const uint Start = 0xffff_ffff;

    public static uint Update(uint crc, ReadOnlySpan<byte> bytes)
    {
        while (bytes.Length >= 8)
        {
            crc = BitOperations.Crc32C(crc, BinaryPrimitives.ReadUInt64LittleEndian(bytes));
            bytes = bytes[8..];
        }

        foreach (var one in bytes)
        {
            crc = BitOperations.Crc32C(crc, one);
        }

        return crc;
    }
}
