using System.Buffers;
using System.Text;

namespace Mainstay.ApiServer.OpenApi;

/// <summary>The wire format of protocol buffers, as far as one document needs it. Not thread safe.</summary>
internal sealed class ProtobufWriter
{
    private const int LengthDelimited = 2;

    private readonly ArrayBufferWriter<byte> _bytes = new();

    public byte[] ToArray() => _bytes.WrittenSpan.ToArray();

    /// <summary>Nothing is written for "": it is what an absent string reads as.</summary>
    public void Text(int field, string? value)
    {
        if (!string.IsNullOrEmpty(value))
        {
            Bytes(field, Encoding.UTF8.GetBytes(value));
        }
    }

    public void Flag(int field, bool value)
    {
        if (value)
        {
            Varint(((uint)field << 3) | 0);
            Varint(1);
        }
    }

    /// <summary>Written even when it is empty: an item of a list counts by being there.</summary>
    public void Message(int field, Action<ProtobufWriter> write)
    {
        var inside = new ProtobufWriter();
        write(inside);
        Bytes(field, inside.ToArray());
    }

    private void Bytes(int field, ReadOnlySpan<byte> value)
    {
        Varint(((uint)field << 3) | LengthDelimited);
        Varint((uint)value.Length);
        _bytes.Write(value);
    }

    private void Varint(uint value)
    {
        while (value >= 0x80)
        {
            _bytes.Write([(byte)(value | 0x80)]);
            value >>= 7;
        }

        _bytes.Write([(byte)value]);
    }
}
