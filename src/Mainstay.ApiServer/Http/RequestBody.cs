using System.Buffers;
using System.Text;
using Mainstay.ApiServer.Storage;
using Mainstay.Kube;
using Microsoft.AspNetCore.Http;

namespace Mainstay.ApiServer.Http;

/// <summary>The body of a request, whole and bounded.</summary>
internal static class RequestBody
{
    private const string Yaml = "application/yaml";

    /// <summary>The body as JSON, whether it came as JSON or YAML; empty when there is none.</summary>
    public static async Task<byte[]> ReadJsonAsync(HttpRequest request, CancellationToken cancellationToken)
    {
        var type = MediaType(request);
        if (type == ProtobufBody.MediaType)
        {
            return ProtobufBody.ToJson(await ReadAsync(request, cancellationToken));
        }

        if (type is not ("" or "*/*" or Negotiation.Json or Yaml))
        {
            throw new RefusedException(KubeStatus.UnsupportedMediaType($"{Negotiation.Json}, {Yaml}"));
        }

        var bytes = await ReadAsync(request, cancellationToken);
        if (type != Yaml)
        {
            return bytes;
        }

        try
        {
            var document = Kube.Yaml.ParseSingle(Encoding.UTF8.GetString(bytes));
            return document is null ? [] : JsonTree.ToUtf8(document);
        }
        catch (YamlFormatException e)
        {
            throw new RefusedException(KubeStatus.BadRequest($"error converting YAML to JSON: {e.Message}"));
        }
    }

    public static async Task<byte[]> ReadAsync(HttpRequest request, CancellationToken cancellationToken)
    {
        if (request.ContentLength > Limits.BodyBytesMax)
        {
            throw new RefusedException(KubeStatus.BodyTooLarge(Limits.BodyBytesMax));
        }

        var reader = request.BodyReader;
        while (true)
        {
            var read = await reader.ReadAsync(cancellationToken);
            if (read.Buffer.Length > Limits.BodyBytesMax)
            {
                throw new RefusedException(KubeStatus.BodyTooLarge(Limits.BodyBytesMax));
            }

            if (read.IsCompleted)
            {
                var bytes = read.Buffer.ToArray();
                reader.AdvanceTo(read.Buffer.End);
                return bytes;
            }

            reader.AdvanceTo(read.Buffer.Start, read.Buffer.End);
        }
    }

    /// <summary>The media type without its parameters, in lower case.</summary>
    public static string MediaType(HttpRequest request)
    {
        var type = request.ContentType ?? "";
        var end = type.IndexOf(';', StringComparison.Ordinal);
        return (end < 0 ? type : type[..end]).Trim().ToLowerInvariant();
    }
}
