using System.Text.Json.Nodes;
using Mainstay.Drills.Faults;
using Mainstay.Kernel;
using Mainstay.Kube;

namespace Mainstay.Drills.Stage;

/// <summary>
/// The platform of one drill: raised by <c>mainstay up</c> as a person would raise it, then its routers and agents are
/// made to reach the API servers by fault proxies: their kubeconfigs are written anew, and they are killed once, before
/// any customer comes, so that they read them.
/// </summary>
internal sealed class PlatformStage : IAsyncDisposable
{
    private static readonly TimeSpan UpDeadline = TimeSpan.FromMinutes(6);
    private static readonly TimeSpan SettleDeadline = TimeSpan.FromMinutes(2);

    private readonly StageOptions _options;
    private readonly TimeProvider _time;
    private readonly HttpClient _http = new(new SocketsHttpHandler { UseProxy = false })
    {
        Timeout = TimeSpan.FromSeconds(5),
    };

    private PlatformStage(StageOptions options, TimeProvider time)
    {
        _options = options;
        _time = time;
    }

    /// <summary>What <c>up</c> wrote of itself.</summary>
    public StageAddresses Addresses { get; private set; } = StageAddresses.None;

    /// <summary>Between the routers and each API server, in the order of the servers.</summary>
    public IReadOnlyList<ApiProxy> RouterProxies { get; private set; } = [];

    /// <summary>Between the node agents and each API server.</summary>
    public IReadOnlyList<ApiProxy> AgentProxies { get; private set; } = [];

    public StageOptions Options => _options;

    public HttpClient Http => _http;

    /// <exception cref="StartException">it did not come up; nothing of it is left</exception>
    public static async Task<PlatformStage> RaiseAsync(
        StageOptions options, TimeProvider time, CancellationToken cancellationToken)
    {
        var stage = new PlatformStage(options, time);
        try
        {
            await stage.UpAsync(cancellationToken);
            await stage.PutProxiesBetweenAsync(cancellationToken);
            return stage;
        }
        catch
        {
            await stage.DisposeAsync();
            throw;
        }
    }

    /// <summary>One verb of <c>mainstay</c> over this platform's data folder.</summary>
    public Task<ChildResult> MainstayAsync(
        TimeSpan deadline, CancellationToken cancellationToken, params string[] words) =>
        new ChildCommand(_options.Mainstay, [.. words, "--data", _options.DataFolder]) { Deadline = deadline }
            .RunAsync(cancellationToken);

    /// <summary>The processes of the routers; a throw-away instance of one counts as one.</summary>
    public IEnumerable<ProcessSeen> Routers() => ProcessSeen.With(Path("auth/router-"));

    public IEnumerable<ProcessSeen> RoutersOf(string node) => ProcessSeen.With(Path($"auth/router-{node}.kubeconfig"));

    public IEnumerable<ProcessSeen> Controllers() => ProcessSeen.With(" controllers ", Path("auth/controllers."));

    public IEnumerable<ProcessSeen> Agents() =>
        Addresses.Nodes.SelectMany(node => ProcessSeen.With(
            " node ", "--manifests", Path($"nodes/{node}/manifests")));

    public IEnumerable<ProcessSeen> ApiServers() =>
        ProcessSeen.With(" api ", "--etcd-servers", Path("pki"));

    /// <summary>A file of the data folder.</summary>
    public string Path(string name) => System.IO.Path.Combine(_options.DataFolder, name);

    /// <summary>What a person may see: without the path of the data folder.</summary>
    public string Scrub(string text) => text.Replace(_options.DataFolder, "DIR", StringComparison.Ordinal);

    public async ValueTask DisposeAsync()
    {
        if (_options.Keep)
        {
            await PutProxiesAsideAsync();
        }
        else
        {
            await MainstayAsync(TimeSpan.FromMinutes(2), CancellationToken.None, "down");
            Directory.Delete(_options.DataFolder, recursive: true);
        }

        foreach (var proxy in RouterProxies.Concat(AgentProxies))
        {
            await proxy.DisposeAsync();
        }

        _http.Dispose();
    }

    private async Task UpAsync(CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(_options.DataFolder);
        var zones = $"{_options.Zones}";
        var handedOn = _options.Without.Where(name => name != Protections.Guard).ToList();
        string[] without = handedOn.Count == 0 ? [] : ["--without", string.Join(',', handedOn)];
        string[] words =
        [
            "up", "--detach", "--store", "etcd", "--members", zones, "--nodes", zones, "--zones", zones,
            "--api-servers", zones, "--port-offset", $"{_options.PortOffset}",
            "--node-offset", $"{_options.NodeOffset}", .. without,
        ];
        var up = await MainstayAsync(UpDeadline, cancellationToken, words);
        if (up.ExitCode != ExitCodes.Ok)
        {
            throw new StartException(
                $"the drill's platform did not come up: {Scrub(up.Said)}",
                "free the ports, or give the drill others by --port-offset and --node-offset", up.ExitCode);
        }

        Addresses = StageAddresses.Read(_options.DataFolder);
    }

