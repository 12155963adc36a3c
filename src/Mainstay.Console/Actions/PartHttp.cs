using System.Text.Json;

namespace Mainstay.ConsoleSite.Actions;

/// <summary>
/// Asks the platform's parts over plain HTTP: every question with a deadline and a bound, a failure as words. Thread
/// safe.
/// </summary>
public sealed class PartHttp : IDisposable
{
    /// <summary>Bytes of one answer: 1,000 services have well under 4 MiB.</summary>
    public const int AnswerBytesMax = 16 * 1024 * 1024;

    public static readonly TimeSpan Deadline = TimeSpan.FromSeconds(3);

    private readonly TimeProvider _time;
    private readonly HttpClient _client;

    public PartHttp(TimeProvider time)
    {
        _time = time;
        var handler = new SocketsHttpHandler { UseProxy = false, AllowAutoRedirect = false, UseCookies = false };
        _client = new HttpClient(handler)
        {
            Timeout = Timeout.InfiniteTimeSpan,
            MaxResponseContentBufferSize = AnswerBytesMax,
        };
    }

    public Task<PartAnswer> GetAsync(Uri address, CancellationToken cancellationToken) =>
        AskAsync(HttpMethod.Get, address, Deadline, cancellationToken);

    /// <summary>Never throws for the world.</summary>
    public async Task<PartAnswer> AskAsync(
        HttpMethod method, Uri address, TimeSpan within, CancellationToken cancellationToken)
    {
        using var deadline = new CancellationTokenSource(within, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);
        try
        {
            using var request = new HttpRequestMessage(method, address);
            using var response = await _client.SendAsync(request, either.Token);
            var body = await response.Content.ReadAsByteArrayAsync(either.Token);
            return new PartAnswer((int)response.StatusCode, body, "");
        }
        catch (HttpRequestException fault)
        {
            return new PartAnswer(0, [], fault.Message);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return new PartAnswer(0, [], $"no answer within {within.TotalSeconds:0} s");
        }
    }

    public void Dispose() => _client.Dispose();
}

/// <param name="Status">of HTTP; 0 where there was no answer</param>
/// <param name="Fault">why there was none; empty where there was</param>
public sealed record PartAnswer(int Status, byte[] Body, string Fault)
{
    public bool Succeeded => Status is >= 200 and < 300;

    /// <summary>There is such a part, and it does not know the question.</summary>
    public bool IsUnknown => Status == 404;

    /// <summary>Why it is no success, in words.</summary>
    public string Why => Status == 0 ? Fault : $"it answers {Status}";

    /// <summary>The body as JSON; null where it is none.</summary>
    public JsonDocument? Json()
    {
        try
        {
            return Succeeded ? JsonDocument.Parse(Body) : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
