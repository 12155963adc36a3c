using System.Text.Json;
using System.Threading.Channels;
using Mainstay.Kernel;
using Mainstay.Kube;

namespace Mainstay.Tests.Kube;

public class ReflectorTests
{
    private const string ListOfAB =
        """
        {"metadata":{"resourceVersion":"7"},"items":[
        {"metadata":{"name":"a","namespace":"n","resourceVersion":"5"},"v":1},
        {"metadata":{"name":"b","namespace":"n","resourceVersion":"7"},"v":2}]}
        """;

    [Fact]
    public async Task The_list_comes_first_and_then_the_changes_in_order()
    {
        await using var run = await RunningReflector.StartAsync(s => s.ThenText(ListOfAB)
            .ThenWatch(Event("MODIFIED", "b", 8, "3"), Event("BOOKMARK", "", 9, "0"), Event("ADDED", "c", 10, "4"),
                Event("DELETED", "a", 11, "\"garbage that nobody reads\"")));
        await run.ExpectAsync("replaced n/a=1 n/b=2 @7", "changed n/b=3 @8", "changed n/c=4 @10", "deleted n/a @11");
        await run.Reflector.Synced;
        var status = run.Reflector.Status;
        Assert.Equal((ReflectorPhase.Watching, true, "11"), (status.Phase, status.Synced, status.Revision));
        Assert.NotNull(status.HeardAgo);
        Assert.Equal("GET /api/v1/things?limit=500", run.Server.Requests.First());
        Assert.Contains("resourceVersion=7", run.Server.Requests.Last());
        Assert.Contains("allowWatchBookmarks=true", run.Server.Requests.Last());
    }

    [Fact]
    public async Task A_watch_that_ends_is_opened_again_from_the_last_revision()
    {
        await using var run = await RunningReflector.StartAsync(s => s.ThenText(ListOfAB)
            .ThenShortWatch(Event("MODIFIED", "b", 8, "3"), Event("BOOKMARK", "", 12, "0"))
            .ThenWatch(Event("MODIFIED", "b", 13, "4")));
        await run.ExpectAsync("replaced n/a=1 n/b=2 @7", "changed n/b=3 @8", "changed n/b=4 @13");
        Assert.Contains("resourceVersion=12", run.Server.Requests.Last());
        Assert.Equal(1, run.Reflector.Status.Lists);
    }

    [Theory]
    [InlineData("""{"type":"ERROR","object":{"kind":"Status","code":410,"reason":"Expired","message":"too old"}}""")]
    [InlineData("""{"type":"ERROR","object":{"kind":"Status","code":410,"reason":"Gone","message":"too old"}}""")]
    public async Task A_revision_that_the_server_has_forgotten_means_a_new_list(string error)
    {
        await using var run = await RunningReflector.StartAsync(s => s.ThenText(ListOfAB).ThenWatch(error)
            .ThenText("""{"metadata":{"resourceVersion":"99"},"items":[]}""").ThenWatch());
        await run.ExpectAsync("replaced n/a=1 n/b=2 @7", "disturbed lists", "replaced @99");
    }

    [Fact]
    public async Task A_server_that_lost_its_history_is_asked_for_a_list_at_once_and_one_that_does_it_again_is_not()
    {
        const string error = """{"kind":"Status","code":410,"reason":"Expired","message":"too old"}""";
        await using var run = await RunningReflector.StartAsync(
            s => s.ThenText(ListOfAB).ThenText(error, 410)
                .ThenText("""{"metadata":{"resourceVersion":"99"}}""").ThenText(error, 410).ThenWatch(),
            backoff: TimeSpan.FromHours(1));

        await run.ExpectAsync("replaced n/a=1 n/b=2 @7", "disturbed lists", "replaced @99", "disturbed lists");
        await run.UntilAsync(ReflectorPhase.BackingOff);
        Assert.Equal(4, run.Server.Requests.Count);
    }

