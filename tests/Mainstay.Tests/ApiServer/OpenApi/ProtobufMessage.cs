using System.Text;

namespace Mainstay.Tests.ApiServer.OpenApi;

/// <summary>A protobuf message read without its schema: what was written as field N.</summary>
internal sealed class ProtobufMessage
{
    private readonly List<(int Field, ReadOnlyMemory<byte> Bytes)> _fields = [];

    public static ProtobufMessage Parse(ReadOnlyMemory<byte> bytes)
    {
        var message = new ProtobufMessage();
        var at = 0;
        while (at < bytes.Length)
        {
            var tag = Varint(bytes.Span, ref at);
            var wireType = tag & 7;
            Assert.True(wireType is 0 or 2, $"wire type {wireType} at {at}");
            var length = Varint(bytes.Span, ref at);
            if (wireType == 2)
            {
                message._fields.Add(((int)(tag >> 3), bytes.Slice(at, (int)length)));
                at += (int)length;
            }
        }

        return message;
    }

    public IEnumerable<ProtobufMessage> Messages(int field) =>
        _fields.Where(one => one.Field == field).Select(one => Parse(one.Bytes));

    public ProtobufMessage Message(int field) => Messages(field).Single();

    public string Text(int field) => Encoding.UTF8.GetString(_fields.Single(one => one.Field == field).Bytes.Span);

    private static uint Varint(ReadOnlySpan<byte> bytes, ref int at)
    {
        uint value = 0;
        for (var shift = 0; ; shift += 7)
        {
            var part = bytes[at++];
            value |= (uint)(part & 0x7f) << shift;
            if (part < 0x80)
            {
                return value;
            }
        }
    }
}
