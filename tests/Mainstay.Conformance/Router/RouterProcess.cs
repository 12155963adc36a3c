using System.Text.Json;
using Mainstay.Conformance.Platform;
using Mainstay.Drills.Faults;
using Mainstay.Kube;

namespace Mainstay.Conformance.Router;

/// <summary>A router as it is published, behind a fault proxy before one API server.</summary>
internal sealed class RouterProcess : IAsyncDisposable
{
    private readonly HttpClient _http = new() { Timeout = TimeSpan.FromSeconds(5) };
    private readonly string[] _words;
    private readonly int _ports = FreePorts.Row(2);
    private Child? _child;

    private RouterProcess(string folder, string node, ApiProxy proxy)
    {
        Proxy = proxy;
        var kubeconfig = Path.Combine(folder, "kubeconfig");
        new Kubeconfig
        {
            Servers = [proxy.Url],
            CertificateAuthorityPem = proxy.CertificatePem,
            Token = "admin-token",
        }.Write(kubeconfig);
        _words =
        [
            "--node", node, "--kubeconfig", kubeconfig, "--listen", Address.Authority,
            "--admin", Admin.Authority, "--data-dir", Path.Combine(folder, "data"),
        ];
    }

    public ApiProxy Proxy { get; }

    public Uri Address => new($"http://127.0.0.1:{_ports}/");

    public Uri Admin => new($"http://127.0.0.1:{_ports + 1}/");

    /// <summary>What it said, for a failed test.</summary>
    public string Said => _child?.Said ?? "";

    public static async Task<RouterProcess> StartAsync(
        string folder, string node, Uri server, CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(folder);
        var proxy = await ApiProxy.StartAsync(new ApiProxyOptions { Upstream = server }, cancellationToken);
        var router = new RouterProcess(folder, node, proxy);
        router.Start();
        return router;
    }

    public void Start()
    {
        var build = Environment.GetEnvironmentVariables()["MAINSTAY_BUILD"]?.ToString()
            ?? throw new InvalidOperationException("MAINSTAY_BUILD is not set: run by ./test conformance");
        var alone = Path.Combine(build, "router", "mainstay-router");
        _child = File.Exists(alone)
            ? Child.Start(alone, _words)
            : Child.Start(Path.Combine(build, "mainstay", "mainstay"), ["router", .. _words]);
    }

    /// <summary>kill -9.</summary>
    public void Kill()
    {
        _child?.Dispose();
        _child = null;
    }

    public async Task<JsonElement> TableAsync(CancellationToken cancellationToken)
    {
        using var table = JsonDocument.Parse(
            await _http.GetStringAsync(new Uri(Admin, "table.json"), cancellationToken));
        return table.RootElement.Clone();
    }

    /// <summary>Ready endpoints of a service; -1 where the table has no such service.</summary>
    public async Task<int> ReadyAsync(string service, CancellationToken cancellationToken)
    {
        var table = await TableAsync(cancellationToken);
        var found = table.GetProperty("services").EnumerateArray()
            .Where(one => one.GetProperty("name").GetString() == service
                && one.GetProperty("namespace").GetString() == "default").ToList();
        return found.Count == 0 ? -1
            : found[0].GetProperty("endpoints").EnumerateArray().Count(one => one.GetProperty("ready").GetBoolean());
    }

    public async Task<string> CallAsync(string service, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, Address);
        request.Headers.Host = service;
        using var answer = await _http.SendAsync(request, cancellationToken);
        return $"{(int)answer.StatusCode} {await answer.Content.ReadAsStringAsync(cancellationToken)}";
    }

    public async ValueTask DisposeAsync()
    {
        Kill();
        await Proxy.DisposeAsync();
        _http.Dispose();
    }
}
