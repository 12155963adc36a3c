using Mainstay.Conformance.Platform;
using Mainstay.Etcd;

namespace Mainstay.Conformance.Store;

/// <summary>An etcd v3 server of either kind, as a process with a folder of its own.</summary>
internal sealed class EtcdServer : IDisposable
{
    private static readonly TimeSpan StartTimeout = TimeSpan.FromSeconds(60);

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("mainstay-conformance-");
    private readonly Func<EtcdServer, Child> _start;
    private readonly string? _disk;
    private Child? _process;

    private EtcdServer(Func<EtcdServer, Child> start, string? disk = null)
    {
        _start = start;
        _disk = disk;
        Client = new EtcdClient(new EtcdClientOptions { Endpoints = [new Uri(Url)] }, TimeProvider.System);
    }

    public int Port { get; } = FreePorts.Row(1);

    public int OtherPort { get; } = FreePorts.Row(1);

    public string Url => $"http://127.0.0.1:{Port}";

    public string DataDir => Path.Combine(_disk ?? _folder.FullName, "data");

    public EtcdClient Client { get; }

    public Child Process => _process!; // set by the only ways to get a server

    public static Task<EtcdServer> StartOurStoreAsync(params string[] more) => StartOurStoreOnAsync(null, more);

    /// <param name="disk">a folder for its data; null for one of its own</param>
    /// <param name="more">more words for its command line</param>
    public static Task<EtcdServer> StartOurStoreOnAsync(string? disk, params string[] more) =>
        StartAsync(new EtcdServer(
            server => Child.Start(Peers.Mainstay, [
                "store", "--data-dir", server.DataDir, "--listen-client", $"127.0.0.1:{server.Port}",
                "--listen-metrics", $"127.0.0.1:{server.OtherPort}", .. more,
            ]),
            disk));

    public static Task<EtcdServer> StartDebianEtcdAsync() => StartAsync(new EtcdServer(
        server => Child.Start(
            "etcd", "--data-dir", server.DataDir,
            "--listen-client-urls", server.Url, "--advertise-client-urls", server.Url,
            "--listen-peer-urls", $"http://127.0.0.1:{server.OtherPort}",
            "--initial-advertise-peer-urls", $"http://127.0.0.1:{server.OtherPort}",
            "--initial-cluster", $"default=http://127.0.0.1:{server.OtherPort}")));

    /// <summary>Starts it again on the same folder and port, after it was killed.</summary>
    public async Task StartAgainAsync()
    {
        _process?.Dispose();
        _process = _start(this);
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        deadline.CancelAfter(StartTimeout);
        while (true)
        {
            try
            {
                await Client.StatusAsync(deadline.Token);
                return;
            }
            catch (EtcdException) when (!_process.HasExited)
            {
                // Not yet: its own back-off paces the next try.
            }
            catch (EtcdException exception)
            {
                throw new InvalidOperationException($"the server has ended: {_process.Said}", exception);
            }
        }
    }

    /// <summary>What etcdctl said, without the last line's end, however it ended.</summary>
    public async Task<string> EtcdctlAsync(params string[] words) => (await TryEtcdctlAsync(words)).Said;

    public Task<CommandResult> TryEtcdctlAsync(params string[] words) =>
        Command.Etcdctl(["--endpoints", Url, .. words]).RunAsync(TestContext.Current.CancellationToken);

    public void Dispose()
    {
        Client.Dispose();
        _process?.Dispose();
        _folder.Delete(recursive: true);
    }

    private static async Task<EtcdServer> StartAsync(EtcdServer server)
    {
        await server.StartAgainAsync();
        return server;
    }
}

/// <summary>One server for all tests of a class.</summary>
public abstract class EtcdFixture : IAsyncLifetime
{
    private EtcdServer? _server;

    internal EtcdServer Server => _server!; // tests run between initialisation and disposal

    public async ValueTask InitializeAsync() => _server = await StartAsync();

    public ValueTask DisposeAsync()
    {
        _server?.Dispose();
        GC.SuppressFinalize(this);
        return ValueTask.CompletedTask;
    }

    private protected abstract Task<EtcdServer> StartAsync();
}

public sealed class OurStoreFixture : EtcdFixture
{
    private protected override Task<EtcdServer> StartAsync() => EtcdServer.StartOurStoreAsync();
}

public sealed class DebianEtcdFixture : EtcdFixture
{
    private protected override Task<EtcdServer> StartAsync() => EtcdServer.StartDebianEtcdAsync();
}
