using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Mainstay.Tests.ConsoleSite;

/// <summary>
/// An API server and three routers, over HTTP, as a console sees them: a bank of three services that is well until a
/// test says otherwise. Each reading of a router's counters adds a second's worth of requests.
/// </summary>
internal sealed class FakePlatform : IAsyncDisposable
{
    private static readonly string[] Services = ["gateway", "ledger", "payments"];

    private readonly WebApplication _app;
    private readonly ConcurrentDictionary<string, double> _counters = new();
    private readonly Dictionary<int, string> _routerByPort = [];
    private int _apiPort;

    private FakePlatform(WebApplication app) => _app = app;

    public bool ApiUp { get; set; } = true;

    /// <summary>Nodes whose router does not answer.</summary>
    public HashSet<string> RoutersDown { get; } = [];

    /// <summary>Share of the requests to payments that fail.</summary>
    public double PaymentsFail { get; set; }

    /// <summary>The replicas that every deployment asks for.</summary>
    public int Replicas { get; set; } = 2;

    /// <summary>What /metrics says beside the counters.</summary>
    public string MoreMetrics { get; set; } = "";

    /// <summary>What the API server tells of its store, as JSON; "" where it does not.</summary>
    public string Store { get; set; } = "";

    /// <summary>The source state that node-2's router tells.</summary>
    public string SourceState { get; set; } = "live";

    /// <summary>An object that routers keep out, as JSON; "" for none.</summary>
    public string Quarantined { get; set; } = "";

    public IEnumerable<Uri> Routers => _routerByPort.Keys.Order().Select(port => new Uri($"http://127.0.0.1:{port}/"));

    public string Kubeconfig =>
        $$$$"""
        {"apiVersion":"v1","kind":"Config","current-context":"c",
         "clusters":[{"name":"c","cluster":{"server":"http://127.0.0.1:{{{{_apiPort}}}}"}}],
         "users":[{"name":"u","user":{"token":"t"}}],
         "contexts":[{"name":"c","context":{"cluster":"c","user":"u"}}]}
        """;

