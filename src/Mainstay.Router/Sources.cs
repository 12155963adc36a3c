using System.Runtime.CompilerServices;
using System.Text.Json;
using Mainstay.Kernel;
using Mainstay.Kernel.Signals;
using Mainstay.Kube;
using Mainstay.Router.Discovery;
using Mainstay.Router.Discovery.Brake;
using Mainstay.Router.Pipeline;
using Microsoft.Extensions.Logging;

namespace Mainstay.Router;

/// <summary>
/// Where the table and the local pods come from: the API server and the agent, the disk before they are heard, or a
/// static
/// file in their place.
/// </summary>
internal sealed class Sources : IDisposable
{
    private readonly RouterOptions _options;
    private readonly KubeDiscovery? _kube;
    private readonly LocalPodBinding? _pods;
    private StrongBox<Func<string?>> _proofLine = new();
    private BrakeSetup? _brake;

    private Sources(RouterOptions options, DiscoveryParts parts, KubeDiscovery? kube, LocalPodBinding? pods)
    {
        _options = options;
        _kube = kube;
        _pods = pods;
        (Tables, Signals) = (parts.Tables, parts.Signals);
        Discovery = kube is not null ? kube : new StaticDiscovery(options.TableFile ?? "");
    }

    public TableSource Tables { get; }

    public IDiscovery Discovery { get; }

    /// <summary>The one board of this router.</summary>
    public SignalBoard Signals { get; }

    /// <summary>
    /// Gives the line on the last restart proof for the router's Lease; set before the loops run.
    /// </summary>
    public Func<string?> ProofLine
    {
        set => _proofLine.Value = value;
    }

    /// <exception cref="StartException">the kubeconfig or the data folder cannot be used</exception>
    public static Sources Create(RouterOptions options, ILogger logger, TimeProvider time)
    {
        var proofLine = new StrongBox<Func<string?>>(() => null);
        var parts = new DiscoveryParts(new TableSource(), new SignalBoard(time))
        {
            Node = options.Node,
            AdminUrl = options.Admin.Count > 0 ? $"http://{options.Admin[0]}" : "",
            DiscoveryKind = options.DiscoveryKind,
            Proof = () => proofLine.Value?.Invoke(),
            Protections = options.Protections,
        };
        var world = new DiscoveryWorld(logger, time, new Random());
        MakeFolder(options.DataDirectory);
        var brake = BrakeSetup.Create(options, parts, world);
        var kube = options.Kubeconfig is { } file ? CreateKube(options, file, brake?.Parts ?? parts, world) : null;
        var pods = options.Agent is { } agent ? new LocalPodBinding(options, agent, world) : null;
        return new Sources(options, parts, kube, pods) { _brake = brake, _proofLine = proofLine };
    }

    /// <summary>What is known without the API server; node agents confirm it, in a bounded time.</summary>
    public async Task LoadAsync()
    {
        _kube?.LoadSnapshot();
        if (_kube is not null && _brake is not null)
        {
            await _brake.ConfirmAsync(_kube);
        }

        if (_options.TableFile is { } file)
        {
            Tables.Publish(await ReadStaticAsync(file));
        }
    }

    /// <summary>Listens for the pods that were on this node when the last router ran.</summary>
    public Task BindKnownPodsAsync(Listeners listeners) => _pods?.LoadAsync(listeners) ?? Task.CompletedTask;

    /// <summary>Loops that end only when the token is cancelled, or by a bug.</summary>
    public IEnumerable<Task> Run(CancellationToken cancellationToken)
    {
        if (_kube is not null)
        {
            yield return _kube.RunAsync(cancellationToken);
            foreach (var loop in _brake?.Run(_kube, cancellationToken) ?? [])
            {
                yield return loop;
            }
        }
    }

    /// <summary>Listens for the local pods, as the agent tells; ends when the token is cancelled.</summary>
    public Task BindPodsAsync(Listeners listeners, CancellationToken cancellationToken) =>
        _pods?.RunAsync(listeners, cancellationToken) ?? Task.CompletedTask;

    public void Dispose()
    {
        _kube?.Dispose();
        _brake?.Dispose();
        _pods?.Dispose();
    }

    private static KubeDiscovery CreateKube(
        RouterOptions options, string file, DiscoveryParts parts, DiscoveryWorld world)
    {
        try
        {
            var kubeconfig = Kubeconfig.Load(file);
            var snapshot = options.SnapshotPath is { } path
                ? new SnapshotFile(path, ClusterIdentity.Of(kubeconfig))
                : null;
            var connections = KubeConnections.Create(kubeconfig, options.Protections, world.Time);
            return new KubeDiscovery(connections, parts with { Snapshot = snapshot }, world);
        }
        catch (KubeconfigException fault)
        {
            throw new StartException(fault.Message, "name a good one by --kubeconfig");
        }
    }

    private static void MakeFolder(string? folder)
    {
        try
        {
            if (folder is not null)
            {
                Directory.CreateDirectory(folder);
            }
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            var cause = $"the folder {folder} cannot be made: {fault.Message}";
            throw new StartException(cause, "name another by --data-dir");
        }
    }

    private static async Task<RouteTable> ReadStaticAsync(string file)
    {
        try
        {
            using var document = JsonDocument.Parse(await File.ReadAllBytesAsync(file));
            return new RouteTable(TableJson.Read(document.RootElement), 1);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException or JsonException
            or MalformedObjectException)
        {
            throw new StartException($"the table {file} cannot be read: {fault.Message}", "mend the file");
        }
    }
}
