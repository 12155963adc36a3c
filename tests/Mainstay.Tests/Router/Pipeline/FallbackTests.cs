using System.Globalization;
using System.Text.Json;
using Mainstay.Kernel.Signals;

namespace Mainstay.Tests.Router.Pipeline;

/// <summary>Service "a" with the fallback "b", over real sockets.</summary>
public sealed class FallbackTests : IDisposable
{
    private const string Get = "GET /x HTTP/1.1\r\nHost: a\r\n\r\n";
    private const string Post = "POST /x HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nhi";
    private const string Keyed = "POST /x HTTP/1.1\r\nHost: a\r\nIdempotency-Key: k\r\nContent-Length: 2\r\n\r\nhi";

    private const string Fault = "HTTP/1.1 500 Internal Server Error\r\nContent-Length: 0\r\n\r\n";
    private const string TurnedDown = "HTTP/1.1 503 Service Unavailable\r\nContent-Length: 10\r\n\r\ncards only";

    private readonly RawOrigin _fallback;
    private readonly RawOrigin _primary;
    private readonly string _file = Path.GetTempFileName();
    private readonly string _folder = Directory.CreateTempSubdirectory("mainstay-fallback-").FullName;
    private string? _answer = RawOrigin.Ok("primary");
    private string _takes = RawOrigin.Ok("standin");
    private int _fallbackPort;

    public FallbackTests()
    {
        _fallback = new RawOrigin(_ => _takes);
        _primary = new RawOrigin(_ => _answer);
        _fallbackPort = _fallback.Port;
    }