    [Fact]
    public async Task An_answer_of_410_to_the_watch_request_means_a_new_list()
    {
        await using var run = await RunningReflector.StartAsync(s => s.ThenText(ListOfAB)
            .ThenText("""{"kind":"Status","code":410,"reason":"Expired","message":"too old"}""", 410)
            .ThenText("""{"metadata":{"resourceVersion":"99"}}""").ThenWatch());
        await run.ExpectAsync("replaced n/a=1 n/b=2 @7", "disturbed lists", "replaced @99");
    }

    [Fact]
    public async Task A_server_that_fails_refuses_or_tears_its_list_is_asked_again()
    {
        await using var run = await RunningReflector.StartAsync(s => s.ThenText("no status at all", 503)
            .ThenText("""{"kind":"Status","code":500,"message":"etcd is gone"}""", 500)
            .ThenText(ListOfAB[..100]).ThenTorn(ListOfAB).ThenText("[]").ThenText("""{"items":{}}""")
            .ThenText(ListOfAB).ThenWatch());
        await run.ExpectAsync("disturbed lists", "disturbed lists", "disturbed lists", "disturbed lists",
            "disturbed lists", "disturbed lists", "replaced n/a=1 n/b=2 @7");
    }

    [Fact]
    public async Task A_server_that_is_down_at_the_start_is_asked_until_it_is_there()
    {
        // The port is taken and given back, so that nobody listens on it.
        var gone = await FakeApiServer.StartAsync();
        var dead = gone.Address;
        await gone.DisposeAsync();
        await using var run = await RunningReflector.StartAsync(s => s.ThenText(ListOfAB).ThenWatch(), dead);
        await run.ExpectAsync("disturbed lists", "replaced n/a=1 n/b=2 @7");
    }

    [Fact]
    public async Task A_watch_that_is_silent_for_too_long_is_dropped_and_opened_again()
    {
        await using var run = await RunningReflector.StartAsync(s => s.ThenText(ListOfAB)
            .ThenWatch(Event("MODIFIED", "b", 8, "3")).ThenWatch(Event("MODIFIED", "b", 9, "4")),
            idleLimit: TimeSpan.FromMilliseconds(80));
        await run.ExpectAsync("replaced n/a=1 n/b=2 @7", "changed n/b=3 @8", "disturbed", "changed n/b=4 @9");
    }

    [Fact]
    public async Task A_watch_cut_inside_an_event_goes_on_from_the_last_whole_one()
    {
        var whole = Event("MODIFIED", "b", 8, "3");
        await using var run = await RunningReflector.StartAsync(s => s.ThenText(ListOfAB)
            .ThenCut(whole + "\n" + whole[..20]).ThenWatch(Event("MODIFIED", "b", 9, "4")));
        await run.ExpectAsync("replaced n/a=1 n/b=2 @7", "changed n/b=3 @8", "disturbed", "changed n/b=4 @9");
        Assert.Contains("resourceVersion=8", run.Server.Requests.Last());
    }

    [Fact]
    public async Task An_event_that_is_no_JSON_twice_at_one_place_makes_the_list_tell()
    {
        await using var run = await RunningReflector.StartAsync(s => s.ThenText(ListOfAB)
            .ThenWatch("{]").ThenWatch("{]").ThenText(ListOfAB).ThenWatch());
        await run.ExpectAsync("replaced n/a=1 n/b=2 @7", "disturbed", "disturbed lists", "replaced n/a=1 n/b=2 @7");
    }

    [Fact]
    public async Task An_object_that_makes_no_sense_keeps_its_last_good_value_and_harms_no_other()
    {
        await using var run = await RunningReflector.StartAsync(s => s.ThenText(ListOfAB)
            .ThenWatch(Event("MODIFIED", "b", 8, "\"no number\""), Event("MODIFIED", "a", 9, "6"),
                Event("MODIFIED", "b", 10, "7")));
        await run.ExpectAsync("replaced n/a=1 n/b=2 @7", "quarantined n/b kept", "changed n/a=6 @9",
            "released n/b", "changed n/b=7 @10");
        Assert.Empty(run.Reflector.Quarantine);
    }

