using Mainstay.ApiServer.OpenApi;
using Microsoft.AspNetCore.Http;

namespace Mainstay.ApiServer.Http;

/// <summary>
/// /openapi/v2 as JSON or protobuf, /openapi/v3 and its documents per group and version. A document asked for by its
/// hash never changes and may be kept for ever.
/// </summary>
internal static class OpenApiEndpoint
{
    private const string GnosticProtobuf = "application/com.github.proto-openapi.spec.v2.v1.0+protobuf";

    public static async Task AnswerAsync(HttpContext http, RequestInfo info)
    {
        switch (info.Segments)
        {
            case ["openapi", "v2"]:
                await WriteV2Async(http);
                return;
            case ["openapi", "v3"]:
                await ObjectResponse.WriteJsonAsync(http, StatusCodes.Status200OK, OpenApiV3.Index);
                return;
            case ["openapi", "v3", .. var path] when OpenApiV3.Find(string.Join('/', path)) is { } document:
                await WriteV3Async(http, document);
                return;
        }

        throw new RefusedException(KubeStatus.NoSuchPath());
    }

    private static async Task WriteV2Async(HttpContext http)
    {
        foreach (var range in MediaRange.ParseAll(http.Request.Headers.Accept))
        {
            // the dot spelling is the answer to both: the at sign is no part of a media type, and clients refuse it
            if (range.Type is OpenApiV2.ProtobufMediaType or GnosticProtobuf)
            {
                await WriteAsync(http, GnosticProtobuf, OpenApiV2.Protobuf);
                return;
            }

            if (Negotiation.IsJson(range))
            {
                break;
            }
        }

        await WriteAsync(http, Negotiation.Json, OpenApiV2.Json);
    }

    private static async Task WriteV3Async(HttpContext http, Served document)
    {
        var asked = http.Request.Query["hash"].ToString();
        if (asked.Length > 0 && asked != document.Hash)
        {
            http.Response.StatusCode = StatusCodes.Status301MovedPermanently;
            http.Response.Headers.Location = $"{http.Request.Path}?hash={document.Hash}";
            return;
        }

        var etag = $"\"{document.Hash}\"";
        http.Response.Headers.ETag = etag;
        http.Response.Headers.CacheControl = asked.Length > 0 ? "public, immutable" : "no-cache, private";
        if (asked.Length > 0)
        {
            http.Response.Headers.Expires = "Thu, 31 Dec 2099 23:59:59 GMT";
        }

        if (http.Request.Headers.IfNoneMatch == etag)
        {
            http.Response.StatusCode = StatusCodes.Status304NotModified;
            return;
        }

        await WriteAsync(http, Negotiation.Json, document.Json);
    }

    private static async Task WriteAsync(HttpContext http, string type, ReadOnlyMemory<byte> document)
    {
        http.Response.ContentType = type;
        http.Response.Headers.Vary = "Accept";
        http.Response.ContentLength = document.Length;
        if (!HttpMethods.IsHead(http.Request.Method))
        {
            await http.Response.BodyWriter.WriteAsync(document, http.RequestAborted);
        }
    }
}