    private async Task PutProxiesBetweenAsync(CancellationToken cancellationToken)
    {
        var servers = Kubeconfig.Load(Path("kubeconfig")).Servers;
        RouterProxies = await StartProxiesAsync(servers, cancellationToken);
        AgentProxies = await StartProxiesAsync(servers, cancellationToken);
        foreach (var node in Addresses.Nodes)
        {
            // All routers prefer the same server, so that one stale server is enough for the story.
            Rewrite($"router-{node}", [.. RouterProxies.Select(proxy => proxy.Url)]);
            Rewrite(node, [.. AgentProxies.Select(proxy => proxy.Url)]);
        }

        await RestartReadersAsync(cancellationToken);
    }

    private async Task<IReadOnlyList<ApiProxy>> StartProxiesAsync(
        IEnumerable<Uri> servers, CancellationToken cancellationToken)
    {
        var proxies = new List<ApiProxy>();
        foreach (var server in servers)
        {
            var options = new ApiProxyOptions
            {
                Upstream = server, PkiFolder = Path("pki"), Time = _time,
            };
            proxies.Add(await ApiProxy.StartAsync(options, cancellationToken));
        }

        return proxies;
    }

    private void Rewrite(string name, IReadOnlyList<Uri> servers)
    {
        var path = Path($"auth/{name}.kubeconfig");
        (Kubeconfig.Load(path) with { Servers = [.. servers] }).Write(path);
    }

    private async Task PutProxiesAsideAsync()
    {
        if (RouterProxies.Count == 0)
        {
            return;
        }

        var servers = Kubeconfig.Load(Path("kubeconfig")).Servers;
        foreach (var node in Addresses.Nodes)
        {
            Rewrite($"router-{node}", servers);
            Rewrite(node, servers);
        }

        await RestartReadersAsync(CancellationToken.None);
    }

    /// <summary>Agents first: it is they who start the routers again.</summary>
    private async Task RestartReadersAsync(CancellationToken cancellationToken)
    {
        foreach (var reader in Agents().Concat(Routers()).ToList())
        {
            reader.Kill();
        }

        await UntilAsync("the routers and agents to come back", AllWellAsync, SettleDeadline, cancellationToken);
    }

    /// <summary>Every part says that it is well, and every router has a live table.</summary>
    private async Task<bool> AllWellAsync(CancellationToken cancellationToken)
    {
        var status = await MainstayAsync(TimeSpan.FromSeconds(30), cancellationToken, "status");
        if (status.ExitCode != ExitCodes.Ok)
        {
            return false;
        }

        return await AllLiveAsync(cancellationToken);
    }

    /// <summary>Every router has a table that its watches keep up to date.</summary>
    public async Task<bool> AllLiveAsync(CancellationToken cancellationToken) =>
        (await TablesAsync(cancellationToken)).All(table => table.State == "live");

    /// <summary>What each router says of its table: <c>live</c>, say; empty where it does not answer.</summary>
    public async Task<IReadOnlyList<(string Router, string State)>> TablesAsync(CancellationToken cancellationToken)
    {
        var tables = new List<(string Router, string State)>();
        foreach (var admin in Addresses.RouterAdmins)
        {
            var state = "";
            await new Waits(_time).UntilAsync(
                async token =>
                {
                    var table = JsonNode.Parse(await _http.GetStringAsync(new Uri(admin, "/table.json"), token));
                    state = table?["source"]?["state"]?.ToString() ?? "";
                    return true;
                },
                TimeSpan.Zero, cancellationToken);
            tables.Add((admin.Authority, state));
        }

        return tables;
    }

    /// <exception cref="StartException">it did not come true in time</exception>
    public async Task UntilAsync(
        string what, Func<CancellationToken, Task<bool>> look, TimeSpan deadline, CancellationToken cancellationToken)
    {
        if (!await new Waits(_time).UntilAsync(look, deadline, cancellationToken))
        {
            throw new StartException(
                $"waited {deadline.TotalSeconds:0} s for {what}, in vain",
                "run the drill with --keep and ask 'mainstay doctor' over its data folder");
        }
    }
}