    public void Dispose()
    {
        _primary.Dispose();
        _fallback.Dispose();
        File.Delete(_file);
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task Without_an_endpoint_the_fallback_answers_and_both_sides_are_told()
    {
        await using var router = await StartAsync(primaryPort: 0);

        var answer = router.Call(Post);

        Assert.Contains("mainstay-fallback: b.default", answer, StringComparison.Ordinal);
        Assert.EndsWith("standin", answer, StringComparison.Ordinal);
        Assert.Contains("mainstay-fallback: a.default\r\n", _fallback.Next().Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_refused_connection_goes_to_the_fallback_even_for_a_POST_because_nothing_was_sent()
    {
        await using var router = await StartAsync(primaryPort: 1);

        Assert.EndsWith("standin", router.Call(Post), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_POST_that_may_have_been_carried_out_is_not_sent_again_but_one_with_a_key_is()
    {
        _answer = "HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n";
        await using var router = await StartAsync(_primary.Port);

        var plain = router.Call(Post);
        var keyed = router.Call(Keyed);

        Assert.StartsWith("HTTP/1.1 503", plain, StringComparison.Ordinal);
        Assert.EndsWith("standin", keyed, StringComparison.Ordinal);
        Assert.Single(_fallback.Requests);
    }

    [Fact]
    public async Task A_connection_that_is_cut_without_an_answer_is_the_same()
    {
        _answer = null;
        await using var router = await StartAsync(_primary.Port);

        Assert.StartsWith("HTTP/1.1 502", router.Call(Post), StringComparison.Ordinal);
        Assert.EndsWith("standin", router.Call(Get), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_service_that_keeps_failing_is_left_alone_but_for_probes_until_it_is_well()
    {
        await using var router = await FailedAsync();

        Assert.EndsWith("standin", router.Call(Post), StringComparison.Ordinal);
        Assert.Equal(5, _primary.Requests.Count);
        Assert.Contains("mainstay_router_fallback_active{namespace=\"default\",service=\"a\"} 1",
            router.Admin("/metrics"), StringComparison.Ordinal);

        _answer = RawOrigin.Ok("primary");
        for (var second = 0; second < 7; second++)
        {
            await router.AdvanceAsync(TimeSpan.FromSeconds(1));
            router.Call(Post);
        }

        Assert.EndsWith("primary", router.Call(Post), StringComparison.Ordinal);
        Assert.DoesNotContain("fallback_active{", router.Admin("/metrics"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_service_that_sends_good_heads_and_half_bodies_fails_all_the_same()
    {
        _answer = "!HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nhalf";
        await using var router = await StartAsync(_primary.Port);
        for (var call = 0; call < 5; call++)
        {
            Assert.Throws<System.Net.Sockets.SocketException>(() => router.Call(Post));
        }

        Assert.EndsWith("standin", router.Call(Post), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_the_fallback_does_not_take_goes_to_the_service_once_that_has_answered_a_probe()
    {
        await using var router = await FailedAsync();
        _takes = TurnedDown;
        Assert.EndsWith("cards only", router.Call(Keyed), StringComparison.Ordinal);

        _answer = RawOrigin.Ok("primary");
        await router.AdvanceAsync(TimeSpan.FromSeconds(1));
        Assert.EndsWith("primary", router.Call(Post), StringComparison.Ordinal); // The probe.
        var (back, kept) = (router.Call(Keyed), router.Call(Post));

        Assert.EndsWith("primary", back, StringComparison.Ordinal);
        Assert.DoesNotContain("mainstay-fallback", back, StringComparison.Ordinal);
        Assert.EndsWith("cards only", kept, StringComparison.Ordinal);
        Assert.All(_primary.Requests, request =>
            Assert.DoesNotContain("mainstay-fallback", request.Text, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Each_call_that_comes_back_is_a_probe_and_one_that_fails_is_told_so_by_the_service()
    {
        await using var router = await FailedAsync();
        (_takes, _answer) = (TurnedDown, RawOrigin.Ok("primary"));
        await router.AdvanceAsync(TimeSpan.FromSeconds(1));
        router.Call(Keyed);
        var before = _fallback.Requests.Count;

        _answer = Fault;
        Assert.StartsWith("HTTP/1.1 500", router.Call(Keyed), StringComparison.Ordinal);
        Assert.Equal(before + 1, _fallback.Requests.Count);
        _answer = RawOrigin.Ok("primary");
        Assert.EndsWith("cards only", router.Call(Keyed), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Calls_that_come_back_bring_a_service_with_few_calls_back_after_five_seconds()
    {
        await using var router = await FailedAsync();
        (_takes, _answer) = (TurnedDown, RawOrigin.Ok("primary"));
        await router.AdvanceAsync(TimeSpan.FromSeconds(1));
        for (var call = 0; call < 4; call++)
        {
            router.Call(Keyed);
        }

        Assert.Contains("fallback_active{", router.Admin("/metrics"), StringComparison.Ordinal);
        await router.AdvanceAsync(TimeSpan.FromSeconds(5));
        router.Call(Keyed);

        Assert.DoesNotContain("fallback_active{", router.Admin("/metrics"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_fallback_that_is_away_too_leaves_even_a_POST_to_the_service_that_has_answered_a_probe()
    {
        _fallbackPort = 1;
        await using var router = await FailedAsync();
        _answer = RawOrigin.Ok("primary");
        await router.AdvanceAsync(TimeSpan.FromSeconds(1));
        router.Call(Post);

        Assert.EndsWith("primary", router.Call(Post), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_a_person_has_sent_to_the_fallback_stays_there()
    {
        _takes = TurnedDown;
        await using var router = await StartAsync(_primary.Port);
        Want(router, "/fallback/default/a?active=true");
        await router.SettleAsync();

        Assert.EndsWith("cards only", router.Call(Keyed), StringComparison.Ordinal);
        Assert.Empty(_primary.Requests);
    }

    [Fact]
    public async Task A_fallback_that_fails_has_no_fallback_of_its_own_even_if_it_names_one()
    {
        _fallbackPort = 1;
        await using var router = await StartAsync(primaryPort: 0);

        var answer = router.Call(Get);

        Assert.Contains("mainstay-router-error: connect-failed", answer, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Nobody_but_the_router_says_that_a_call_is_a_fallbacks()
    {
        await using var router = await StartAsync(_primary.Port);

        router.Call("GET /x HTTP/1.1\r\nHost: a\r\nMainstay-Fallback: forged\r\n\r\n");

        Assert.DoesNotContain("forged", _primary.Next().Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_person_takes_the_fallback_by_hand_and_that_outlives_a_restart()
    {
        await using (var router = await StartAsync(_primary.Port))
        {
            var wanted = Want(router, "/fallback/default/a?active=true");
            Assert.StartsWith("HTTP/1.1 200", wanted, StringComparison.Ordinal);
            await router.SettleAsync();
            Assert.EndsWith("standin", router.Call(Get), StringComparison.Ordinal);
        }

        await using var next = await StartAsync(_primary.Port);
        Assert.EndsWith("standin", next.Call(Get), StringComparison.Ordinal);
        next.Router.Fallbacks.Look();
        Assert.True(next.Router.Sources.Signals.IsActive(SignalCatalog.FallbackActive, "service/default/a"));

        Want(next, "/fallback/default/a?active=auto");
        await next.SettleAsync();
        Assert.EndsWith("primary", next.Call(Get), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_wish_that_makes_no_sense_is_refused_with_what_is_wrong()
    {
        await using var router = await StartAsync(_primary.Port);

        var unknown = Want(router, "/fallback/default/x?active=true");
        var unclear = Want(router, "/fallback/default/a?active=maybe");

        Assert.Contains("no service default/x", unknown, StringComparison.Ordinal);
        Assert.Contains("must be true", unclear, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_bad_annotation_leaves_the_service_routed_and_is_named()
    {
        await using var router = await StartAsync(_primary.Port, fallback: "Not A Name");

        Assert.EndsWith("primary", router.Call(Get), StringComparison.Ordinal);
        router.Router.Fallbacks.Look();
        var signal = Assert.Single(router.Router.Sources.Signals.Active);
        Assert.Equal("a", signal.Reading.Culprit?.Name);
        Assert.Contains("Not A Name", signal.Reading.Summary, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_the_protection_a_service_without_endpoints_answers_503()
    {
        await using var router = await StartAsync(primaryPort: 0, without: "fallback");

        Assert.Contains("no-endpoints", router.Call(Get), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_page_in_a_browser_cannot_take_a_fallback()
    {
        await using var router = await StartAsync(_primary.Port);

        var answer = Want(router, "/fallback/bank/a?active=true", "Origin: http://evil.example\r\n");

        Assert.StartsWith("HTTP/1.1 403", answer, StringComparison.Ordinal);
    }

    /// <summary>The service has failed, and its fallback is active.</summary>
    private async Task<RouterUnderTest> FailedAsync()
    {
        _answer = Fault;
        var router = await StartAsync(_primary.Port);
        for (var call = 0; call < 5; call++)
        {
            router.Call(Post);
        }

        return router;
    }

    private static string Want(RouterUnderTest router, string path, string headers = "")
    {
        using var client = new RawClient(router.Router.AdminAddresses[0]);
        client.Send($"POST {path} HTTP/1.1\r\nHost: admin\r\n{headers}Content-Length: 0\r\n\r\n");
        return client.Read();
    }

    private Task<RouterUnderTest> StartAsync(int primaryPort, string fallback = "b", string without = "")
    {
        var services = new[] { Service("a", primaryPort, fallback), Service("b", _fallbackPort, "a") };
        File.WriteAllText(_file, $"{{\"services\":[{string.Join(',', services)}]}}");
        return RouterUnderTest.StartAsync(options =>
        {
            options.TableFile = _file;
            options.DataDirectory = _folder;
            Mainstay.Router.RouterProtections.TryTakeAway(without, out var protections);
            options.Protections = protections;
        });
    }

    private static string Service(string name, int port, string fallback)
    {
        var endpoints = port == 0 ? "" : string.Create(
            CultureInfo.InvariantCulture, $$"""{"address":"127.0.0.1","port":{{port}}}""");
        return $$"""
            {"namespace":"default","name":"{{name}}","fallback":{{JsonSerializer.Serialize(fallback)}},
             "ports":[{"name":"http","port":80,"endpoints":[{{endpoints}}]}]}
            """;
    }
}
