using System.Text.Json.Nodes;
using Mainstay.Kube;
using Mainstay.Tests.Kube;
using Microsoft.AspNetCore.Http;

namespace Mainstay.Tests.CommandLine.Restarts;

/// <summary>
/// An API server with two nodes and the deployment bank/feed, whose first pod is on node-1: what its controllers would
/// do is done at once, on node-2. A patch that names a revision of before is a conflict.
/// </summary>
internal sealed class FakeCluster : IAsyncDisposable
{
    private readonly FakeApiServer _server;
    private readonly Lock _lock = new(); // guards all below
    private int _revision = 1;
    private int _replicas;
    private int _podsHere = 1;
    private bool _isCordoned;

    private FakeCluster(FakeApiServer server, int replicas)
    {
        (_server, _replicas) = (server, replicas);
        Api = KubeHttp.Create(server.Kubeconfig, new KubeHttpOptions());
        server.Then(AnswerAsync);
    }

    public KubeHttp Api { get; }

    /// <summary>Sizes that were written, in order, by whoever.</summary>
    public List<int> Sizes { get; } = [];

    /// <summary>Called with the JSON of each patch of the deployment, before it is done.</summary>
    public Action<JsonObject> OnPatch { get; set; } = _ => { };

    /// <summary>No replacement gets ready.</summary>
    public bool NothingGetsReady { get; set; }

    /// <summary>The reason under which replacements pass the routers' gate; null: they have none.</summary>
    public string? Gate { get; set; }

    public int Replicas
    {
        get
        {
            lock (_lock)
            {
                return _replicas;
            }
        }
    }

    public bool IsCordoned
    {
        get
        {
            lock (_lock)
            {
                return _isCordoned;
            }
        }
    }

    public static async Task<FakeCluster> StartAsync(int replicas) =>
        new(await FakeApiServer.StartAsync(), replicas);

    /// <summary>What somebody else does.</summary>
    public void Scale(int replicas)
    {
        lock (_lock)
        {
            // A deployment that shrinks lets the pod of node-1 go first: it is marked.
            _podsHere = replicas < _replicas ? 0 : _podsHere;
            _replicas = replicas;
            _revision++;
            Sizes.Add(replicas);
        }
    }

    public void Cordon(bool isCordoned)
    {
        lock (_lock)
        {
            _isCordoned = isCordoned;
        }
    }

    public async ValueTask DisposeAsync()
    {
        Api.Dispose();
        await _server.DisposeAsync();
    }

    private async Task AnswerAsync(HttpContext context)
    {
        var path = context.Request.Path.Value!; // a request has one
        var patch = context.Request.Method == "PATCH"
            ? (JsonObject)(await JsonNode.ParseAsync(context.Request.Body))!
            : null;
        if (patch is not null && path.EndsWith("/deployments/feed", StringComparison.Ordinal))
        {
            OnPatch(patch);
            if (!TryScale(patch))
            {
                context.Response.StatusCode = StatusCodes.Status409Conflict;
                await context.Response.WriteAsync("""{"kind":"Status","code":409,"reason":"Conflict"}""");
                return;
            }
        }
        else if (patch is not null && path == "/api/v1/nodes/node-1")
        {
            Cordon((bool?)patch["spec"]!["unschedulable"] ?? false);
        }

        await context.Response.WriteAsync(Read(path).ToJsonString());
    }

    private bool TryScale(JsonObject patch)
    {
        lock (_lock)
        {
            if ((string?)patch["metadata"]?["resourceVersion"] is { } revision && revision != $"{_revision}")
            {
                return false;
            }

            Scale((int)patch["spec"]!["replicas"]!);
            return true;
        }
    }

    private JsonNode Read(string path)
    {
        lock (_lock)
        {
            return path switch
            {
                "/api/v1/nodes/node-1" => Node("node-1", _isCordoned),
                "/apis/apps/v1/namespaces/bank/deployments/feed" => Deployment(),
                "/api/v1/nodes" => List(Node("node-1", _isCordoned), Node("node-2", false)),
                "/api/v1/pods" => List([.. Pods()]),
                "/apis/apps/v1/replicasets" => List(Owned("feed-1", "Deployment", "feed", "", true)),
                "/apis/apps/v1/deployments" => List(Deployment()),
                _ => List(),
            };
        }
    }

    private IEnumerable<JsonNode> Pods() =>
    [
        .. Enumerable.Range(0, _podsHere).Select(n => Owned($"feed-1-h{n}", "ReplicaSet", "feed-1", "node-1", true)),
        .. Enumerable.Range(0, _replicas - _podsHere).Select(n =>
            Gated(Owned($"feed-1-e{n}", "ReplicaSet", "feed-1", "node-2", !NothingGetsReady))),
    ];

    private JsonNode Gated(JsonNode pod)
    {
        if (Gate is not null)
        {
            const string Type = "mainstay.dev/routed";
            pod["spec"]!["readinessGates"] = new JsonArray(new JsonObject { ["conditionType"] = Type });
            pod["status"]!["conditions"]!.AsArray().Add(
                new JsonObject { ["type"] = Type, ["status"] = "True", ["reason"] = Gate });
        }

        return pod;
    }

    private JsonNode Deployment() => JsonNode.Parse(
        $$$"""
        {"metadata":{"name":"feed","namespace":"bank","resourceVersion":"{{{_revision}}}"},
         "spec":{"replicas":{{{_replicas}}}}}
        """)!;

    private static JsonNode Owned(string name, string kind, string owner, string node, bool isReady) => JsonNode.Parse(
        $$$"""
        {"metadata":{"name":"{{{name}}}","namespace":"bank",
                     "ownerReferences":[{"kind":"{{{kind}}}","name":"{{{owner}}}","controller":true}]},
         "spec":{"nodeName":"{{{node}}}"},
         "status":{"conditions":[{"type":"Ready","status":"{{{isReady}}}"}]}}
        """)!;

    private static JsonNode Node(string name, bool isCordoned) => JsonNode.Parse(
        $$$"""
        {"metadata":{"name":"{{{name}}}"},"spec":{"unschedulable":{{{(isCordoned ? "true" : "null")}}}},
         "status":{"conditions":[{"type":"Ready","status":"True"}]}}
        """)!;

    private static JsonObject List(params JsonNode[] items) => new() { ["items"] = new JsonArray(items) };
}