    public static async Task<FakePlatform> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            for (var listener = 0; listener < 4; listener++)
            {
                kestrel.Listen(IPAddress.Loopback, 0);
            }
        });
        var platform = new FakePlatform(builder.Build());
        platform._app.Run(platform.AnswerAsync);
        await platform._app.StartAsync();
        var ports = platform._app.Urls.Select(url => new Uri(url).Port).ToList();
        platform._apiPort = ports[0];
        for (var router = 1; router <= 3; router++)
        {
            platform._routerByPort[ports[router]] = $"node-{router}";
        }

        return platform;
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private Task AnswerAsync(HttpContext context) =>
        _routerByPort.TryGetValue(context.Connection.LocalPort, out var node)
            ? RouterAsync(context, node)
            : ApiAsync(context);

    private async Task ApiAsync(HttpContext context)
    {
        if (!ApiUp)
        {
            context.Abort();
            return;
        }

        if (context.Request.Query.ContainsKey("watch"))
        {
            // A watch that is open and quiet until the platform goes away.
            await context.Response.Body.FlushAsync();
            while (ApiUp && !context.RequestAborted.IsCancellationRequested)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, context.RequestAborted);
            }

            context.Abort();
            return;
        }

        if (context.Request.Path == "/mainstay/store.json")
        {
            context.Response.StatusCode = Store.Length > 0 ? 200 : 404;
            await context.Response.WriteAsync(Store);
            return;
        }

        if (context.Request.Path == "/signals.json")
        {
            await context.Response.WriteAsync("""{"part":"api","instance":"x","signals":[],"hops":[]}""");
            return;
        }

        var items = Items(context.Request.Path.Value?.Split('/')[^1]);
        var list = new JsonObject
        {
            ["metadata"] = new JsonObject { ["resourceVersion"] = "7" },
            ["items"] = JsonNode.Parse($"[{string.Join(',', items)}]"),
        };
        await context.Response.WriteAsync(list.ToJsonString());
    }

    private IEnumerable<string> Items(string? plural) => plural switch
    {
        "nodes" => Enumerable.Range(1, 3).Select(n =>
            $$$$"""
            {"metadata":{"name":"node-{{{{n}}}}","labels":{"topology.kubernetes.io/zone":"zone-{{{{n}}}}"}},
             "status":{"conditions":[{"type":"Ready","status":"True"}],"nodeInfo":{"kubeletVersion":"v1.33.0"}}}
            """),
        "leases" => Enumerable.Range(1, 3).Select(n =>
            $$$$"""{"metadata":{"name":"node-{{{{n}}}}"},"spec":{"renewTime":"{{{{Now}}}}"}}"""),
        "services" => Services.Select(name =>
            $$$$"""
            {"metadata":{"namespace":"bank","name":"{{{{name}}}}"},"spec":{"selector":{"app":"{{{{name}}}}"}}}
            """),
        "deployments" => Services.Select(name =>
            $$$$"""
            {"metadata":{"namespace":"bank","name":"{{{{name}}}}"},
             "spec":{"replicas":{{{{Replicas}}}},"template":{"metadata":{"labels":{"app":"{{{{name}}}}"} } } } }
            """),
        "endpointslices" => Services.Select(name =>
            $$$$"""
            {"metadata":{"namespace":"bank","name":"{{{{name}}}}-1",
                         "labels":{"kubernetes.io/service-name":"{{{{name}}}}"}},
             "endpoints":[{"addresses":["10.0.0.1"],"conditions":{"ready":true}},
                          {"addresses":["10.0.0.2"],"conditions":{"ready":true}}]}
            """),
        _ => [],
    };

    private async Task RouterAsync(HttpContext context, string node)
    {
        if (RoutersDown.Contains(node))
        {
            context.Abort();
            return;
        }

        await context.Response.WriteAsync(context.Request.Path.Value switch
        {
            "/metrics" => Metrics(node),
            "/proof.json" or "/prove" => Proof(node),
            _ => Table(node),
        });
    }

    /// <summary>All could start but the router of node-3.</summary>
    private static string Proof(string node) => node == "node-3"
        ? """
          {"result":"unsafe","ageSeconds":75.2,
           "reason":"cold start from https://127.0.0.1:6443: endpoints is null where a list belongs",
           "object":{"kind":"EndpointSlice","namespace":"bank","name":"overdrafts-x7k2p"},
           "runs":[{"kind":"cold","server":"https://127.0.0.1:6443","result":"unsafe"}]}
          """
        : """{"result":"safe","ageSeconds":42.5,"reason":"","runs":[]}""";

    private string Table(string node)
    {
        var state = node == "node-2" ? SourceState : "live";
        var services = Services.Select(name =>
            $$$$"""{"namespace":"bank","name":"{{{{name}}}}","endpoints":[{"ready":true},{"ready":true}]}""");
        return
            $$$$"""
            {"node":"{{{{node}}}}","startedAt":"2026-01-01T00:00:00Z",
             "source":{"server":"x","state":"{{{{state}}}}","heardSecondsAgo":0.4,"revision":7},
             "services":[{{{{string.Join(',', services)}}}}],"quarantined":[{{{{Quarantined}}}}]}
            """;
    }

    private string Metrics(string node)
    {
        var text = new StringBuilder("# TYPE mainstay_router_request_total counter\n").Append(MoreMetrics);
        foreach (var service in Services)
        {
            const double PerReading = 10;
            var failed = service == "payments" ? PerReading * PaymentsFail : 0;
            var labels = $"namespace=\"bank\",service=\"{service}\"";
            Add(text, node, $"mainstay_router_request_total{{{labels},status_class=\"2xx\"}}", PerReading - failed);
            Add(text, node, $"mainstay_router_request_total{{{labels},status_class=\"5xx\"}}", failed);
            const string Buckets = "mainstay_router_request_duration_seconds_bucket";
            Add(text, node, $"{Buckets}{{{labels},le=\"0.01\"}}", PerReading * 0.9);
            Add(text, node, $"{Buckets}{{{labels},le=\"+Inf\"}}", PerReading);
        }

        return text.ToString();
    }

    private void Add(StringBuilder text, string node, string series, double more)
    {
        var value = _counters.AddOrUpdate($"{node} {series}", more, (_, count) => count + more);
        text.Append(CultureInfo.InvariantCulture, $"{series} {value}\n");
    }

    private static string Now =>
        TimeProvider.System.GetUtcNow().ToString("yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'", CultureInfo.InvariantCulture);
}