    [Fact]
    public async Task A_list_with_bad_objects_is_taken_without_them()
    {
        const string bad = """
            {"metadata":{"resourceVersion":"7"},"items":[
            {"metadata":{"name":"a"},"v":"x"},{"v":1},null,{"metadata":{"name":"b"},"v":2}]}
            """;
        await using var run = await RunningReflector.StartAsync(s => s.ThenText(bad)
            .ThenWatch(Event("ERROR", "", 0, "0"))
                .ThenWatch(Event("DELETED", "a", 9, "null").Replace("\"namespace\":\"n\",", "")));
        await run.ExpectAsync("quarantined a", "quarantined (nameless 1)", "replaced b=2 @7", "disturbed", "released a",
            "deleted a @9");
        Assert.Equal("(nameless 1)", Assert.Single(run.Reflector.Quarantine).Key.Name);
    }

    [Fact]
    public async Task A_long_list_is_read_page_by_page_and_whole_when_its_token_expires()
    {
        const string first = """
            {"metadata":{"resourceVersion":"7","continue":"t/1"},"items":[{"metadata":{"name":"a"},"v":1}]}
            """;
        await using var run = await RunningReflector.StartAsync(s => s.ThenText(first)
            .ThenText("""{"kind":"Status","code":410,"reason":"Expired"}""", 410)
            .ThenText("""{"metadata":{"resourceVersion":"8"},"items":[{"metadata":{"name":"b"},"v":2}]}""")
                .ThenWatch());
        await run.ExpectAsync("replaced b=2 @8");
        Assert.Equal(["GET /api/v1/things?limit=500", "GET /api/v1/things?limit=500&continue=t%2F1",
            "GET /api/v1/things"],
            run.Server.Requests.Take(3));
    }

    [Fact]
    public async Task A_list_that_is_asked_for_drops_the_mute_watch_and_tells_what_it_missed()
    {
        const string later = """
            {"metadata":{"resourceVersion":"12"},"items":[
            {"metadata":{"name":"b","namespace":"n","resourceVersion":"11"},"v":9},
            {"metadata":{"name":"c","namespace":"n","resourceVersion":"12"},"v":3}]}
            """;
        await using var run = await RunningReflector.StartAsync(s => s.ThenText(ListOfAB).ThenWatch()
            .ThenText(later).ThenWatch(Event("MODIFIED", "c", 13, "4")));
        await run.ExpectAsync("replaced n/a=1 n/b=2 @7");
        await run.UntilWatchingAsync();
        run.Reflector.Relist("silence");
        await run.ExpectAsync("repaired silence: missing n/c changed n/b gone n/a", "replaced n/b=9 n/c=3 @12",
            "changed n/c=4 @13");
        Assert.Equal("GET /api/v1/things?limit=500", run.Server.Requests.ElementAt(2));
    }

    [Fact]
    public async Task A_list_that_was_not_asked_for_repairs_nothing()
    {
        await using var run = await RunningReflector.StartAsync(s => s.ThenText(ListOfAB)
            .ThenText("""{"kind":"Status","code":410,"reason":"Expired"}""", 410)
            .ThenText("""{"metadata":{"resourceVersion":"99"}}""").ThenWatch());
        await run.ExpectAsync("replaced n/a=1 n/b=2 @7", "disturbed lists", "replaced @99");
    }

    [Fact]
    public async Task Events_out_of_order_do_not_go_back_in_time()
    {
        await using var run = await RunningReflector.StartAsync(s => s.ThenText(ListOfAB)
            .ThenWatch(Event("MODIFIED", "a", 10, "3"), Event("MODIFIED", "a", 9, "2"), Event("DELETED", "a", 8, "0"),
                Event("DELETED", "b", 12, "0"), Event("MODIFIED", "b", 11, "5"), Event("ADDED", "b", 13, "6")));
        await run.ExpectAsync("replaced n/a=1 n/b=2 @7", "changed n/a=3 @10", "deleted n/b @12", "changed n/b=6 @13");
        Assert.Equal("13", run.Reflector.Status.Revision);
    }

