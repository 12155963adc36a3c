using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Bank.Shared;

/// <summary>
/// Calls another service by its logical name, through the router. Each try has a timeout. What failed without a verdict
/// (no connection, 502, 503, 504, timeout) is tried again: every call of the bank may be repeated, as a payment carries
/// its id. A refusal (4xx) is passed on as it came; anything else becomes 502, 503 or 504 that names the service.
/// traceparent goes along, by the activity that the server opened for the incoming request. Thread safe.
/// </summary>
internal sealed class RouterClient(HttpMessageHandler handler, ServiceSeams seams) : IDisposable
{
    private static readonly MediaTypeHeaderValue Json = new("application/json");

    private readonly HttpClient _http = new(handler) { Timeout = Timeout.InfiniteTimeSpan };

    public async Task<Answer<T>> SendAsync<T>(Call<T> call, CancellationToken cancellationToken)
        where T : class
    {
        for (var attempt = 1; ; attempt++)
        {
            var answer = await TryAsync(call, cancellationToken);
            if (attempt >= call.Tries || answer.Problem is not { Status: 502 or 503 or 504 } problem
                || problem.Type == AnsweredFault)
            {
                return answer;
            }

            // 25 to 50 ms, then 50 to 100 ms: spread, so that callers do not come back in step.
            var pause = TimeSpan.FromMilliseconds(25 * attempt * (1 + seams.Chance.NextDouble()));
            await Task.Delay(pause, seams.Time, cancellationToken);
        }
    }

    public void Dispose() => _http.Dispose();

    /// <summary>The service itself said 500: it had the request, and would most likely fail again.</summary>
    private const string AnsweredFault = "service-failed";

    private async Task<Answer<T>> TryAsync<T>(Call<T> call, CancellationToken cancellationToken)
        where T : class
    {
        using var deadline = new CancellationTokenSource(call.TryTimeout, seams.Time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);
        using var request = new HttpRequestMessage(call.Method, $"http://{call.Service}{call.Path}");
        if (call.Body is { } body)
        {
            request.Content = new ByteArrayContent(body) { Headers = { ContentType = Json } };
        }

        if (call.IdempotencyKey is { } key)
        {
            request.Headers.TryAddWithoutValidation("Idempotency-Key", key);
        }

        try
        {
            using var response = await _http.SendAsync(request, HttpCompletionOption.ResponseContentRead, either.Token);
            var bytes = await response.Content.ReadAsByteArrayAsync(either.Token);
            return response.IsSuccessStatusCode
                ? JsonSerializer.Deserialize(bytes, call.Answer) is { } value
                    ? value
                    : new Problem("bad-answer", 502, $"{call.Service} answered null", Service: call.Service)
                : Refusal(call.Service, response.StatusCode, bytes);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            var detail = $"{call.Service} did not answer within {call.TryTimeout.TotalMilliseconds:F0} ms";
            return new Problem("service-slow", 504, detail, Service: call.Service);
        }
        catch (HttpRequestException fault)
        {
            return new Problem("service-unreachable", 503, $"{call.Service}: {fault.Message}", Service: call.Service);
        }
        catch (JsonException fault)
        {
            var detail = $"{call.Service} answered no valid JSON: {fault.Message}";
            return new Problem("bad-answer", 502, detail, Service: call.Service);
        }
    }

    private static Problem Refusal(string service, HttpStatusCode status, byte[] body)
    {
        var told = ReadProblem(body);
        return (int)status switch
        {
            >= 400 and < 500 and not 408 and not 429 when told is not null =>
                told with { Status = (int)status, Service = told.Service ?? service },
            502 or 503 or 504 or 408 or 429 =>
                new Problem("service-unavailable", 503, Why(), Service: told?.Service ?? service),
            _ => new Problem(AnsweredFault, 502, Why(), Service: told?.Service ?? service),
        };

        string Why() => told is null
            ? $"{service} answered {(int)status}"
            : $"{service} answered {(int)status}: {told.Detail}";
    }

    private static Problem? ReadProblem(byte[] body)
    {
        try
        {
            return body.Length == 0 ? null : JsonSerializer.Deserialize(body, BankJson.Default.Problem);
        }
        catch (JsonException)
        {
            // A router or a broken service may answer anything; the status alone then tells the story.
            return null;
        }
    }
}

/// <summary>One call to another service.</summary>
/// <param name="Service">the logical name, such as "ledger"</param>
/// <param name="Path">path and query, beginning with /</param>
internal sealed record Call<T>(HttpMethod Method, string Service, string Path, JsonTypeInfo<T> Answer)
    where T : class
{
    public byte[]? Body { get; init; }

    /// <summary>The id under which repeating it does no harm; a router between may then repeat it too.</summary>
    public string? IdempotencyKey { get; init; }

    public int Tries { get; init; } = 2;

    public TimeSpan TryTimeout { get; init; } = TimeSpan.FromSeconds(1);

    public static Call<T> Get(string service, string path, JsonTypeInfo<T> answer) =>
        new(HttpMethod.Get, service, path, answer);

    public static Call<T> Post<TBody>(string url, TBody body, Wire<TBody, T> wire)
    {
        var slash = url.IndexOf('/', StringComparison.Ordinal);
        return new Call<T>(HttpMethod.Post, url[..slash], url[slash..], wire.Answer)
        {
            Body = JsonSerializer.SerializeToUtf8Bytes(body, wire.Body),
        };
    }
}

/// <summary>The bodies and answers that services exchange.</summary>
internal static class Wires
{
    public static readonly Wire<Booking, Receipt> Booking = new(BankJson.Default.Booking, BankJson.Default.Receipt);
    public static readonly Wire<PaymentRequest, Receipt> Payment =
        new(BankJson.Default.PaymentRequest, BankJson.Default.Receipt);
    public static readonly Wire<CardPaymentRequest, Receipt> CardPayment =
        new(BankJson.Default.CardPaymentRequest, BankJson.Default.Receipt);
    public static readonly Wire<TopUpRequest, Receipt> TopUp =
        new(BankJson.Default.TopUpRequest, BankJson.Default.Receipt);
    public static readonly Wire<FeedNudge, Accepted> Nudge = new(BankJson.Default.FeedNudge, BankJson.Default.Accepted);
}
