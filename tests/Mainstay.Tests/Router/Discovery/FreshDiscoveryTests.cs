using Mainstay.Kernel.Signals;
using Mainstay.Router;
using Mainstay.Router.Discovery;

namespace Mainstay.Tests.Router.Discovery;

/// <summary>What routers make of mute, old and senseless sources, over HTTP and on a clock of the test's own.</summary>
public sealed class FreshDiscoveryTests : IDisposable
{
    private readonly DiscoveryRun _run = new();

    public void Dispose() => _run.Dispose();

    [Fact]
    public async Task A_mute_watch_is_named_left_and_repaired_and_no_service_is_lost_meanwhile()
    {
        await using var cluster = await DiscoveryRun.StartAsync(apis: 2);
        using var router = _run.NewRouter(cluster, "node-1");
        var running = router.Discovery.RunAsync(_run.Stopping);
        await _run.UntilAsync(() => router.Addresses("a") == "10.0.0.1" && DiscoveryRun.Sequence(cluster) > 2);
        var stale = router.Discovery.View.Server;
        var api = cluster.Apis.Single(one => one.Address.ToString().TrimEnd('/') == stale);

        var muteAt = _run.Time.GetUtcNow();
        api.Mute["endpointslices"] = true;
        cluster.Put("endpointslices", FakeApiServer.Slice("a", "[{'addresses':['10.0.0.9']}]"));
        await _run.UntilAsync(() => router.Signal(SignalCatalog.DiscoveryStale) is not null);
        var signal = router.Signal(SignalCatalog.DiscoveryStale)!;
        Assert.InRange((signal.Since - muteAt).TotalSeconds, 3, 10);
        Assert.Equal(("router/node-1", $"api/{stale}"), (signal.Subject, Assert.Single(signal.Reading.CausedBy)));
        Assert.NotEqual("", router.Addresses("a"));

        await _run.UntilAsync(() => router.Addresses("a") == "10.0.0.9");
        Assert.InRange((_run.Time.GetUtcNow() - muteAt).TotalSeconds, 3, 15);
        await _run.UntilAsync(() => router.Signal(SignalCatalog.DiscoveryStale) is null);
        Assert.NotEqual(stale, router.Discovery.View.Server);
        Assert.Equal(1, router.Discovery.View.Repairs);
        Assert.Equal(0, router.TablesWithout("a"));
        await _run.StopAsync(running);
    }

    [Fact]
    public async Task With_one_API_server_a_mute_watch_is_named_and_its_list_repairs_the_table()
    {
        await using var cluster = await DiscoveryRun.StartAsync(apis: 1);
        using var router = _run.NewRouter(cluster, "node-1");
        var running = router.Discovery.RunAsync(_run.Stopping);
        await _run.UntilAsync(() => router.Addresses("a") == "10.0.0.1" && DiscoveryRun.Sequence(cluster) > 2);

        cluster.Apis[0].Mute["endpointslices"] = true;
        cluster.Put("endpointslices", FakeApiServer.Slice("a", "[{'addresses':['10.0.0.9']}]"));
        await _run.UntilAsync(() => router.Addresses("a") == "10.0.0.9");
        Assert.NotNull(router.Signal(SignalCatalog.DiscoveryStale));

        cluster.Apis[0].Mute.Clear();
        await _run.UntilAsync(() => router.Signal(SignalCatalog.DiscoveryStale) is null);
        await _run.StopAsync(running);
    }

    [Theory]
    [InlineData("v1beta1", "endpointslices")]
    [InlineData("", "endpoints")]
    public async Task An_older_cluster_is_read_and_its_heartbeat_is_of_the_kind_that_it_serves(
        string version, string plural)
    {
        await using var cluster = await DiscoveryRun.StartAsync(apis: 1);
        cluster.SliceVersions = version.Length > 0 ? [version] : [];
        cluster.Put("endpoints", "{'metadata':{'namespace':'bank','name':'a'},'subsets':[" +
            "{'addresses':[{'ip':'10.0.0.1'}],'ports':[{'name':'http','port':8080}]}]}");
        using var router = _run.NewRouter(cluster, "node-1");
        var running = router.Discovery.RunAsync(_run.Stopping);

        await _run.UntilAsync(() =>
            router.Addresses("a") == "10.0.0.1" && router.Discovery.View.Hop is { Sequence: > 1 });

        Assert.True(cluster.Snapshot().Objects.ContainsKey($"{plural}/kube-system/mainstay-heartbeat"));
        Assert.Null(router.Signal(SignalCatalog.DiscoveryStale));
        await _run.StopAsync(running);
    }

