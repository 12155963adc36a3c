using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using Mainstay.Kernel.Signals;
using Mainstay.Kube;

namespace Mainstay.ConsoleSite.Signals;

/// <summary>
/// Asks parts over HTTP: <c>/signals.json</c> of most, <c>/readyz</c> and <c>/signals.json</c> of API servers, only the
/// health of the store's members. Each answer takes <paramref name="deadline"/> at most and is bounded in size.
/// A part that has no <c>/signals.json</c> (404: a real kube-apiserver) has answered, and said nothing. Thread safe.
/// </summary>
public sealed class PartClient(TimeSpan deadline, TimeProvider time) : IPartSource, IDisposable
{
    private readonly HttpClient _http = new(new SocketsHttpHandler
    {
        UseProxy = false,
        AllowAutoRedirect = false,
        UseCookies = false,
        ConnectTimeout = deadline,
        PooledConnectionLifetime = Limits.PartConnectionLifetime,
    })
    {
        Timeout = Timeout.InfiniteTimeSpan,
        MaxResponseContentBufferSize = Limits.SignalsBytesMax,
    };

    private readonly ConcurrentDictionary<Uri, ApiLine> _apis = [];

    public async Task<PartAnswer> AskAsync(
        PlatformPart part, Kubeconfig? credentials, CancellationToken cancellationToken)
    {
        using var limit = new CancellationTokenSource(deadline, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        try
        {
            return part.Kind switch
            {
                PartKind.Api => await AskApiAsync(part, LineTo(part.Address, credentials), either.Token),
                PartKind.Store => await AskHealthAsync(part, either.Token),
                _ => await AskSignalsAsync(part, either.Token),
            };
        }
        catch (Exception fault) when (!cancellationToken.IsCancellationRequested && Outcome(fault) is { } outcome)
        {
            var detail = outcome == AnswerKind.Mute
                ? $"no answer within {deadline.TotalSeconds:0.#} s"
                : fault.GetBaseException().Message;
            return new PartAnswer(part, outcome, null, detail);
        }
    }

    public void Dispose()
    {
        _http.Dispose();
        foreach (var api in _apis.Values)
        {
            api.Http.Dispose();
        }
    }

    private async Task<PartAnswer> AskSignalsAsync(PlatformPart part, CancellationToken cancellationToken)
    {
        using var answer = await _http.GetAsync(new Uri(part.Address, "/signals.json"), cancellationToken);
        if (answer.StatusCode == HttpStatusCode.NotFound)
        {
            return new PartAnswer(part, AnswerKind.Garbled, null, "no /signals.json: another program listens there");
        }

        answer.EnsureSuccessStatusCode();
        var text = await answer.Content.ReadAsByteArrayAsync(cancellationToken);
        return new PartAnswer(part, AnswerKind.Answered, Sensible(SignalsJson.Read(text), part.Kind), "");
    }

    private async Task<PartAnswer> AskHealthAsync(PlatformPart part, CancellationToken cancellationToken)
    {
        // Real etcd answers /health with 200 or 503; our store answers it too.
        using var answer = await _http.GetAsync(new Uri(part.Address, "/health"), cancellationToken);
        return answer.IsSuccessStatusCode
            ? new PartAnswer(part, AnswerKind.Answered, null, "")
            : new PartAnswer(part, AnswerKind.NotReady, null, $"/health answers {(int)answer.StatusCode}");
    }

    private static async Task<PartAnswer> AskApiAsync(
        PlatformPart part, KubeHttp api, CancellationToken cancellationToken)
    {
        var ready = ReadyAsync(api, cancellationToken);
        var signals = SignalsOfAsync(api, cancellationToken);
        await Task.WhenAll(ready, signals);
        var (kind, detail) = await ready;
        var (report, why) = await signals;
        return kind == AnswerKind.Answered && why.Length > 0
            ? new PartAnswer(part, AnswerKind.Denied, null, why)
            : new PartAnswer(part, kind, report, detail);
    }

    private static async Task<(AnswerKind Kind, string Detail)> ReadyAsync(
        KubeHttp api, CancellationToken cancellationToken)
    {
        try
        {
            using var ready = await api.OpenAsync(new KubeRequest(HttpMethod.Get, "/readyz"), cancellationToken);
            return (AnswerKind.Answered, "");
        }
        catch (KubeStatusException fault) when (fault.Code is HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden)
        {
            return (AnswerKind.Denied, fault.Message);
        }
        catch (KubeStatusException fault) when ((int)fault.Code >= 500)
        {
            return (AnswerKind.NotReady, $"/readyz answers {(int)fault.Code}");
        }
    }

    /// <returns>no report and no reason from an API server that knows of no signals: a real kube-apiserver</returns>
    private static async Task<(SignalsReport? Report, string Why)> SignalsOfAsync(
        KubeHttp api, CancellationToken cancellationToken)
    {
        try
        {
            using var document = await api.GetAsync("/signals.json", cancellationToken);
            return (Sensible(SignalsJson.Read(document.RootElement), PartKind.Api), "");
        }
        catch (KubeStatusException fault)
        {
            return (null, fault.IsNotFound ? "" : fault.Message);
        }
        catch (JsonException fault)
        {
            return (null, $"its /signals.json makes no sense: {fault.Message}");
        }
    }

    /// <summary>An empty object is no report that all is well: it must say which part speaks.</summary>
    private static SignalsReport Sensible(SignalsReport report, PartKind expected) =>
        report.Part == PlatformPart.WordOf(expected)
            ? report
            : throw new JsonException(report.Part.Length == 0
                ? "it does not say which part it is of"
                : $"it is of the part '{report.Part}'");

    private KubeHttp LineTo(Uri server, Kubeconfig? credentials) =>
        _apis.AddOrUpdate(
            server,
            _ => new ApiLine(credentials, Open(server, credentials)),
            (_, line) => line.Credentials == credentials ? line : new ApiLine(credentials, Open(server, credentials)))
        .Http;

    private KubeHttp Open(Uri server, Kubeconfig? credentials) => KubeHttp.Create(
        (credentials ?? new Kubeconfig { Servers = [server] }) with { Servers = [server] },
        new KubeHttpOptions
        {
            ConnectTimeout = deadline,
            RequestTimeout = deadline,
            HeadersTimeout = deadline,
            UserAgent = "mainstay-signals",
            Time = time,
        });

    /// <returns>null for what is a bug of ours</returns>
    private static AnswerKind? Outcome(Exception fault) => fault switch
    {
        OperationCanceledException or TimeoutException => AnswerKind.Mute,
        HttpRequestException { InnerException: SocketException { SocketErrorCode: SocketError.ConnectionRefused } } =>
            AnswerKind.Refused,
        HttpRequestException { HttpRequestError: HttpRequestError.ConnectionError } => AnswerKind.Mute,
        HttpRequestException or JsonException or IOException or KubeStatusException => AnswerKind.Garbled,
        _ => null,
    };

    /// <summary>A connection to one API server, and for whom it was made.</summary>
    private sealed record ApiLine(Kubeconfig? Credentials, KubeHttp Http);
}