    [Fact]
    public async Task A_watch_that_opens_and_brings_only_errors_makes_the_list_tell()
    {
        const string error = """{"type":"ERROR","object":{"kind":"Status","code":500,"message":"etcd is gone"}}""";
        await using var run = await RunningReflector.StartAsync(s => s.ThenText(ListOfAB)
            .ThenWatch(error).ThenWatch(error).ThenWatch(error).ThenText(ListOfAB).ThenWatch());
        await run.ExpectAsync("replaced n/a=1 n/b=2 @7", "disturbed", "disturbed", "disturbed lists",
            "replaced n/a=1 n/b=2 @7");
    }

    [Fact]
    public async Task A_server_that_ends_each_watch_behind_its_first_event_is_not_asked_without_pause()
    {
        await using var run = await RunningReflector.StartAsync(s => s.ThenText(ListOfAB)
            .ThenShortWatch(Event("MODIFIED", "b", 8, "3")).ThenShortWatch(Event("MODIFIED", "b", 9, "4"))
            .ThenWatch(Event("MODIFIED", "b", 10, "5")));
        await run.ExpectAsync("replaced n/a=1 n/b=2 @7", "changed n/b=3 @8", "changed n/b=4 @9", "disturbed",
            "changed n/b=5 @10");
    }

    [Fact]
    public async Task A_strict_reflector_takes_nothing_of_a_list_with_one_bad_object_and_tries_for_ever()
    {
        const string bad = """
            {"metadata":{"resourceVersion":"7"},"items":[
            {"metadata":{"name":"a"},"v":"x"},{"metadata":{"name":"b"},"v":2}]}
            """;
        await using var run = await RunningReflector.StartAsync(s => s.ThenText(bad)
            .ThenText("""{"metadata":{"resourceVersion":"8"},"items":null}""").ThenText(bad).ThenText(ListOfAB)
            .ThenWatch(Event("MODIFIED", "b", 9, "null")).ThenText(bad), isStrict: true);
        await run.ExpectAsync("disturbed lists", "disturbed lists", "disturbed lists", "replaced n/a=1 n/b=2 @7",
            "disturbed");
        Assert.Empty(run.Reflector.Quarantine);
    }

    [Fact]
    public async Task A_list_and_its_watch_stay_where_the_status_says_though_another_leaves_that_server_meanwhile()
    {
        await using var other = (await FakeApiServer.StartAsync()).ThenText(ListOfAB).ThenWatch();
        await using var server = await FakeApiServer.StartAsync();
        using var http = KubeHttp.Create(server.Kubeconfig with { Servers = [server.Address, other.Address] });
        server.Then(async c =>
        {
            http.Leave(server.Address);
            await Microsoft.AspNetCore.Http.HttpResponseWritingExtensions.WriteAsync(c.Response, ListOfAB);
        }).ThenWatch(Event("MODIFIED", "b", 8, "3"));
        var (cache, told) = (new ObjectCache<string>(), new TaskCompletionSource());
        cache.AddListener(change => _ = change.New == "3" && told.TrySetResult());
        var reflector = new Reflector<string>(
            new ReflectorOptions { Kind = "Thing", Path = "/api/v1/things" }, e => e.GetProperty("v").ToString(),
            cache, new ReflectorWorld(http, TimeProvider.System, new Random(1)));
        using var stop = new CancellationTokenSource();
        var running = reflector.RunAsync(stop.Token);

        await told.Task.WaitAsync(TimeSpan.FromSeconds(10), TestContext.Current.CancellationToken);

        Assert.Equal((server.Address, other.Address), (reflector.Status.Server, http.Server));
        Assert.Empty(other.Requests);
        await stop.CancelAsync();
        await running;
    }

    private static string Event(string type, string name, int revision, string value) =>
        "{\"type\":\"" + type + "\",\"object\":{\"metadata\":{\"name\":\"" + name + "\",\"namespace\":\"n\"," +
        "\"resourceVersion\":\"" + revision.ToString() + "\"},\"v\":" + value + "}}";

