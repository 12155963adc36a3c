using Mainstay.Kernel.Signals;
using Mainstay.Router;
using Mainstay.Router.Discovery;
using Mainstay.Router.Pipeline;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace Mainstay.Tests.Router.Discovery;

/// <summary>Routers and API servers over HTTP, on a clock of the test's own.</summary>
public sealed class FreshDiscoveryTests : IDisposable
{
    private const string Beat = "endpointslices/kube-system/mainstay-heartbeat";

    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));
    private readonly CancellationTokenSource _stop = new();

    public void Dispose() => _stop.Dispose();

    [Fact]
    public async Task A_mute_watch_is_named_left_and_repaired_and_no_service_is_lost_meanwhile()
    {
        await using var cluster = await StartAsync(apis: 2);
        using var router = NewRouter(cluster, "node-1");
        var running = router.Discovery.RunAsync(_stop.Token);
        await UntilAsync(() => Sequence(cluster) > 2 && router.Addresses("a") == "10.0.0.1");
        var stale = router.Discovery.View.Server;
        var api = cluster.Apis.Single(one => one.Address.ToString().TrimEnd('/') == stale);

        var muteAt = _time.GetUtcNow();
        api.Mute["endpointslices"] = true;
        cluster.Put("endpointslices", FakeApiServer.Slice("a", "[{'addresses':['10.0.0.9']}]"));
        await UntilAsync(() => router.Signal(SignalCatalog.DiscoveryStale) is not null);
        var signal = router.Signal(SignalCatalog.DiscoveryStale)!;
        Assert.InRange((signal.Since - muteAt).TotalSeconds, 3, 10);
        Assert.Equal(("router/node-1", $"api/{stale}"), (signal.Subject, Assert.Single(signal.Reading.CausedBy)));
        Assert.NotEqual("", router.Addresses("a"));

        await UntilAsync(() => router.Addresses("a") == "10.0.0.9");
        Assert.InRange((_time.GetUtcNow() - muteAt).TotalSeconds, 3, 15);
        await UntilAsync(() => router.Signal(SignalCatalog.DiscoveryStale) is null);
        Assert.NotEqual(stale, router.Discovery.View.Server);
        Assert.Equal(1, router.Discovery.View.Repairs);
        Assert.Equal(0, router.TablesWithout("a"));
        await StopAsync(running);
    }

    [Fact]
    public async Task With_one_API_server_a_mute_watch_is_named_and_its_list_repairs_the_table()
    {
        await using var cluster = await StartAsync(apis: 1);
        using var router = NewRouter(cluster, "node-1");
        var running = router.Discovery.RunAsync(_stop.Token);
        await UntilAsync(() => Sequence(cluster) > 2 && router.Addresses("a") == "10.0.0.1");

        cluster.Apis[0].Mute["endpointslices"] = true;
        cluster.Put("endpointslices", FakeApiServer.Slice("a", "[{'addresses':['10.0.0.9']}]"));
        await UntilAsync(() => router.Addresses("a") == "10.0.0.9");
        Assert.NotNull(router.Signal(SignalCatalog.DiscoveryStale));

        cluster.Apis[0].Mute.Clear();
        await UntilAsync(() => router.Signal(SignalCatalog.DiscoveryStale) is null);
        await StopAsync(running);
    }

    [Fact]
    public async Task When_the_writer_dies_another_router_goes_on_from_its_sequence()
    {
        await using var cluster = await StartAsync(apis: 1);
        using var first = NewRouter(cluster, "node-1");
        using var stopFirst = new CancellationTokenSource();
        var dying = first.Discovery.RunAsync(stopFirst.Token);
        await UntilAsync(() => Sequence(cluster) > 2);
        using var second = NewRouter(cluster, "node-2");
        var running = second.Discovery.RunAsync(_stop.Token);
        await UntilAsync(() => second.Discovery.View.Hop is { Sequence: > 3 });
        Assert.Equal("router/node-1", cluster.Annotation(Beat, "mainstay.dev/written-by"));
        var before = Sequence(cluster);

        // The process is gone without a word: its connections end, and nothing gives the lease up.
        first.Dispose();
        await UntilAsync(() => cluster.Annotation(Beat, "mainstay.dev/written-by") == "router/node-2");

        Assert.True(Sequence(cluster) > before, "the sequence goes on");
        await UntilAsync(() => second.Signal(SignalCatalog.HeartbeatWriterDead) is null
            && second.Discovery.View.Hop?.Age < TimeSpan.FromSeconds(2));
        Assert.Null(second.Signal(SignalCatalog.DiscoveryStale));
        await stopFirst.CancelAsync();
        await StopAsync(Task.WhenAll(running, dying));
    }

    [Fact]
    public async Task A_router_that_cannot_write_leaves_the_heartbeat_to_others()
    {
        await using var cluster = await StartAsync(apis: 1);
        cluster.Apis[0].RefusesWrites = 403;
        using var router = NewRouter(cluster, "node-1");
        var running = router.Discovery.RunAsync(_stop.Token);

        await UntilAsync(() => router.Signal(SignalCatalog.HeartbeatWriterDead) is not null);

        Assert.Equal("10.0.0.1", router.Addresses("a"));
        Assert.Null(router.Signal(SignalCatalog.DiscoveryStale));
        Assert.Contains("no heartbeat object",
            router.Signal(SignalCatalog.HeartbeatWriterDead)!.Reading.Summary, StringComparison.Ordinal);
        await StopAsync(running);
    }

    [Fact]
    public async Task A_router_makes_itself_known_with_the_revision_that_is_in_its_table()
    {
        const string Lease = "leases/kube-system/mainstay-router-node-1";
        await using var cluster = await StartAsync(apis: 1);
        using var router = NewRouter(cluster, "node-1");
        var running = router.Discovery.RunAsync(_stop.Token);
        await UntilAsync(() => cluster.Annotation(Lease, "mainstay.dev/applied-revision").Length > 0);

        cluster.Put("endpointslices", FakeApiServer.Slice("a", "[{'addresses':['10.0.0.9']}]"));
        var (objects, _) = cluster.Snapshot();
        var changed = objects["endpointslices/bank/a-1"]["metadata"]!["resourceVersion"]!.GetValue<string>();
        await UntilAsync(() => !Mainstay.Kube.ResourceVersion.IsOlder(
            cluster.Annotation(Lease, "mainstay.dev/applied-revision"), changed));

        Assert.Equal("10.0.0.9", router.Addresses("a"));
        Assert.Equal(("node-1", "http://admin"), (cluster.Annotation(Lease, "mainstay.dev/node"),
            cluster.Annotation(Lease, "mainstay.dev/admin")));
        Assert.Equal("{\"result\":\"safe\"}", cluster.Annotation(Lease, "mainstay.dev/proof"));
        await StopAsync(running);
    }

    [Theory]
    [InlineData("v1beta1", "endpointslices")]
    [InlineData("", "endpoints")]
    public async Task An_older_cluster_is_read_and_its_heartbeat_is_of_the_kind_that_it_serves(
        string version, string plural)
    {
        await using var cluster = await StartAsync(apis: 1);
        cluster.SliceVersions = version.Length > 0 ? [version] : [];
        cluster.Put("endpoints", "{'metadata':{'namespace':'bank','name':'a'},'subsets':[" +
            "{'addresses':[{'ip':'10.0.0.1'}],'ports':[{'name':'http','port':8080}]}]}");
        using var router = NewRouter(cluster, "node-1");
        var running = router.Discovery.RunAsync(_stop.Token);

        await UntilAsync(() => router.Addresses("a") == "10.0.0.1" && router.Discovery.View.Hop is { Sequence: > 1 });

        Assert.True(cluster.Snapshot().Objects.ContainsKey($"{plural}/kube-system/mainstay-heartbeat"));
        Assert.Null(router.Signal(SignalCatalog.DiscoveryStale));
        await StopAsync(running);
    }

    [Fact]
    public async Task A_senseless_object_is_signalled_by_name_until_it_makes_sense_or_is_gone()
    {
        await using var cluster = await StartAsync(apis: 1);
        using var router = NewRouter(cluster, "node-1");
        var running = router.Discovery.RunAsync(_stop.Token);
        await UntilAsync(() => router.Addresses("a") == "10.0.0.1");

        cluster.Put("endpointslices", FakeApiServer.Slice("a", "'none'"));
        await UntilAsync(() => router.Signal(SignalCatalog.ObjectQuarantined) is not null);
        var signal = router.Signal(SignalCatalog.ObjectQuarantined)!;
        Assert.Equal(new ObjectReference("EndpointSlice", "bank", "a-1"), signal.Reading.Culprit);
        Assert.Equal("router/node-1/EndpointSlice/bank/a-1", signal.Subject);
        Assert.Equal("10.0.0.1", router.Addresses("a"));

        cluster.Put("endpointslices", FakeApiServer.Slice("a", "null"));
        await UntilAsync(() => router.Signal(SignalCatalog.ObjectQuarantined) is null && router.Addresses("a") == "");
        await StopAsync(running);
    }

    [Fact]
    public async Task A_watch_of_services_that_is_mute_is_found_by_comparison()
    {
        await using var cluster = await StartAsync(apis: 2);
        using var router = NewRouter(cluster, "node-1");
        var running = router.Discovery.RunAsync(_stop.Token);
        await UntilAsync(() => Sequence(cluster) > 2 && router.Addresses("a") == "10.0.0.1");
        var api = cluster.Apis.Single(one => one.Address.ToString().TrimEnd('/') == router.Discovery.View.Server);

        api.Mute["services"] = true;
        cluster.Put("services", FakeApiServer.Service("b"));
        cluster.Put("endpointslices", FakeApiServer.Slice("b", "[{'addresses':['10.0.0.2']}]"));
        await UntilAsync(() => router.Addresses("b") == "10.0.0.2", pace: 60);

        Assert.True(router.Discovery.View.Repairs >= 1);
        await StopAsync(running);
    }

    [Fact]
    public async Task Without_tolerance_one_null_object_keeps_a_router_from_its_table_for_ever()
    {
        await using var cluster = await StartAsync(apis: 1);
        cluster.Put("services", FakeApiServer.Service("b"));
        cluster.Put("endpointslices", FakeApiServer.Slice("b", "null"));
        using var strict = NewRouter(cluster, "node-1", new RouterProtections { Tolerance = false });
        using var tolerant = NewRouter(cluster, "node-2");
        var running = Task.WhenAll(strict.Discovery.RunAsync(_stop.Token), tolerant.Discovery.RunAsync(_stop.Token));

        const string List = "GET /apis/discovery.k8s.io/v1/endpointslices?limit";
        await UntilAsync(() => tolerant.Addresses("a") == "10.0.0.1"
            && cluster.Apis[0].Requests.Count(line => line.StartsWith(List, StringComparison.Ordinal)) > 4);
        Assert.Equal(0, strict.Tables.Current.Revision);

        cluster.Delete("endpointslices/bank/b-1");
        await UntilAsync(() => strict.Addresses("a") == "10.0.0.1");
        await StopAsync(running);
    }

    [Fact]
    public async Task Without_freshness_a_mute_watch_is_believed_and_nothing_is_written()
    {
        await using var cluster = await StartAsync(apis: 2);
        using var router = NewRouter(cluster, "node-1", new RouterProtections { Freshness = false });
        var running = router.Discovery.RunAsync(_stop.Token);
        await UntilAsync(() => router.Addresses("a") == "10.0.0.1");

        cluster.Apis[0].Mute["endpointslices"] = cluster.Apis[1].Mute["endpointslices"] = true;
        cluster.Put("endpointslices", FakeApiServer.Slice("a", "[{'addresses':['10.0.0.9']}]"));
        var mutedAt = _time.GetUtcNow();
        await UntilAsync(() => _time.GetUtcNow() - mutedAt > TimeSpan.FromSeconds(100), pace: 60);

        Assert.Equal("10.0.0.1", router.Addresses("a"));
        Assert.Null(router.Signal(SignalCatalog.DiscoveryStale));
        Assert.Null(router.Discovery.View.Hop);
        Assert.Equal(SourceState.Live, router.Discovery.View.State);
        Assert.Equal(-1, Sequence(cluster));
        await StopAsync(running);
    }

    [Fact]
    public async Task A_cluster_that_no_longer_serves_the_version_in_use_is_asked_anew()
    {
        await using var cluster = await StartAsync(apis: 1);
        cluster.SliceVersions = ["v1beta1"];
        using var router = NewRouter(cluster, "node-1");
        var running = router.Discovery.RunAsync(_stop.Token);
        await UntilAsync(() => router.Addresses("a") == "10.0.0.1");

        cluster.SliceVersions = ["v1"];
        await cluster.Apis[0].CutWatchesAsync();
        cluster.Put("endpointslices", FakeApiServer.Slice("a", "[{'addresses':['10.0.0.9']}]"));

        await UntilAsync(() => router.Addresses("a") == "10.0.0.9");
        Assert.Contains(cluster.Apis[0].Requests, line => line.StartsWith(
            "GET /apis/discovery.k8s.io/v1/endpointslices?limit", StringComparison.Ordinal));
        await StopAsync(running);
    }

    private static async Task<MiniCluster> StartAsync(int apis)
    {
        var cluster = await MiniCluster.StartAsync(apis);
        cluster.Put("services", FakeApiServer.Service("a"));
        cluster.Put("endpointslices", FakeApiServer.Slice("a", "[{'addresses':['10.0.0.1']}]"));
        return cluster;
    }

    private static long Sequence(MiniCluster cluster) =>
        long.TryParse(cluster.Annotation(Beat, "mainstay.dev/sequence"), out var sequence) ? sequence : -1;

    private RouterInTest NewRouter(MiniCluster cluster, string node, RouterProtections? protections = null) =>
        new(cluster, node, protections ?? RouterProtections.All, _time);

    private async Task StopAsync(Task running)
    {
        await _stop.CancelAsync();
        await running.WaitAsync(TimeSpan.FromSeconds(10));
    }

    /// <summary>
    /// Lets the clock run, some times as fast as the machine's, until it is so: much faster, and the deadlines of
    /// requests would pass before a busy machine can answer. A real deadline ends a test that waits in vain.
    /// </summary>
    private async Task UntilAsync(Func<bool> condition, int pace = 8)
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
                _time.Advance(TimeSpan.FromMilliseconds(5 * pace));
            }

            await Task.Yield();
        }
    }

    private sealed class RouterInTest : IDisposable
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
}
