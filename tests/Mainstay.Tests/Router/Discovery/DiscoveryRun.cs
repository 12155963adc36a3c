using Mainstay.Kernel.Signals;
using Mainstay.Router;
using Mainstay.Router.Discovery;
using Mainstay.Router.Pipeline;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace Mainstay.Tests.Router.Discovery;

/// <summary>Routers over a <see cref="MiniCluster"/>, all on one clock that runs faster than the machine's.</summary>
internal sealed class DiscoveryRun : IDisposable
{
    public const string Beat = "endpointslices/kube-system/mainstay-heartbeat";

    private readonly CancellationTokenSource _stop = new();

    public FakeTimeProvider Time { get; } = new(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));

    public CancellationToken Stopping => _stop.Token;

    public void Dispose() => _stop.Dispose();

    public static async Task<MiniCluster> StartAsync(int apis)
    {
        var cluster = await MiniCluster.StartAsync(apis);
        cluster.Put("services", FakeApiServer.Service("a"));
        cluster.Put("endpointslices", FakeApiServer.Slice("a", "[{'addresses':['10.0.0.1']}]"));
        return cluster;
    }

    /// <summary>The heartbeat's in the store; -1 for none.</summary>
    public static long Sequence(MiniCluster cluster) =>
        long.TryParse(cluster.Annotation(Beat, "mainstay.dev/sequence"), out var sequence) ? sequence : -1;

    public RouterInTest NewRouter(MiniCluster cluster, string node, RouterProtections? protections = null) =>
        new(cluster, node, protections ?? RouterProtections.All, Time);

    public async Task StopAsync(Task running)
    {
        await _stop.CancelAsync();
        await running.WaitAsync(TimeSpan.FromSeconds(10));
    }

    /// <summary>
    /// Lets the clock run, some times as fast as the machine's, until it is so: much faster, and the deadlines of
    /// requests would pass before a busy machine can answer. A real deadline ends a test that waits in vain.
    /// </summary>
    public async Task UntilAsync(Func<bool> condition, int pace = 8)
    {
        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        var advancedAt = TimeProvider.System.GetTimestamp();
        while (!condition())
        {
            Assert.False(deadline.IsCancellationRequested, "it came to pass in time");
            var passed = TimeProvider.System.GetElapsedTime(advancedAt);
            if (passed >= TimeSpan.FromMilliseconds(5))
            {
                advancedAt = TimeProvider.System.GetTimestamp();
                Time.Advance(TimeSpan.FromMilliseconds(5 * pace));
            }

            await Task.Yield();
        }
    }
}

/// <summary>The discovery of one router, its table and its signals.</summary>
internal sealed class RouterInTest : IDisposable
{
    private readonly SignalBoard _board;
    private readonly List<RouteTable> _published = [];
    private bool _isDisposed;

    public RouterInTest(MiniCluster cluster, string node, RouterProtections protections, TimeProvider time)
    {
        _board = new SignalBoard(time);
        var connections = KubeConnections.Create(cluster.Kubeconfig, protections, time);
        var parts = new DiscoveryParts(Tables, _board)
        {
            Node = node,
            AdminUrl = "http://admin",
            Proof = () => "{\"result\":\"safe\"}",
            Protections = protections,
        };
        Tables.Published += () => _published.Add(Tables.Current);
        var world = new DiscoveryWorld(NullLogger.Instance, time, new Random(1));
        Discovery = new KubeDiscovery(connections, parts, world);
    }

    public TableSource Tables { get; } = new();

    public KubeDiscovery Discovery { get; }

    public Signal? Signal(SignalDefinition definition) =>
        _board.Active.FirstOrDefault(signal => signal.Definition == definition);

    public string Addresses(string service) => string.Join(',', Tables.Current.Services
        .Where(route => route.Name == service)
        .SelectMany(route => route.Ports[0].Endpoints)
        .Select(endpoint => endpoint.Address));

    public int TablesWithout(string service) =>
        _published.Count(table => table.Services.All(route => route.Name != service));

    public void Dispose()
    {
        if (!_isDisposed)
        {
            _isDisposed = true;
            Discovery.Dispose();
        }
    }
}
