using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Mainstay.Tests.Router.Discovery;

/// <summary>
/// One API server over a <see cref="MiniCluster"/>: get, list, watch, create, replace by compare-and-swap, merge. Reads
/// come from the store, as quorum reads do; a watch that is mute stays open and brings nothing.
/// </summary>
internal sealed class MiniApi : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly MiniCluster _cluster;

    private MiniApi(WebApplication app, MiniCluster cluster) => (_app, _cluster) = (app, cluster);

    public Uri Address => new(_app.Urls.First());

    /// <summary>Plurals whose watches bring nothing.</summary>
    public ConcurrentDictionary<string, bool> Mute { get; } = new();

    private CancellationTokenSource _cut = new();

    /// <summary>Nobody gets an answer.</summary>
    public bool IsDown { get; set; }

    /// <summary>Writes of these objects, by plural and body, are refused with 403.</summary>
    public Func<string, JsonObject, bool> Refuses { get; set; } = (_, _) => false;

    /// <summary>Reads of these paths and queries are answered with 500.</summary>
    public Func<string, bool> Fails { get; set; } = _ => false;

    /// <summary>How an item is written in lists, other than in watches.</summary>
    public Action<JsonObject> InLists { get; set; } = _ => { };

    /// <summary>Reads of these paths and queries are answered as a load balancer does that has nobody behind
    /// it.</summary>
    public Func<string, bool> Loses { get; set; } = _ => false;

    public ConcurrentQueue<string> Requests { get; } = new();

    /// <summary>How many watches of each kind were opened: what is cut before it is open goes on.</summary>
    public ConcurrentDictionary<string, int> Watched { get; } = new();

    public static async Task<MiniApi> StartAsync(MiniCluster cluster)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.Listen(IPAddress.Loopback, 0);
            kestrel.Limits.MinResponseDataRate = null;
        });
        var api = new MiniApi(builder.Build(), cluster);
        api._app.Run(api.AnswerAsync);
        await api._app.StartAsync();
        return api;
    }

    /// <summary>Ends the watches that are open.</summary>
    public async Task CutWatchesAsync()
    {
        var before = Interlocked.Exchange(ref _cut, new CancellationTokenSource());
        await before.CancelAsync();
        before.Dispose();
    }

    public async ValueTask DisposeAsync()
    {
        _cut.Dispose();
        using var now = new CancellationTokenSource();
        await now.CancelAsync();
        await _app.StopAsync(now.Token);
        await _app.DisposeAsync();
    }

    private async Task AnswerAsync(HttpContext context)
    {
        var path = context.Request.Path.Value ?? "";
        Requests.Enqueue($"{context.Request.Method} {path}{context.Request.QueryString}");
        if (IsDown)
        {
            context.Abort();
            return;
        }

        if (context.Request.Method == "GET" && Fails(path + context.Request.QueryString))
        {
            await StatusAsync(context, 500, "InternalError");
            return;
        }

        if (context.Request.Method == "GET" && Loses(path + context.Request.QueryString))
        {
            context.Response.StatusCode = 404;
            await context.Response.WriteAsync("<html>404 page not found</html>");
            return;
        }

        if (path is "/apis" or "/apis/discovery.k8s.io")
        {
            await DiscoverAsync(context, path);
            return;
        }

        if (path.StartsWith("/apis/discovery.k8s.io/", StringComparison.Ordinal)
            && !_cluster.SliceVersions.Contains(path.Split('/')[3]))
        {
            await StatusAsync(context, 404, "NotFound");
            return;
        }

        var words = path.Split('/', StringSplitOptions.RemoveEmptyEntries);
        var at = Array.IndexOf(words, "namespaces");
        var (plural, key) = at < 0
            ? (words[^1], words[^1] + "/")
            : (words[at + 2], string.Join('/', words[at + 2], words[at + 1], string.Join('/', words[(at + 3)..])));
        var isObject = at >= 0 && words.Length > at + 3;
        await (context.Request.Method switch
        {
            "GET" when context.Request.Query["watch"] == "true" => WatchAsync(context, plural),
            "GET" when isObject => GetAsync(context, key),
            "GET" => ListAsync(context, key),
            _ => WriteAsync(context, plural, key),
        });
    }

    private async Task DiscoverAsync(HttpContext context, string path)
    {
        if (path == "/apis")
        {
            var groups = new JsonArray(new JsonObject { ["name"] = "apps" });
            if (_cluster.SliceVersions.Count > 0)
            {
                groups.Add(new JsonObject { ["name"] = "discovery.k8s.io" });
            }

            await context.Response.WriteAsync(
                new JsonObject { ["kind"] = "APIGroupList", ["groups"] = groups }.ToJsonString());
            return;
        }

        var served = _cluster.SliceVersions.Select(version => (JsonNode)new JsonObject { ["version"] = version });
        var versions = new JsonArray([.. served]);
        await (versions.Count > 0
            ? context.Response.WriteAsync(new JsonObject { ["versions"] = versions }.ToJsonString())
            : StatusAsync(context, 404, "NotFound"));
    }

    private async Task GetAsync(HttpContext context, string key)
    {
        await (_cluster.Snapshot().Objects.TryGetValue(key, out var found)
            ? context.Response.WriteAsync(found.ToJsonString())
            : StatusAsync(context, 404, "NotFound"));
    }

    private async Task ListAsync(HttpContext context, string prefix)
    {
        var (objects, revision) = _cluster.Snapshot();
        var items = objects
            .Where(stored => stored.Key.StartsWith(prefix, StringComparison.Ordinal))
            .Select(JsonNode? (stored) => AsListed(stored.Value));
        var list = new JsonObject
        {
            ["metadata"] = new JsonObject { ["resourceVersion"] = revision.ToString(CultureInfo.InvariantCulture) },
            ["items"] = new JsonArray([.. items]),
        };
        await context.Response.WriteAsync(list.ToJsonString());
    }

    private JsonObject AsListed(JsonObject stored)
    {
        var item = stored.DeepClone().AsObject();
        InLists(item);
        return item;
    }

    private async Task WatchAsync(HttpContext context, string plural)
    {
        var told = long.Parse(context.Request.Query["resourceVersion"].ToString(), CultureInfo.InvariantCulture);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, _cut.Token);
        var gone = either.Token;
        Watched.AddOrUpdate(plural, 1, (_, count) => count + 1);
        await context.Response.StartAsync(gone);
        try
        {
            while (!gone.IsCancellationRequested && !IsDown)
            {
                var (history, changed) = _cluster.Events();
                foreach (var happened in history.Where(one => one.Revision > told && one.Plural == plural))
                {
                    if (Mute.ContainsKey(plural))
                    {
                        break;
                    }

                    await context.Response.WriteAsync(happened.Line + "\n", gone);
                    told = happened.Revision;
                }

                await context.Response.Body.FlushAsync(gone);
                await changed.WaitAsync(gone);
            }

            context.Abort();
        }
        catch (OperationCanceledException)
        {
            // The reader has left.
        }
    }

    private async Task WriteAsync(HttpContext context, string plural, string key)
    {
        var body = await JsonNode.ParseAsync(context.Request.Body);
        var written = body!.AsObject();
        var isKnown = _cluster.Snapshot().Objects.TryGetValue(key, out var before);
        if (Refuses(plural, written))
        {
            await StatusAsync(context, 403, "Forbidden");
            return;
        }

        if (context.Request.Method != "POST" && !isKnown)
        {
            await StatusAsync(context, 404, "NotFound");
            return;
        }

        var expected = context.Request.Method switch
        {
            "POST" => "0",
            "PUT" => written["metadata"]?["resourceVersion"]?.GetValue<string>() ?? "",
            _ => "",
        };
        if (context.Request.Method == "PATCH")
        {
            var merged = before!.DeepClone().AsObject();
            Merge(merged, written);
            written = merged;
        }

        await (_cluster.TryPut(plural, written, expected, out var stored)
            ? context.Response.WriteAsync(stored.ToJsonString())
            : StatusAsync(context, 409, expected == "0" ? "AlreadyExists" : "Conflict"));
    }

    private static void Merge(JsonObject into, JsonObject patch)
    {
        foreach (var (name, value) in patch)
        {
            if (value is JsonObject fields && into[name] is JsonObject known)
            {
                Merge(known, fields);
            }
            else
            {
                into[name] = value?.DeepClone();
            }
        }
    }

    private static Task StatusAsync(HttpContext context, int code, string reason)
    {
        context.Response.StatusCode = code;
        return context.Response.WriteAsync(new JsonObject { ["kind"] = "Status", ["reason"] = reason }.ToJsonString());
    }
}
