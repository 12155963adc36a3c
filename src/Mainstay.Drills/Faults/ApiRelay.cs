using System.Collections.Concurrent;
using System.Net;
using System.Text.Json.Nodes;
using Mainstay.Kube;
using Microsoft.AspNetCore.Http;

namespace Mainstay.Drills.Faults;

/// <summary>
/// One call through a proxy: (1) what does it ask; (2) a fault that answers in the server's place; (3) passed on;
/// (4) the answer comes back, streamed, held while it is mute, rewritten where a fault says so.
/// </summary>
internal sealed class ApiRelay(HttpMessageInvoker upstream, Uri server, ApiFaultSwitch faults, TimeProvider time)
{
    /// <summary>Headers of one connection only (RFC 9110, 7.6.1), and the one that would hide the body.</summary>
    private static readonly HashSet<string> NotPassed = new(StringComparer.OrdinalIgnoreCase)
    {
        "Connection", "Keep-Alive", "Proxy-Connection", "Transfer-Encoding", "Upgrade", "TE", "Trailer", "Host",
        "Accept-Encoding",
    };

    private readonly ConcurrentDictionary<HttpContext, byte> _watches = new();

    public int OpenWatches => _watches.Count;

    public void CutWatches()
    {
        foreach (var watch in _watches.Keys)
        {
            try
            {
                watch.Abort();
            }
            catch (ObjectDisposedException)
            {
                // It ended by itself in this very moment.
            }
        }
    }

    public async Task RelayAsync(HttpContext http)
    {
        var call = CallOf(http.Request); // (1)
        try
        {
            if (await AnswerInPlaceAsync(http, call)) // (2)
            {
                return;
            }

            using var request = RequestOf(http.Request);
            using var answer = await upstream.SendAsync(request, http.RequestAborted); // (3)
            await PassBackAsync(http, call, answer); // (4)
        }
        catch (OperationCanceledException) when (http.RequestAborted.IsCancellationRequested)
        {
            // The client went, or the call was cut.
        }
        catch (Exception fault) when (fault is HttpRequestException or IOException)
        {
            // The server is gone, so the client's connection goes too, as it would without the proxy.
            http.Abort();
        }
    }

    private static ApiCall CallOf(HttpRequest request)
    {
        var watch = request.Query["watch"].ToString();
        var watches = watch is "true" or "1" or "True" || (request.Query.ContainsKey("watch") && watch.Length == 0);
        return ApiCall.Of(request.Method, request.Path.Value ?? "/", watches, request.Headers.UserAgent.ToString());
    }

    /// <summary>True: nothing is left to do.</summary>
    private async Task<bool> AnswerInPlaceAsync(HttpContext http, ApiCall call)
    {
        if (faults.EffectOn<ApiEffect.Refuse>(call) is not null)
        {
            http.Abort();
            return true;
        }

        if (faults.EffectOn<ApiEffect.Answer>(call) is { Status: var code })
        {
            await AnswerAsync(http.Response, code, http.RequestAborted);
            return true;
        }

        if (faults.EffectOn<ApiEffect.Delay>(call) is { For: var pause })
        {
            await Task.Delay(pause, time, http.RequestAborted);
        }

        if (call.Verb != ApiVerb.Watch)
        {
            await faults.WhileMuteAsync(call, http.RequestAborted);
        }

        return false;
    }

    private static async Task AnswerAsync(HttpResponse response, int code, CancellationToken cancellationToken)
    {
        var status = new JsonObject
        {
            ["kind"] = "Status",
            ["apiVersion"] = "v1",
            ["metadata"] = new JsonObject(),
            ["status"] = "Failure",
            ["message"] = $"a drill's fault proxy answers {code}",
            ["reason"] = code switch { 404 => "NotFound", 429 => "TooManyRequests", _ => "InternalError" },
            ["code"] = code,
        };
        response.StatusCode = code;
        response.ContentType = KubeRequest.Json;
        await response.WriteAsync(status.ToJsonString(), cancellationToken);
    }

    private HttpRequestMessage RequestOf(HttpRequest request)
    {
        var message = new HttpRequestMessage(
            new HttpMethod(request.Method), new Uri(server, $"{request.Path.ToUriComponent()}{request.QueryString}"))
        {
            Version = server.Scheme == Uri.UriSchemeHttps ? HttpVersion.Version20 : HttpVersion.Version11,
            VersionPolicy = HttpVersionPolicy.RequestVersionOrLower,
        };
        if (request.ContentLength > 0 || request.Headers.TransferEncoding.Count > 0)
        {
            message.Content = new StreamContent(request.Body);
        }

        foreach (var (name, values) in request.Headers)
        {
            if (!NotPassed.Contains(name) && !name.StartsWith(':')
                && !message.Headers.TryAddWithoutValidation(name, values.AsEnumerable()))
            {
                message.Content?.Headers.TryAddWithoutValidation(name, values.AsEnumerable());
            }
        }

        return message;
    }

    private async Task PassBackAsync(HttpContext http, ApiCall call, HttpResponseMessage answer)
    {
        var response = http.Response;
        response.StatusCode = (int)answer.StatusCode;
        foreach (var (name, values) in answer.Headers.Concat(answer.Content.Headers))
        {
            if (!NotPassed.Contains(name))
            {
                response.Headers[name] = values.ToArray();
            }
        }

        await using var body = await answer.Content.ReadAsStreamAsync(http.RequestAborted);
        var relay = new BodyRelay(body, response, new BodyRules(call, faults));
        if (call.Verb == ApiVerb.Watch && answer.IsSuccessStatusCode)
        {
            await WatchAsync(http, relay);
        }
        else if (call.Verb == ApiVerb.List && faults.EffectOn<ApiEffect.NullWhenEmpty>(call) is not null)
        {
            response.ContentLength = null;
            await relay.WholeAsync(http.RequestAborted);
        }
        else
        {
            await relay.ChunksAsync(http.RequestAborted);
        }
    }

    private async Task WatchAsync(HttpContext http, BodyRelay relay)
    {
        _watches[http] = 0;
        try
        {
            await http.Response.StartAsync(http.RequestAborted);
            await http.Response.Body.FlushAsync(http.RequestAborted);
            await relay.LinesAsync(http.RequestAborted);
        }
        finally
        {
            _watches.TryRemove(http, out _);
        }
    }
}