    [Fact]
    public async Task A_404_of_somebody_in_between_does_not_make_a_router_read_Endpoints()
    {
        await using var cluster = await DiscoveryRun.StartAsync(apis: 1);
        using var router = _run.NewRouter(cluster, "node-1");
        cluster.Apis[0].Loses = _ => true;
        var running = router.Discovery.RunAsync(_run.Stopping);
        await _run.UntilAsync(() => cluster.Apis[0].Requests.Count(IsQuestion) >= 3);
        cluster.Apis[0].Loses = _ => false;

        await _run.UntilAsync(() => router.Addresses("a") == "10.0.0.1");

        Assert.DoesNotContain(
            cluster.Apis[0].Requests, line => line.Contains("/api/v1/endpoints", StringComparison.Ordinal));
        await _run.StopAsync(running);

        static bool IsQuestion(string line) => line == "GET /apis/discovery.k8s.io";
    }

    [Fact]
    public async Task An_older_API_server_that_says_so_in_plain_text_is_read_by_Endpoints()
    {
        await using var cluster = await DiscoveryRun.StartAsync(apis: 1);
        cluster.SliceVersions = [];
        cluster.Apis[0].Loses = path => path == "/apis/discovery.k8s.io";
        cluster.Put("endpoints", "{'metadata':{'namespace':'bank','name':'a'},'subsets':[" +
            "{'addresses':[{'ip':'10.0.0.7'}],'ports':[{'name':'http','port':8080}]}]}");
        using var router = _run.NewRouter(cluster, "node-1");
        var running = router.Discovery.RunAsync(_run.Stopping);

        await _run.UntilAsync(() => router.Addresses("a") == "10.0.0.7");

        await _run.StopAsync(running);
    }

    [Fact]
    public async Task A_kind_that_is_promised_and_not_served_is_asked_for_with_ever_longer_pauses()
    {
        const string Question = "GET /apis/discovery.k8s.io";
        await using var cluster = await DiscoveryRun.StartAsync(apis: 1);
        using var router = _run.NewRouter(cluster, "node-1");
        cluster.Apis[0].Loses = path => path.StartsWith("/apis/discovery.k8s.io/v1/", StringComparison.Ordinal);
        var running = router.Discovery.RunAsync(_run.Stopping);
        await _run.UntilAsync(() => cluster.Apis[0].Requests.Contains(Question));
        var began = _run.Time.GetElapsedTime(0);

        await _run.UntilAsync(() => _run.Time.GetElapsedTime(0) - began > TimeSpan.FromSeconds(20));
        Assert.InRange(cluster.Apis[0].Requests.Count(line => line == Question), 3, 15);
        cluster.Apis[0].Loses = _ => false;

        await _run.UntilAsync(() => router.Addresses("a") == "10.0.0.1");
        await _run.StopAsync(running);
    }

    [Fact]
    public async Task A_cluster_that_gets_slices_is_read_by_them_after_a_while()
    {
        await using var cluster = await DiscoveryRun.StartAsync(apis: 1);
        cluster.SliceVersions = [];
        cluster.Put("endpoints", "{'metadata':{'namespace':'bank','name':'a'},'subsets':[" +
            "{'addresses':[{'ip':'10.0.0.7'}],'ports':[{'name':'http','port':8080}]}]}");
        using var router = _run.NewRouter(cluster, "node-1");
        var running = router.Discovery.RunAsync(_run.Stopping);
        await _run.UntilAsync(() => router.Addresses("a") == "10.0.0.7");

        cluster.SliceVersions = ["v1"];

        await _run.UntilAsync(() => router.Addresses("a") == "10.0.0.1", pace: 40);
        await _run.StopAsync(running);
    }

    [Fact]
    public async Task A_comparison_of_Services_that_nobody_answered_is_made_again_soon()
    {
        const string List = "/api/v1/services?limit=500";
        await using var cluster = await DiscoveryRun.StartAsync(apis: 1);
        using var router = _run.NewRouter(cluster, "node-1");
        var running = router.Discovery.RunAsync(_run.Stopping);
        await _run.UntilAsync(() => router.Addresses("a") == "10.0.0.1");
        var asked = new System.Collections.Concurrent.ConcurrentQueue<TimeSpan>();
        cluster.Apis[0].Fails = path =>
        {
            if (path == List)
            {
                asked.Enqueue(_run.Time.GetElapsedTime(0));
            }

            return path == List;
        };

        await _run.UntilAsync(() => asked.Count >= 2, pace: 40);

        Assert.InRange(asked.ElementAt(1) - asked.ElementAt(0), TimeSpan.Zero, TimeSpan.FromSeconds(20));
        await _run.StopAsync(running);
    }

