using System.Globalization;
using System.Text.Json.Nodes;
using Google.Protobuf;
using Mainstay.ApiServer.Schema;
using Mainstay.ApiServer.Storage;

namespace Mainstay.ApiServer.Http;

/// <summary>
/// The few objects that kubectl makes from flags (<c>create configmap</c>, <c>create namespace</c>) and that it sends
/// as protobuf from version 1.32 on: the envelope <c>k8s\0</c>, apiVersion and kind, then the object by the numbers of
/// <see cref="ProtobufTables"/>. A field with a value and a number that the table does not know refuses the whole body
/// with 415: nothing a client said is ever dropped silently.
/// </summary>
internal static class ProtobufBody
{
    public const string MediaType = "application/vnd.kubernetes.protobuf";

    private static ReadOnlySpan<byte> Magic => "k8s\0"u8;

    public static byte[] ToJson(ReadOnlySpan<byte> body)
    {
        if (body.IsEmpty)
        {
            return [];
        }

        if (!body.StartsWith(Magic))
        {
            throw Unsupported("it does not begin with k8s and a zero byte");
        }

        try
        {
            var envelope = Read(ProtobufTables.Envelope, ByteString.CopyFrom(body[Magic.Length..]), "");
            var kind = envelope.TextIn("typeMeta", "kind");
            if (!ProtobufTables.ByKind.TryGetValue(kind, out var table)
                || envelope.TextIn("contentEncoding").Length > 0)
            {
                throw Unsupported($"{kind} is read as JSON or YAML only");
            }

            var raw = Convert.FromBase64String(envelope.TextIn("raw"));
            var tree = Read(table, ByteString.CopyFrom(raw), kind);
            tree["apiVersion"] = envelope.TextIn("typeMeta", "apiVersion");
            tree["kind"] = kind;
            return JsonTree.ToUtf8(tree);
        }
        catch (InvalidProtocolBufferException e)
        {
            throw new RefusedException(KubeStatus.BadRequest($"the body is broken protobuf: {e.Message}"));
        }
    }

    private static JsonObject Read(ProtobufTable table, ByteString bytes, string path)
    {
        var tree = new JsonObject();
        var input = bytes.CreateCodedInput();
        while (input.ReadTag() is var tag and not 0)
        {
            var number = WireFormat.GetTagFieldNumber(tag);
            var isText = WireFormat.GetTagWireType(tag) switch
            {
                WireFormat.WireType.LengthDelimited => true,
                WireFormat.WireType.Varint => false,
                _ => throw Unsupported($"{path} has a field {number} of a wire type that Kubernetes does not use"),
            };
            var content = isText ? input.ReadBytes() : ByteString.Empty;
            var whole = isText ? 0 : input.ReadInt64();
            var isZero = isText ? content.IsEmpty : whole == 0;
            if (table.Fields.TryGetValue(number, out var field) && field.IsText == isText)
            {
                if (!isZero || field.MeansZero)
                {
                    Put(tree, field, new WireValue(content, whole), path);
                }
            }
            else if (!isZero && number != table.Ignored)
            {
                throw Unsupported($"{path} has a field with number {number}, which is read as JSON or YAML only");
            }
        }

        return tree;
    }

    private static void Put(JsonObject tree, ProtobufField field, WireValue value, string path)
    {
        var here = $"{path}.{field.Name}";
        switch (field.Kind)
        {
            case ProtobufKind.Text:
                tree[field.Name] = value.Bytes.ToStringUtf8();
                break;
            case ProtobufKind.Bytes:
                tree[field.Name] = value.Bytes.ToBase64();
                break;
            case ProtobufKind.Whole:
                tree[field.Name] = value.Whole;
                break;
            case ProtobufKind.Flag:
                tree[field.Name] = value.Whole != 0;
                break;
            case ProtobufKind.Texts:
                Items(tree, field.Name).Add(JsonValue.Create(value.Bytes.ToStringUtf8()));
                break;
            case ProtobufKind.Object when Read(field.Table, value.Bytes, here) is { Count: > 0 } inside:
                tree[field.Name] = inside;
                break;
            case ProtobufKind.Objects:
                Items(tree, field.Name).Add((JsonNode)Read(field.Table, value.Bytes, here));
                break;
            case ProtobufKind.TextMap or ProtobufKind.BytesMap:
                var pair = Read(ProtobufTables.PairOf(field.Kind), value.Bytes, here);
                tree.Ensure(field.Name)[pair.TextIn("key")] = pair.TextIn("value");
                break;
            case ProtobufKind.IntOrString:
                var union = Read(ProtobufTables.IntOrString, value.Bytes, here);
                tree[field.Name] = union.NumberAt("type") == 1
                    ? union.TextIn("text")
                    : union.NumberAt("number") ?? 0;
                break;
        }
    }

    private static JsonArray Items(JsonObject tree, string name)
    {
        if (tree[name] is not JsonArray items)
        {
            items = [];
            tree[name] = items;
        }

        return items;
    }

    private static RefusedException Unsupported(string why) => new(KubeStatus.UnsupportedMediaType(
        string.Create(CultureInfo.InvariantCulture, $"application/json, application/yaml ({why})")));

    private readonly record struct WireValue(ByteString Bytes, long Whole);
}
