using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Mainstay.ApiServer.Storage;

/// <summary>Between an object's bytes and its tree.</summary>
internal static class JsonTree
{
    private static readonly JsonWriterOptions WriterOptions = new()
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, MaxDepth = 256,
    };

    private static readonly JsonDocumentOptions ReaderOptions = new() { MaxDepth = 128 };

    public static JsonObject Parse(ReadOnlySpan<byte> json) =>
        JsonNode.Parse(json, null, ReaderOptions) as JsonObject
        ?? throw new JsonException("the document is not an object");

    public static byte[] ToUtf8(JsonNode tree)
    {
        using var buffer = new MemoryStream();
        using (var writer = new Utf8JsonWriter(buffer, WriterOptions))
        {
            tree.WriteTo(writer);
        }

        return buffer.ToArray();
    }

    public static JsonObject Clone(JsonObject tree) => tree.DeepClone().AsObject();

    /// <summary>Puts a copy of the source's field into the target; removes it where the source has none.</summary>
    public static void Copy(JsonObject source, JsonObject target, string name)
    {
        if (source[name] is { } value)
        {
            target[name] = value.DeepClone();
        }
        else
        {
            target.Remove(name);
        }
    }

    /// <summary>A revision as resourceVersion writes it.</summary>
    public static string Number(long revision) => revision.ToString(CultureInfo.InvariantCulture);
}