    [Fact]
    public async Task A_senseless_object_is_signalled_by_name_until_it_makes_sense_or_is_gone()
    {
        await using var cluster = await DiscoveryRun.StartAsync(apis: 1);
        using var router = _run.NewRouter(cluster, "node-1");
        var running = router.Discovery.RunAsync(_run.Stopping);
        await _run.UntilAsync(() => router.Addresses("a") == "10.0.0.1");

        cluster.Put("endpointslices", FakeApiServer.Slice("a", "'none'"));
        await _run.UntilAsync(() => router.Signal(SignalCatalog.ObjectQuarantined) is not null);
        var signal = router.Signal(SignalCatalog.ObjectQuarantined)!;
        Assert.Equal(new ObjectReference("EndpointSlice", "bank", "a-1"), signal.Reading.Culprit);
        Assert.Equal("router/node-1/EndpointSlice/bank/a-1", signal.Subject);
        Assert.Equal("10.0.0.1", router.Addresses("a"));

        cluster.Put("endpointslices", FakeApiServer.Slice("a", "null"));
        await _run.UntilAsync(() =>
            router.Signal(SignalCatalog.ObjectQuarantined) is null && router.Addresses("a") == "");
        await _run.StopAsync(running);
    }

    [Fact]
    public async Task Null_that_stands_in_lists_alone_is_told_by_object_and_field_within_ten_seconds_until_it_is_gone()
    {
        await using var cluster = await DiscoveryRun.StartAsync(apis: 2);
        cluster.Put("endpointslices", FakeApiServer.Slice("b", "[]"));
        using var router = _run.NewRouter(cluster, "node-1");
        var running = router.Discovery.RunAsync(_run.Stopping);
        await _run.UntilAsync(() => router.Addresses("a") == "10.0.0.1" && DiscoveryRun.Sequence(cluster) > 2);
        Assert.Null(router.Signal(SignalCatalog.NullInObject));

        var since = _run.Time.GetUtcNow();
        foreach (var api in cluster.Apis)
        {
            api.InLists = item => item["endpoints"] = item["metadata"]!["name"]!.GetValue<string>() == "b-1"
                ? null : item["endpoints"]?.DeepClone();
        }

        await _run.UntilAsync(() => router.Signal(SignalCatalog.NullInObject) is not null);
        var signal = router.Signal(SignalCatalog.NullInObject)!;
        Assert.InRange((signal.Since - since).TotalSeconds, 0, 10);
        Assert.Equal("router/node-1/EndpointSlice/bank/b-1", signal.Subject);
        Assert.Equal(new ObjectReference("EndpointSlice", "bank", "b-1"), signal.Reading.Culprit);
        Assert.Equal(new Evidence("field", "endpoints"), Assert.Single(signal.Reading.Evidence));
        Assert.Null(router.Signal(SignalCatalog.ObjectQuarantined));

        cluster.Delete("endpointslices/bank/b-1");
        await _run.UntilAsync(() => router.Signal(SignalCatalog.NullInObject) is null);
        await _run.StopAsync(running);
    }

    [Fact]
    public async Task A_server_that_does_not_list_keeps_nobody_from_looking_at_the_others()
    {
        await using var cluster = await DiscoveryRun.StartAsync(apis: 2);
        cluster.Put("endpointslices", FakeApiServer.Slice("b", "[]"));
        using var router = _run.NewRouter(cluster, "node-1");
        var running = router.Discovery.RunAsync(_run.Stopping);
        await _run.UntilAsync(() => router.Addresses("a") == "10.0.0.1" && DiscoveryRun.Sequence(cluster) > 2);

        cluster.Apis[0].Fails = path => path.Contains("endpointslices?limit", StringComparison.Ordinal);
        cluster.Apis[1].InLists = item => item["endpoints"] = item["metadata"]!["name"]!.GetValue<string>() == "b-1"
            ? null : item["endpoints"]?.DeepClone();

        await _run.UntilAsync(() => router.Signal(SignalCatalog.NullInObject) is not null);
        await _run.StopAsync(running);
    }