    /// <summary>A reflector of numbers, and what it said, one line a fact.</summary>
    private sealed class RunningReflector : IReflectorHandler<string>, IAsyncDisposable
    {
        private readonly Channel<string> _facts = Channel.CreateUnbounded<string>();
        private readonly CancellationTokenSource _stop = new();
        private readonly KubeHttp _http;
        private readonly Task _running;

        private RunningReflector(FakeApiServer server, Kubeconfig kubeconfig, ReflectorOptions options)
        {
            Server = server;
            _http = KubeHttp.Create(kubeconfig);
            Reflector = new Reflector<string>(options, e => e.GetProperty("v").GetInt32().ToString(), this,
                new ReflectorWorld(_http, TimeProvider.System, new Random(1)));
            _running = Reflector.RunAsync(_stop.Token);
        }

        public FakeApiServer Server { get; }

        public Reflector<string> Reflector { get; }

        public static async Task<RunningReflector> StartAsync(
            Func<FakeApiServer, FakeApiServer> script,
            Uri? before = null,
            TimeSpan? idleLimit = null,
            bool isStrict = false,
            TimeSpan? backoff = null)
        {
            var server = script(await FakeApiServer.StartAsync());
            var kubeconfig = server.Kubeconfig;
            kubeconfig = before is null ? kubeconfig : kubeconfig with { Servers = [before, server.Address] };
            var pause = backoff ?? TimeSpan.FromMilliseconds(1);
            return new RunningReflector(server, kubeconfig, new ReflectorOptions
            {
                Kind = "Thing",
                Path = "/api/v1/things",
                IdleLimit = idleLimit ?? TimeSpan.FromMinutes(1),
                IsStrict = isStrict,
                Backoff = new BackoffOptions(pause, pause, 1, 0),
            });
        }

        /// <summary>The watch is open, so that what follows meets it and nothing before it.</summary>
        public Task UntilWatchingAsync() => UntilAsync(ReflectorPhase.Watching);

        public async Task UntilAsync(ReflectorPhase phase)
        {
            using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(20));
            while (Reflector.Status.Phase != phase)
            {
                Assert.False(deadline.IsCancellationRequested, $"it comes to be {phase}");
                await Task.Yield();
            }
        }

        public async Task ExpectAsync(params string[] facts)
        {
            using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(20));
            foreach (var fact in facts)
            {
                Assert.Equal(fact, await _facts.Reader.ReadAsync(deadline.Token));
            }
        }

        public void Replaced(IReadOnlyDictionary<ObjectKey, string> objects, string revision) => Say("replaced " +
            string.Concat(objects.OrderBy(o => o.Key.Name).Select(o => $"{o.Key}={o.Value} ")) + $"@{revision}");

        public void Changed(ObjectKey key, string value, string revision) => Say($"changed {key}={value} @{revision}");

        public void Deleted(ObjectKey key, string revision) => Say($"deleted {key} @{revision}");

        public void Quarantined(QuarantinedObject quarantined) =>
            Say($"quarantined {quarantined.Key}{(quarantined.HasLastGood ? " kept" : "")}");

        public void Released(QuarantinedObject quarantined) => Say($"released {quarantined.Key}");

        public void Repaired(ReflectorRepair repair) => Say($"repaired {repair.Reason}: " +
            $"missing {string.Join(' ', repair.Missing)} changed {string.Join(' ', repair.Changed)} " +
            $"gone {string.Join(' ', repair.Gone)}");

        public void Disturbed(ReflectorDisturbance disturbance) =>
            Say($"disturbed{(disturbance.ListsAgain ? " lists" : "")}");

        public async ValueTask DisposeAsync()
        {
            await _stop.CancelAsync();
            await _running;
            _http.Dispose();
            _stop.Dispose();
            await Server.DisposeAsync();
        }

        private void Say(string fact) => Assert.True(_facts.Writer.TryWrite(fact));
    }
}
