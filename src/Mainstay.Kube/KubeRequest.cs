using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;

namespace Mainstay.Kube;

/// <summary>One request to an API server.</summary>
/// <param name="Method">the verb</param>
/// <param name="Path">path and query, such as <c>/api/v1/pods?limit=1</c></param>
public sealed record KubeRequest(HttpMethod Method, string Path)
{
    public const string Json = "application/json";
    public const string MergePatch = "application/merge-patch+json";
    public const string StrategicMergePatch = "application/strategic-merge-patch+json";
    public const string JsonPatch = "application/json-patch+json";

    public JsonNode? Body { get; init; }
    public string ContentType { get; init; } = Json;
    public string Accept { get; init; } = Json;

    /// <summary>A longer answer is an <see cref="HttpRequestException"/>; streams are not bound by it.</summary>
    public int AnswerBytesMax { get; init; } = Limits.AnswerBytesMax;

    /// <summary>Which of the servers to ask; null asks the one in use.</summary>
    public Uri? Server { get; init; }

    /// <summary>From sending to the last byte of the answer; null takes the deadline of the options.</summary>
    public TimeSpan? Timeout { get; init; }

    internal HttpRequestMessage ToMessage(Uri server, string userAgent)
    {
        // A server may stand below a path (a gateway); what we ask for goes behind it.
        var address = new Uri(server.AbsoluteUri.TrimEnd('/') + Path);
        var message = new HttpRequestMessage(Method, address);
        message.Headers.TryAddWithoutValidation("Accept", Accept);
        message.Headers.TryAddWithoutValidation("User-Agent", userAgent);
        if (Body is not null)
        {
            message.Content = new ByteArrayContent(Encoding.UTF8.GetBytes(Body.ToJsonString()));
            message.Content.Headers.ContentType = new MediaTypeHeaderValue(ContentType);
        }
        return message;
    }
}
