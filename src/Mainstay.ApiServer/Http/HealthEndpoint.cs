using System.Globalization;
using System.Text;
using Mainstay.ApiServer.Storage;
using Mainstay.ApiServer.Watch;
using Microsoft.AspNetCore.Http;

namespace Mainstay.ApiServer.Http;

/// <summary>
/// /livez: the process turns. /readyz and /healthz: the store answers, the caches have been read and are proven
/// current. Losing the
/// store makes the server not ready, never not live: a restart would not help and would lose the caches.
/// </summary>
internal sealed class HealthEndpoint(WatchCaches caches, CacheFeed feed)
{
    public async Task AnswerAsync(HttpContext http, RequestInfo info)
    {
        var checks = info.Segments[0] == "livez" ? Live() : Ready();
        if (info.Segments is [_, var only])
        {
            checks = [.. checks.Where(check => check.Name == only)];
            if (checks.Count == 0)
            {
                throw new RefusedException(KubeStatus.NoSuchPath());
            }
        }

        var excluded = http.Request.Query["exclude"];
        var failed = checks.Any(check => check.Fault.Length > 0 && !excluded.Contains(check.Name));
        var isVerbose = http.Request.Query.ContainsKey("verbose");
        http.Response.StatusCode = failed ? StatusCodes.Status500InternalServerError : StatusCodes.Status200OK;
        http.Response.ContentType = "text/plain; charset=utf-8";
        http.Response.Headers.CacheControl = "no-cache, private";
        var text = failed || isVerbose ? Told(checks, excluded, $"{info.Segments[0]} check", failed) : "ok";
        if (!HttpMethods.IsHead(info.Method))
        {
            await http.Response.WriteAsync(text, http.RequestAborted);
        }
    }

    private static List<HealthCheck> Live() => [new("ping", "")];

    private List<HealthCheck> Ready()
    {
        var unread = caches.All.Where(cache => !cache.IsSynced).Select(cache => cache.Type.QualifiedPlural).ToList();
        return
        [
            new HealthCheck("ping", ""),
            new HealthCheck("etcd", feed.StoreFault),
            new HealthCheck("watch-caches-current", Staleness()),
            new HealthCheck("watch-caches", unread.Count == 0 ? "" : $"not read yet: {string.Join(", ", unread)}"),
        ];
    }

    /// <summary>A server that serves an old state says so, so that whoever asks goes to another.</summary>
    private string Staleness() => caches.Age is { } age && age > Limits.CacheAgeMax
        ? string.Create(CultureInfo.InvariantCulture, $"not proven current for {age.TotalSeconds:F0} s")
        : "";

    private static string Told(
        List<HealthCheck> checks, Microsoft.Extensions.Primitives.StringValues excluded, string what, bool failed)
    {
        var text = new StringBuilder();
        foreach (var check in checks)
        {
            var line = check.Fault.Length == 0 ? $"[+]{check.Name} ok" : $"[-]{check.Name} failed: {check.Fault}";
            text.Append(excluded.Contains(check.Name) ? $"[+]{check.Name} excluded: ok" : line).Append('\n');
        }

        return text.Append(CultureInfo.InvariantCulture, $"{what} {(failed ? "failed" : "passed")}\n").ToString();
    }

    private sealed record HealthCheck(string Name, string Fault);
}
