using System.Net;
using System.Text.Json;

namespace Mainstay.Kube;

/// <summary>The API server answered, and the answer is no success: its <c>Status</c> object, as far as it sent
/// one.</summary>
public sealed class KubeStatusException : Exception
{
    private const int BodyBytesMax = 64 * 1024;
    private const string TooLarge = "Too large resource version";

    public KubeStatusException(HttpStatusCode code, string reason, string message)
        : base(message)
    {
        Code = code;
        Reason = reason;
    }

    public HttpStatusCode Code { get; }

    /// <summary>The machine-readable word, such as <c>NotFound</c>, <c>AlreadyExists</c> or <c>Conflict</c>; may be
    /// empty.</summary>
    public string Reason { get; }

    /// <summary>How long the server asks to wait.</summary>
    public TimeSpan? RetryAfter { get; init; }

    public bool IsNotFound => Code == HttpStatusCode.NotFound;

    public bool IsAlreadyExists => Code == HttpStatusCode.Conflict && Reason == "AlreadyExists";

    public bool IsConflict => Code == HttpStatusCode.Conflict && Reason != "AlreadyExists";

    /// <summary>The revision asked for is no longer (410), or not yet (504 too large), known: list again.</summary>
    public bool IsRevisionLost => Code == HttpStatusCode.Gone || Reason is "Expired" or "Gone"
        || (Code == HttpStatusCode.GatewayTimeout && Message.Contains(TooLarge, StringComparison.Ordinal));

    /// <summary>From a <c>Status</c> object, such as the one in an ERROR event of a watch.</summary>
    public static KubeStatusException Of(JsonElement status)
    {
        var code = status.Number("code") ?? (long)HttpStatusCode.InternalServerError;
        return new KubeStatusException((HttpStatusCode)code, status.Text("reason"), status.Text("message"));
    }

    internal static async Task<KubeStatusException> ReadAsync(
        KubeRequest request, HttpResponseMessage response, CancellationToken cancellationToken)
    {
        var (reason, message) = ("", "");
        try
        {
            await response.Content.LoadIntoBufferAsync(BodyBytesMax, cancellationToken);
            var body = await response.Content.ReadAsStreamAsync(cancellationToken);
            using var document = await JsonDocument.ParseAsync(body, default, cancellationToken);
            (reason, message) = (document.RootElement.Text("reason"), document.RootElement.Text("message"));
        }
        catch (Exception fault) when (fault
            is JsonException or HttpRequestException or IOException or MalformedObjectException)
        {
            message = "the answer is no Status object";
        }
        return new KubeStatusException(response.StatusCode, reason,
            $"{request.Method} {request.Path}: {(int)response.StatusCode} {reason}: {message}")
        {
            RetryAfter = response.Headers.RetryAfter?.Delta,
        };
    }
}