    [Fact]
    public async Task An_API_server_that_writes_every_empty_list_as_null_is_told_nothing_of()
    {
        await using var cluster = await DiscoveryRun.StartAsync(apis: 1);
        cluster.Put("endpointslices", FakeApiServer.Slice("b", "[]"));
        cluster.Apis[0].InLists = item => item["endpoints"] =
            item["endpoints"] is System.Text.Json.Nodes.JsonArray { Count: > 0 } some ? some.DeepClone() : null;
        using var router = _run.NewRouter(cluster, "node-1");
        var running = router.Discovery.RunAsync(_run.Stopping);
        await _run.UntilAsync(() => router.Addresses("a") == "10.0.0.1" && DiscoveryRun.Sequence(cluster) > 2);
        var lists = Lists();
        await _run.UntilAsync(() => Lists() > lists + 1);

        Assert.Null(router.Signal(SignalCatalog.NullInObject));
        await _run.StopAsync(running);

        int Lists() => cluster.Apis[0].Requests.Count(line =>
            line.StartsWith("GET /apis/discovery.k8s.io/v1/endpointslices?limit", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_watch_of_services_alone_that_is_mute_is_named_left_and_repaired_in_time()
    {
        await using var cluster = await DiscoveryRun.StartAsync(apis: 2);
        using var router = _run.NewRouter(cluster, "node-1");
        var running = router.Discovery.RunAsync(_run.Stopping);
        await _run.UntilAsync(() =>
            router.Addresses("a") == "10.0.0.1" && router.Discovery.View.ServicesHop is { Sequence: > 2 });
        var stale = router.Discovery.View.Server;
        var api = cluster.Apis.Single(one => one.Address.ToString().TrimEnd('/') == stale);

        var muteAt = _run.Time.GetUtcNow();
        api.Mute["services"] = true;
        cluster.Put("services", FakeApiServer.Service("b"));
        cluster.Put("endpointslices", FakeApiServer.Slice("b", "[{'addresses':['10.0.0.2']}]"));
        await _run.UntilAsync(() => router.Signal(SignalCatalog.DiscoveryStale) is not null);
        var signal = router.Signal(SignalCatalog.DiscoveryStale)!;
        Assert.InRange((signal.Since - muteAt).TotalSeconds, 3, 10);
        Assert.Equal(
            ("router/node-1/services", $"api/{stale}"), (signal.Subject, Assert.Single(signal.Reading.CausedBy)));
        Assert.Equal("Service", signal.Reading.Culprit?.Kind);

        await _run.UntilAsync(() => router.Addresses("b") == "10.0.0.2");
        Assert.InRange((_run.Time.GetUtcNow() - muteAt).TotalSeconds, 3, 15);
        await _run.UntilAsync(() => router.Signal(SignalCatalog.DiscoveryStale) is null);
        Assert.NotEqual(stale, router.Discovery.View.Server);
        Assert.Equal(0, router.TablesWithout("a"));
        await _run.StopAsync(running);
    }

    [Fact]
    public async Task The_heartbeat_among_the_services_is_no_service()
    {
        await using var cluster = await DiscoveryRun.StartAsync(apis: 1);
        using var router = _run.NewRouter(cluster, "node-1");
        var running = router.Discovery.RunAsync(_run.Stopping);

        await _run.UntilAsync(() => router.Discovery.View.ServicesHop is { Sequence: > 4 });

        Assert.Equal("a", Assert.Single(router.Tables.Current.Services).Name);
        Assert.Equal(1, router.Tables.Current.Revision);
        var written = cluster.Snapshot().Objects["services/kube-system/mainstay-heartbeat"];
        Assert.Equal("{\"clusterIP\":\"None\"}", written["spec"]!.ToJsonString());
        Assert.Equal(["router/node-1", "router/node-1/services"], router.Discovery.View.Hops.Select(hop => hop.Name));
        await _run.StopAsync(running);
    }

    [Fact]
    public async Task Where_no_heartbeat_may_be_written_among_services_a_mute_watch_of_them_is_found_by_comparison()
    {
        await using var cluster = await DiscoveryRun.StartAsync(apis: 2);
        foreach (var one in cluster.Apis)
        {
            one.Refuses = (plural, _) => plural == "services";
        }

        using var router = _run.NewRouter(cluster, "node-1");
        var running = router.Discovery.RunAsync(_run.Stopping);
        await _run.UntilAsync(() => router.Addresses("a") == "10.0.0.1" && DiscoveryRun.Sequence(cluster) > 2);
        var api = cluster.Apis.Single(one => one.Address.ToString().TrimEnd('/') == router.Discovery.View.Server);

        api.Mute["services"] = true;
        cluster.Put("services", FakeApiServer.Service("b"));
        cluster.Put("endpointslices", FakeApiServer.Slice("b", "[{'addresses':['10.0.0.2']}]"));
        await _run.UntilAsync(() => router.Addresses("b") == "10.0.0.2", pace: 60);

        Assert.True(router.Discovery.View.Repairs >= 1);
        var said = router.Signal(SignalCatalog.HeartbeatWriterDead)!;
        Assert.Equal(("router/node-1/services", Severity.Info), (said.Subject, said.Severity));
        Assert.Contains("this router cannot: ", said.Reading.Summary, StringComparison.Ordinal);
        Assert.Contains("every 60 to 90 s", said.Reading.Summary, StringComparison.Ordinal);
        await _run.StopAsync(running);
    }

    [Fact]
    public async Task Without_tolerance_one_null_object_keeps_a_router_from_its_table_for_ever()
    {
        await using var cluster = await DiscoveryRun.StartAsync(apis: 1);
        cluster.Put("services", FakeApiServer.Service("b"));
        cluster.Put("endpointslices", FakeApiServer.Slice("b", "null"));
        using var strict = _run.NewRouter(cluster, "node-1", new RouterProtections { Tolerance = false });
        using var tolerant = _run.NewRouter(cluster, "node-2");
        var running = Task.WhenAll(
            strict.Discovery.RunAsync(_run.Stopping), tolerant.Discovery.RunAsync(_run.Stopping));

        const string List = "GET /apis/discovery.k8s.io/v1/endpointslices?limit";
        await _run.UntilAsync(() => tolerant.Addresses("a") == "10.0.0.1"
            && cluster.Apis[0].Requests.Count(line => line.StartsWith(List, StringComparison.Ordinal)) > 4);
        Assert.Equal(0, strict.Tables.Current.Revision);

        cluster.Delete("endpointslices/bank/b-1");
        await _run.UntilAsync(() => strict.Addresses("a") == "10.0.0.1");
        await _run.StopAsync(running);
    }

    [Fact]
    public async Task Without_freshness_a_mute_watch_is_believed_and_nothing_is_written()
    {
        await using var cluster = await DiscoveryRun.StartAsync(apis: 2);
        using var router = _run.NewRouter(cluster, "node-1", new RouterProtections { Freshness = false });
        var running = router.Discovery.RunAsync(_run.Stopping);
        await _run.UntilAsync(() => router.Addresses("a") == "10.0.0.1");

        cluster.Apis[0].Mute["endpointslices"] = cluster.Apis[1].Mute["endpointslices"] = true;
        cluster.Put("endpointslices", FakeApiServer.Slice("a", "[{'addresses':['10.0.0.9']}]"));
        var mutedAt = _run.Time.GetUtcNow();
        await _run.UntilAsync(() => _run.Time.GetUtcNow() - mutedAt > TimeSpan.FromSeconds(100), pace: 60);

        Assert.Equal("10.0.0.1", router.Addresses("a"));
        Assert.Null(router.Signal(SignalCatalog.DiscoveryStale));
        Assert.Null(router.Discovery.View.Hop);
        Assert.Equal(SourceState.Live, router.Discovery.View.State);
        Assert.Equal(-1, DiscoveryRun.Sequence(cluster));
        await _run.StopAsync(running);
    }

    [Fact]
    public async Task A_cluster_that_no_longer_serves_the_version_in_use_is_asked_anew()
    {
        await using var cluster = await DiscoveryRun.StartAsync(apis: 1);
        cluster.SliceVersions = ["v1beta1"];
        using var router = _run.NewRouter(cluster, "node-1");
        var running = router.Discovery.RunAsync(_run.Stopping);
        await _run.UntilAsync(() => router.Addresses("a") == "10.0.0.1"
            && cluster.Apis[0].Watched.ContainsKey("endpointslices"));

        cluster.SliceVersions = ["v1"];
        await cluster.Apis[0].CutWatchesAsync();
        cluster.Put("endpointslices", FakeApiServer.Slice("a", "[{'addresses':['10.0.0.9']}]"));

        await _run.UntilAsync(() => router.Addresses("a") == "10.0.0.9");
        Assert.Contains(cluster.Apis[0].Requests, line => line.StartsWith(
            "GET /apis/discovery.k8s.io/v1/endpointslices?limit", StringComparison.Ordinal));
        await _run.StopAsync(running);
    }
}
