using System.Buffers;
using System.Globalization;
using System.IO.Compression;
using System.Text;
using System.Text.Json.Nodes;
using Mainstay.ApiServer.Printing;
using Mainstay.ApiServer.Registry;
using Mainstay.ApiServer.Storage;
using Microsoft.AspNetCore.Http;

namespace Mainstay.ApiServer.Http;

/// <summary>What a list says of itself.</summary>
internal readonly record struct ListMeta(long Revision, string Continue, long? RemainingCount)
{
    public JsonObject ToTree()
    {
        var metadata = new JsonObject { ["resourceVersion"] = JsonTree.Number(Revision) };
        if (Continue.Length > 0)
        {
            metadata["continue"] = Continue;
        }

        if (RemainingCount is > 0)
        {
            metadata["remainingItemCount"] = RemainingCount;
        }

        return metadata;
    }
}

/// <summary>Writes objects, lists and refusals in the shape the client asked for.</summary>
internal sealed class ObjectResponse(TableRenderer tables)
{
    public Task WriteAsync(ApiRequest request, StoredObject one, int code = StatusCodes.Status200OK) =>
        WriteJsonAsync(request.Http, code, Shaped(request, one));

    public Task WriteListAsync(ApiRequest request, IReadOnlyList<StoredObject> objects, ListMeta meta) =>
        WriteJsonAsync(request.Http, StatusCodes.Status200OK, ShapedList(request, objects, meta));

    public static Task WriteStatusAsync(HttpContext http, KubeStatus status)
    {
        if (status.Details is { RetryAfterSeconds: > 0 and var seconds })
        {
            http.Response.Headers.RetryAfter = seconds.ToString(CultureInfo.InvariantCulture);
        }

        return WriteJsonAsync(http, status.Code, status.ToJson());
    }

    public static Task WriteTreeAsync(HttpContext http, int code, JsonNode tree) =>
        WriteJsonAsync(http, code, JsonTree.ToUtf8(tree));

    public static async Task WriteJsonAsync(HttpContext http, int code, ReadOnlyMemory<byte> json)
    {
        var response = http.Response;
        response.StatusCode = code;
        response.ContentType = Negotiation.Json;
        response.Headers.CacheControl = "no-cache, private";
        if (HttpMethods.IsHead(http.Request.Method))
        {
            return;
        }

        if (json.Length >= Limits.GzipBytesMin && AcceptsGzip(http.Request))
        {
            response.Headers.ContentEncoding = "gzip";
            response.Headers.Vary = "Accept-Encoding";
            await using var gzip = new GZipStream(response.Body, CompressionLevel.Fastest, leaveOpen: true);
            await gzip.WriteAsync(json, http.RequestAborted);
            return;
        }

        response.ContentLength = json.Length;
        await response.BodyWriter.WriteAsync(json, http.RequestAborted);
    }

    /// <summary>The object as one watch event carries it, or a GET answers it.</summary>
    public ReadOnlyMemory<byte> Shaped(ApiRequest request, StoredObject one) =>
        Negotiation.Shape(request.Http.Request.Headers.Accept) switch
        {
            ObjectShape.Table => JsonTree.ToUtf8(Table(request, [one], new ListMeta(one.Revision, "", null))),
            ObjectShape.PartialMetadata => JsonTree.ToUtf8(TableRenderer.MetadataOf(one.ToTree())),
            _ => one.Json,
        };

    private JsonObject Table(ApiRequest request, IReadOnlyList<StoredObject> objects, ListMeta meta) =>
        tables.Render(request.Type, objects.Select(one => one.ToTree()), meta.ToTree(), IncludedOf(request));

    private ReadOnlyMemory<byte> ShapedList(ApiRequest request, IReadOnlyList<StoredObject> objects, ListMeta meta)
    {
        switch (Negotiation.Shape(request.Http.Request.Headers.Accept))
        {
            case ObjectShape.Table:
                return JsonTree.ToUtf8(Table(request, objects, meta));
            case ObjectShape.PartialMetadata:
                var items = objects.Select(one => (ReadOnlyMemory<byte>)JsonTree.ToUtf8(
                    TableRenderer.MetadataOf(one.ToTree())));
                return Join("PartialObjectMetadataList", "meta.k8s.io/v1", meta, items);
            default:
                return Join(
                    request.Type.ListKind, request.Type.GroupVersion, meta, objects.Select(one => one.Json));
        }
    }

    // The items are bytes already; a list of thousands is put together without looking into them.
    private static ReadOnlyMemory<byte> Join(
        string kind, string groupVersion, ListMeta meta, IEnumerable<ReadOnlyMemory<byte>> items)
    {
        var list = new ArrayBufferWriter<byte>(64 * 1024);
        Encoding.UTF8.GetBytes(
            $"{{\"kind\":\"{kind}\",\"apiVersion\":\"{groupVersion}\",\"metadata\":{meta.ToTree().ToJsonString()}"
            + ",\"items\":[",
            list);
        var first = true;
        foreach (var item in items)
        {
            if (!first)
            {
                list.Write(","u8);
            }

            first = false;
            list.Write(item.Span);
        }

        list.Write("]}"u8);
        return list.WrittenMemory;
    }

    private static IncludedObject IncludedOf(ApiRequest request) =>
        request.Http.Request.Query["includeObject"].ToString() switch
        {
            "None" => IncludedObject.None,
            "Object" => IncludedObject.Object,
            _ => IncludedObject.Metadata,
        };

    private static bool AcceptsGzip(HttpRequest request) =>
        MediaRange.ParseAll(request.Headers.AcceptEncoding).Any(range => range is { Type: "gzip", Quality: > 0 });
}
