using Mainstay.Kernel.Signals;
using Mainstay.Router.Discovery;

namespace Mainstay.Tests.Router.Discovery;

/// <summary>What routers write: the heartbeat, by election, and themselves; on the test's own clock.</summary>
public sealed class RoutersOnOneClusterTests : IDisposable
{
    private readonly DiscoveryRun _run = new();

    public void Dispose() => _run.Dispose();

    [Fact]
    public async Task When_the_writer_dies_another_router_goes_on_from_its_sequence()
    {
        await using var cluster = await DiscoveryRun.StartAsync(apis: 1);
        using var first = _run.NewRouter(cluster, "node-1");
        using var stopFirst = new CancellationTokenSource();
        var dying = first.Discovery.RunAsync(stopFirst.Token);
        await _run.UntilAsync(() => DiscoveryRun.Sequence(cluster) > 2);
        using var second = _run.NewRouter(cluster, "node-2");
        var running = second.Discovery.RunAsync(_run.Stopping);
        await _run.UntilAsync(() => second.Discovery.View.Hop is { Sequence: > 3 });
        Assert.Equal("router/node-1", cluster.Annotation(DiscoveryRun.Beat, "mainstay.dev/written-by"));
        var before = DiscoveryRun.Sequence(cluster);

        // The process is gone without a word: its connections end, and nothing gives the lease up.
        first.Dispose();
        await _run.UntilAsync(() =>
            cluster.Annotation(DiscoveryRun.Beat, "mainstay.dev/written-by") == "router/node-2");

        Assert.True(DiscoveryRun.Sequence(cluster) > before, "the sequence goes on");
        await _run.UntilAsync(() => second.Signal(SignalCatalog.HeartbeatWriterDead) is null
            && second.Discovery.View.Hop?.Age < TimeSpan.FromSeconds(2));
        Assert.Null(second.Signal(SignalCatalog.DiscoveryStale));
        await stopFirst.CancelAsync();
        await _run.StopAsync(Task.WhenAll(running, dying));
    }

    [Fact]
    public async Task A_router_that_cannot_write_leaves_the_heartbeat_to_others()
    {
        await using var cluster = await DiscoveryRun.StartAsync(apis: 1);
        cluster.Apis[0].Refuses = (_, _) => true;
        using var router = _run.NewRouter(cluster, "node-1");
        var running = router.Discovery.RunAsync(_run.Stopping);

        await _run.UntilAsync(() => router.Signal(SignalCatalog.HeartbeatWriterDead) is not null);

        Assert.Equal("10.0.0.1", router.Addresses("a"));
        Assert.Null(router.Signal(SignalCatalog.DiscoveryStale));
        Assert.Contains("no heartbeat object",
            router.Signal(SignalCatalog.HeartbeatWriterDead)!.Reading.Summary, StringComparison.Ordinal);
        await _run.StopAsync(running);
    }

    [Fact]
    public async Task A_writer_that_may_renew_but_not_beat_gives_the_lease_up_to_another()
    {
        await using var cluster = await DiscoveryRun.StartAsync(apis: 1);
        using var first = _run.NewRouter(cluster, "node-1");
        using var second = _run.NewRouter(cluster, "node-2");
        var running = first.Discovery.RunAsync(_run.Stopping);
        await _run.UntilAsync(() => DiscoveryRun.Sequence(cluster) > 2);
        running = Task.WhenAll(running, second.Discovery.RunAsync(_run.Stopping));

        cluster.Apis[0].Refuses = (plural, body) => plural == "endpointslices"
            && body["metadata"]!["annotations"]!["mainstay.dev/written-by"]!.GetValue<string>() == "router/node-1";
        await _run.UntilAsync(() =>
            cluster.Annotation(DiscoveryRun.Beat, "mainstay.dev/written-by") == "router/node-2");

        await _run.UntilAsync(() => first.Signal(SignalCatalog.HeartbeatWriterDead) is null
            && first.Discovery.View.Hop?.Age < TimeSpan.FromSeconds(2));
        Assert.Null(first.Signal(SignalCatalog.DiscoveryStale));
        await _run.StopAsync(running);
    }

    [Fact]
    public async Task A_writer_whose_API_servers_were_all_away_goes_on_as_soon_as_one_is_back()
    {
        await using var cluster = await DiscoveryRun.StartAsync(apis: 1);
        using var router = _run.NewRouter(cluster, "node-1");
        using var other = _run.NewRouter(cluster, "node-2");
        var running = router.Discovery.RunAsync(_run.Stopping);
        await _run.UntilAsync(() => DiscoveryRun.Sequence(cluster) > 2);
        running = Task.WhenAll(running, other.Discovery.RunAsync(_run.Stopping));

        cluster.Apis[0].IsDown = true;
        await cluster.Apis[0].CutWatchesAsync();
        var downAt = _run.Time.GetUtcNow();
        await _run.UntilAsync(() => _run.Time.GetUtcNow() - downAt > TimeSpan.FromSeconds(6));
        var before = DiscoveryRun.Sequence(cluster);
        cluster.Apis[0].IsDown = false;
        var backAt = _run.Time.GetUtcNow();
        await _run.UntilAsync(() => DiscoveryRun.Sequence(cluster) > before);

        Assert.InRange((_run.Time.GetUtcNow() - backAt).TotalSeconds, 0, 3);
        Assert.Equal("router/node-1", cluster.Annotation(DiscoveryRun.Beat, "mainstay.dev/written-by"));
        await _run.StopAsync(running);
    }

