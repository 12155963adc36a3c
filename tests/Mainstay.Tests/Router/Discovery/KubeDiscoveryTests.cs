using System.Collections.Immutable;
using Mainstay.Kernel.Signals;
using Mainstay.Kube;
using Mainstay.Router;
using Mainstay.Router.Discovery;
using Mainstay.Router.Pipeline;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace Mainstay.Tests.Router.Discovery;

public sealed class KubeDiscoveryTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("mainstay-discovery-").FullName;
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));
    private readonly CancellationTokenSource _stop = new();
    private readonly TableSource _tables = new();

    /// <summary>
    /// The machine's own, unless hours have to pass: then a watch would be given up while a test looks.
    /// </summary>
    private TimeProvider _clock = TimeProvider.System;

    private SnapshotFile Snapshot => new(Path.Combine(_folder, "table.snapshot"), "cluster");

    public void Dispose()
    {
        _stop.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task A_change_is_routed_on_and_a_slice_that_makes_no_sense_harms_its_service_alone()
    {
        using var server = NewServer();
        using var discovery = NewDiscovery(server);
        var running = discovery.RunAsync(_stop.Token);
        await UntilAsync(() => Addresses("a") == "10.0.0.1" && Addresses("b") == "10.0.0.2");
        await UntilAsync(() => server.IsWatched("endpointslices") && server.IsWatched("services"));

        server.Push("endpointslices", "MODIFIED", FakeApiServer.Slice("b", "{'no':'list'}"));
        server.Push("endpointslices", "MODIFIED", FakeApiServer.Slice("a", "[{'addresses':['10.0.0.9']}]"));
        await UntilAsync(() => Addresses("a") == "10.0.0.9");

        Assert.Equal("10.0.0.2", Addresses("b"));
        var bad = Assert.Single(discovery.View.Quarantined);
        Assert.Equal(new ObjectKey("bank", "b-1"), bad.Key);
        Assert.Contains("endpoints", bad.Reason, StringComparison.Ordinal);
        await StopAsync(running);
    }

    [Fact]
    public async Task A_service_that_is_scaled_to_nothing_stays_with_nothing_and_harms_no_other()
    {
        using var server = NewServer();
        var slice = FakeApiServer.Slice("a", "[{'addresses':['10.0.0.1']}]");
        server.Slices = $"{slice},{FakeApiServer.Slice("b", "null")}";
        using var discovery = NewDiscovery(server);
        var running = discovery.RunAsync(_stop.Token);

        await UntilAsync(() => _tables.Current.Revision > 0);

        Assert.Equal(("10.0.0.1", ""), (Addresses("a"), Addresses("b")));
        Assert.Equal(2, _tables.Current.Services.Length);
        Assert.Empty(discovery.View.Quarantined);
        await StopAsync(running);
    }

    [Fact]
    public async Task While_the_API_server_is_down_the_last_table_stays_and_says_how_old_it_is()
    {
        _clock = _time;
        using var server = NewServer();
        using var discovery = NewDiscovery(server);
        var running = discovery.RunAsync(_stop.Token);
        await UntilAsync(() => discovery.View.State == SourceState.Live && _tables.Current.Revision > 0);
        var table = _tables.Current;

        server.GoDown();
        await UntilAsync(() => discovery.View.State == SourceState.Connecting);

        // An answer that was on its way when the server went down may be heard after the first leap of the clock.
        await UntilAsync(() =>
        {
            _time.Advance(TimeSpan.FromMinutes(20));
            return discovery.View is { State: SourceState.Connecting, HeardAgo.TotalHours: > 1 };
        });

        Assert.Same(table, _tables.Current);
        await StopAsync(running);
    }

    [Fact]
    public async Task A_router_that_starts_while_everything_is_down_routes_on_the_snapshot_for_any_time()
    {
        _clock = _time;
        using (var server = NewServer())
        using (var before = NewDiscovery(server))
        {
            var running = before.RunAsync(_stop.Token);
            await UntilAsync(() => before.View.SnapshotAge is not null);
            await StopAsync(running);
        }

        using var down = new FakeApiServer();
        down.GoDown();
        using var stop = new CancellationTokenSource();
        var tables = new TableSource();
        using var discovery = NewDiscovery(down, tables);
        discovery.LoadSnapshot();
        Assert.Equal(["bank/a", "bank/b"], tables.Current.Services.Select(service =>
            $"{service.Namespace}/{service.Name}"));

        var table = tables.Current;
        var trying = discovery.RunAsync(stop.Token);
        _time.Advance(TimeSpan.FromHours(2));
        await UntilAsync(() => discovery.View.SnapshotAge?.TotalHours > 1);
        Assert.Same(table, tables.Current);
        Assert.Equal(SourceState.Snapshot, discovery.View.State);
        await stop.CancelAsync();
        await trying;
    }

    [Fact]
    public async Task An_object_that_makes_no_sense_at_the_first_list_keeps_the_value_that_the_snapshot_has()
    {
        var service = new ServiceObject(new ObjectKey("bank", "b"), [new ServicePort("http", 80)]);
        var slice = new SliceObject(new ObjectKey("bank", "b-1"), "b")
        {
            Ports = [new ServicePort("http", 8080)],
            Addresses = [new SliceAddress("10.0.0.7", true)],
        };
        Snapshot.Write(
            new DiscoveredObjects(
                ImmutableDictionary<ObjectKey, ServiceObject>.Empty.Add(service.Key, service),
                ImmutableDictionary<ObjectKey, SliceObject>.Empty.Add(slice.Key, slice)),
            _time.GetUtcNow());
        using var server = NewServer();
        server.Slices = $"{FakeApiServer.Slice("a", "[{'addresses':['10.0.0.1']}]")},{FakeApiServer.Slice("b", "7")}";
        using var discovery = NewDiscovery(server);
        discovery.LoadSnapshot();
        var running = discovery.RunAsync(_stop.Token);

        await UntilAsync(() => Addresses("a") == "10.0.0.1");

        Assert.Equal("10.0.0.7", Addresses("b"));
        Assert.False(Assert.Single(discovery.View.Quarantined).HasLastGood);
        await StopAsync(running);
    }

    private static FakeApiServer NewServer() => new()
    {
        Services = $"{FakeApiServer.Service("a")},{FakeApiServer.Service("b")}",
        Slices = $"{FakeApiServer.Slice("a", "[{'addresses':['10.0.0.1']}]")}," +
            FakeApiServer.Slice("b", "[{'addresses':['10.0.0.2']}]"),
    };

    private KubeDiscovery NewDiscovery(FakeApiServer server, TableSource? tables = null)
    {
        var kubeconfig = Kubeconfig.Parse(server.Kubeconfig, _folder);
        var connections = KubeConnections.Create(kubeconfig, RouterProtections.All, _clock);
        var world = new DiscoveryWorld(NullLogger.Instance, _clock, new Random(1));
        var parts = new DiscoveryParts(tables ?? _tables, new SignalBoard(_clock)) { Snapshot = Snapshot };
        return new KubeDiscovery(connections, parts, world);
    }

    private string Addresses(string service) => string.Join(',', _tables.Current.Services
        .Where(route => route.Name == service)
        .SelectMany(route => route.Ports[0].Endpoints)
        .Select(endpoint => endpoint.Address));

    private async Task StopAsync(Task running)
    {
        await _stop.CancelAsync();
        await running.WaitAsync(TimeSpan.FromSeconds(10));
    }

    /// <summary>
    /// Lets the clock run, four times as fast as the machine's, until it is so: faster, the deadlines of requests would
    /// pass before a busy machine can answer. A real deadline ends a test that waits in vain.
    /// </summary>
    private async Task UntilAsync(Func<bool> condition)
    {
        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        var advancedAt = TimeProvider.System.GetTimestamp();
        while (!condition())
        {
            Assert.False(deadline.IsCancellationRequested, "it came to pass in time");
            if (TimeProvider.System.GetElapsedTime(advancedAt) >= TimeSpan.FromMilliseconds(5))
            {
                advancedAt = TimeProvider.System.GetTimestamp();
                _time.Advance(TimeSpan.FromMilliseconds(20));
            }

            await Task.Yield();
        }
    }
}
