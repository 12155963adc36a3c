using System.Collections.Concurrent;
using System.Globalization;
using System.Net.Sockets;
using System.Text;
using Mainstay.Tests.Router.Pipeline;

namespace Mainstay.Tests.Router.Discovery;

/// <summary>
/// Just enough of an API server for discovery: two lists, two watches that stay open, and an end of it all when the
/// test
/// says so. Objects are given with single quotes.
/// </summary>
internal sealed class FakeApiServer : IDisposable
{
    private readonly RawOrigin _origin;
    private readonly ConcurrentDictionary<string, Socket> _watches = new();
    private readonly ManualResetEventSlim _end = new();
    private volatile bool _isDown;

    public FakeApiServer() => _origin = new RawOrigin(Answer);

    public string Services { get; set; } = "";

    public string Slices { get; set; } = "";

    public string Kubeconfig => string.Create(
        CultureInfo.InvariantCulture,
        $$$"""
        apiVersion: v1
        kind: Config
        current-context: c
        contexts: [{name: c, context: {cluster: c, user: u}}]
        clusters: [{name: c, cluster: {server: "http://127.0.0.1:{{{_origin.Port}}}"}}]
        users: [{name: u, user: {token: t}}]
        """);

    public static string Service(string name) =>
        $"{{'metadata':{{'namespace':'bank','name':'{name}'}},'spec':{{'ports':[{{'name':'http','port':80}}]}}}}";

    public static string Slice(string service, string endpoints) =>
        $"{{'metadata':{{'namespace':'bank','name':'{service}-1','resourceVersion':'9'," +
        $"'labels':{{'kubernetes.io/service-name':'{service}'}}}}," +
        $"'addressType':'IPv4','ports':[{{'name':'http','port':8080}}],'endpoints':{endpoints}}}";

    public bool IsWatched(string kind) => _watches.ContainsKey(kind);

    /// <summary>An event on the watch of "services" or "endpointslices".</summary>
    public void Push(string kind, string type, string kubeObject)
    {
        var line = Json($"{{'type':'{type}','object':{kubeObject}}}") + "\n";
        var chunk = string.Create(CultureInfo.InvariantCulture, $"{Encoding.UTF8.GetByteCount(line):x}\r\n{line}\r\n");
        _watches[kind].Send(Encoding.UTF8.GetBytes(chunk));
    }

    /// <summary>From now on nobody gets an answer, and what was open is cut.</summary>
    public void GoDown()
    {
        _isDown = true;
        _end.Set();
    }

    public void Dispose()
    {
        GoDown();
        _origin.Dispose();
    }

    private string? Answer(OriginRequest request)
    {
        if (_isDown)
        {
            return null;
        }

        var kind = request.Text.Contains("/endpointslices", StringComparison.Ordinal) ? "endpointslices" : "services";
        if (request.Text.StartsWith("GET /apis/discovery.k8s.io HTTP", StringComparison.Ordinal))
        {
            return RawOrigin.Ok(Json("{'versions':[{'version':'v1'}]}"));
        }

        if (!request.Text.Contains("watch=true", StringComparison.Ordinal))
        {
            var items = kind == "services" ? Services : Slices;
            return RawOrigin.Ok(Json($"{{'metadata':{{'resourceVersion':'5'}},'items':[{items}]}}"));
        }

        request.Socket.Send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"u8);
        _watches[kind] = request.Socket;
        _end.Wait();
        return null;
    }

    private static string Json(string text) => text.Replace('\'', '"');
}
