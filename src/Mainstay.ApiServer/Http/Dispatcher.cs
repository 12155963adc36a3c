using Mainstay.ApiServer.Auth;
using Mainstay.ApiServer.Registry;
using Microsoft.AspNetCore.Http;

namespace Mainstay.ApiServer.Http;

/// <summary>
/// The way of every request:
/// <code>
/// read the path -> who asks? -> a resource: its endpoint; else discovery, OpenAPI, health, version
///   -> whatever is thrown becomes a Status, here and nowhere else -> counted
/// </code>
/// </summary>
internal sealed class Dispatcher(
    Authenticator authenticator,
    ResourceRouter resources,
    PlainRouter plain,
    ApiServerMetrics metrics,
    ServerClock clock)
{
    /// <param name="next">what serves /metrics</param>
    public async Task InvokeAsync(HttpContext http, RequestDelegate next)
    {
        var startedAt = clock.Time.GetTimestamp();
        var path = http.Request.Path.Value ?? "/";
        var info = RequestInfo.Parse(
            http.Request.Method, RawPath(http, path), ListQuery.Flag(http.Request.Query["watch"]));
        try
        {
            await AnswerAsync(http, info, next);
        }
        catch (RefusedException e)
        {
            await RefuseAsync(http, e.Status);
        }
        catch (Exception e) when (IsClientGone(http, e))
        {
            // the client has gone: there is nobody to answer
        }
        catch (BadHttpRequestException e)
        {
            await RefuseAsync(http, KubeStatus.BadRequest(e.Message));
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            // the outermost edge: one request failed by a bug, the others go on
            ApiServerLog.RequestFailed(clock.Logger, e, http.Request.Method, path);
            await RefuseAsync(http, KubeStatus.Internal(e.Message));
        }

        metrics.Count(info, http.Response.StatusCode, clock.Time.GetElapsedTime(startedAt));
    }

    /// <summary>
    /// What a write to a client that has gone ends with: what packs an answer (gzip) finishes on a stream that is
    /// closed.
    /// </summary>
    internal static bool IsClientGone(HttpContext http, Exception fault) =>
        http.RequestAborted.IsCancellationRequested
        && fault is (OperationCanceledException or IOException or ObjectDisposedException);

    private async Task AnswerAsync(HttpContext http, RequestInfo info, RequestDelegate next)
    {
        var user = authenticator.Authenticate(
            http.Request.Headers.Authorization, info, http.Connection.RemoteIpAddress);
        if (info.Segments is ["metrics"])
        {
            await next(http);
            return;
        }

        if (info.IsResource && ResourceTable.Find(info.Group, info.Version, info.Resource) is { } type)
        {
            if (info.InNamespace && !type.IsNamespaced)
            {
                throw new RefusedException(KubeStatus.NoSuchPath());
            }

            await resources.AnswerAsync(new ApiRequest(http, info, type, user));
            return;
        }

        await plain.AnswerAsync(http, info, user);
    }

    private static async Task RefuseAsync(HttpContext http, KubeStatus status)
    {
        if (http.Response.HasStarted)
        {
            http.Abort();
            return;
        }

        http.Response.Headers.ContentEncoding = default;
        await ObjectResponse.WriteStatusAsync(http, status);
    }

    // Kestrel decodes the path except for %2F; the raw one keeps names with odd letters apart from separators.
    private static string RawPath(HttpContext http, string decoded)
    {
        var raw = http.Features.Get<Microsoft.AspNetCore.Http.Features.IHttpRequestFeature>()?.RawTarget;
        if (raw is null || !raw.StartsWith('/'))
        {
            return decoded;
        }

        var query = raw.IndexOf('?', StringComparison.Ordinal);
        return query < 0 ? raw : raw[..query];
    }
}

internal sealed record ServerClock(TimeProvider Time, ILogger<ServerClock> Logger);