    [Fact]
    public async Task A_router_that_was_refused_makes_itself_known_once_it_may()
    {
        await using var cluster = await DiscoveryRun.StartAsync(apis: 1);
        cluster.Apis[0].Refuses = (plural, _) => plural == "leases";
        using var router = _run.NewRouter(cluster, "node-1");
        var running = router.Discovery.RunAsync(_run.Stopping);
        await _run.UntilAsync(() => cluster.Apis[0].Requests.Count(IsRegistration) > 2);
        Assert.Equal("10.0.0.1", router.Addresses("a"));

        cluster.Apis[0].Refuses = (_, _) => false;
        await _run.UntilAsync(() =>
            cluster.Snapshot().Objects.ContainsKey("leases/kube-system/mainstay-router-node-1"));
        await _run.StopAsync(running);

        static bool IsRegistration(string line) => line.StartsWith("POST", StringComparison.Ordinal)
            || line.Contains("/leases/mainstay-router-node-1", StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_router_names_what_it_keeps_out_for_as_long_as_it_does()
    {
        const string Lease = "leases/kube-system/mainstay-router-node-1";
        await using var cluster = await DiscoveryRun.StartAsync(apis: 1);
        using var router = _run.NewRouter(cluster, "node-1");
        var running = router.Discovery.RunAsync(_run.Stopping);
        await _run.UntilAsync(() => cluster.Annotation(Lease, "mainstay.dev/applied-revision").Length > 0);
        Assert.Equal("", cluster.Annotation(Lease, "mainstay.dev/kept-out"));

        cluster.Put("endpointslices", FakeApiServer.Slice("a", "'none'"));
        await _run.UntilAsync(() =>
            cluster.Annotation(Lease, "mainstay.dev/kept-out") == "EndpointSlice/bank/a-1");
        cluster.Put("endpointslices", FakeApiServer.Slice("a", "[{'addresses':['10.0.0.9']}]"));
        await _run.UntilAsync(() => cluster.Annotation(Lease, "mainstay.dev/kept-out").Length == 0);

        Assert.Equal("10.0.0.9", router.Addresses("a"));
        await _run.StopAsync(running);
    }

    [Fact]
    public void More_than_can_be_named_is_told_as_everything()
    {
        var many = Enumerable.Range(0, Mainstay.Router.Limits.KeptOutNamesMax + 1).Select(number =>
            new Mainstay.Kube.QuarantinedObject(
                "EndpointSlice", new Mainstay.Kube.ObjectKey("bank", $"s-{number}"), "odd", DateTimeOffset.UnixEpoch));

        Assert.Equal("*", new RouterFacts("node-1", "") { KeptOut = [.. many] }.KeptOutLine);
        Assert.Equal("", new RouterFacts("node-1", "").KeptOutLine);
    }

    [Fact]
    public async Task A_router_makes_itself_known_with_the_revision_that_is_in_its_table()
    {
        const string Lease = "leases/kube-system/mainstay-router-node-1";
        await using var cluster = await DiscoveryRun.StartAsync(apis: 1);
        using var router = _run.NewRouter(cluster, "node-1");
        var running = router.Discovery.RunAsync(_run.Stopping);
        await _run.UntilAsync(() => cluster.Annotation(Lease, "mainstay.dev/applied-revision").Length > 0);

        cluster.Put("endpointslices", FakeApiServer.Slice("a", "[{'addresses':['10.0.0.9']}]"));
        var (objects, _) = cluster.Snapshot();
        var changed = objects["endpointslices/bank/a-1"]["metadata"]!["resourceVersion"]!.GetValue<string>();
        await _run.UntilAsync(() => !Mainstay.Kube.ResourceVersion.IsOlder(
            cluster.Annotation(Lease, "mainstay.dev/applied-revision"), changed));

        Assert.Equal("10.0.0.9", router.Addresses("a"));
        Assert.Equal(("node-1", "http://admin"), (cluster.Annotation(Lease, "mainstay.dev/node"),
            cluster.Annotation(Lease, "mainstay.dev/admin")));
        Assert.Equal("{\"result\":\"safe\"}", cluster.Annotation(Lease, "mainstay.dev/proof"));
        await _run.StopAsync(running);
    }
}
