using System.Net.Sockets;
using System.Text.Json;
using Mainstay.Router.Resilience;

namespace Mainstay.Tests.Router.Pipeline;

/// <summary>A good head and half a body is a failure of whoever sent it, and shows as one everywhere.</summary>
public sealed class CutAnswerTests
{
    private const string Get = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
    private const string Half = "HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nhalf";
    private const string Chunked = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n";

    [Theory]
    [InlineData("!" + Half)]
    [InlineData("!" + Chunked)]
    public async Task Answers_that_end_in_the_middle_are_failures_and_break_their_endpoint(string answer)
    {
        using var origin = new RawOrigin(_ => answer);
        await using var router = await RouterUnderTest.StartAsync(origin.Port);

        for (var call = 0; call < Breaker.FailuresToOpen; call++)
        {
            Assert.Throws<SocketException>(() => CallToEnd(router));
        }

        await router.SettleAsync();
        Assert.Equal(BreakerState.Open, BreakerOf(router).State);
        AssertSeen(router, calls: 5, failures: 5, status: "5xx");
    }

    [Fact]
    public async Task An_answer_that_makes_no_sense_in_the_middle_is_a_failure()
    {
        using var origin = new ManualOrigin();
        await using var router = await RouterUnderTest.StartAsync(origin.Port);
        using var client = router.Connect();
        client.Send(Get);
        using var upstream = origin.Accept();
        upstream.ReadUntil("\r\n\r\n");
        upstream.Send(Chunked);
        ReadUntil(client, "half\r\n");

        upstream.Send("no chunk at all\r\n");

        Assert.True(client.IsEnded());
        await router.SettleAsync();
        AssertSeen(router, calls: 1, failures: 1, status: "5xx");
    }

    [Fact]
    public async Task An_answer_that_stands_still_in_the_middle_is_a_failure()
    {
        using var origin = new ManualOrigin();
        await using var router = await RouterUnderTest.StartAsync(origin.Port);
        using var client = router.Connect();
        client.Send(Get);
        using var upstream = origin.Accept();
        upstream.ReadUntil("\r\n\r\n");
        upstream.Send(Half);
        ReadUntil(client, "half");

        await router.AdvanceAsync(TimeSpan.FromSeconds(61));

        Assert.True(client.IsEnded());
        AssertSeen(router, calls: 1, failures: 1, status: "5xx");
    }

    [Fact]
    public async Task A_caller_that_does_not_take_its_answer_is_not_the_endpoints_failure()
    {
        using var origin = new ManualOrigin();
        await using var router = await RouterUnderTest.StartAsync(origin.Port);
        using var client = router.Connect();
        client.Send(Get);
        using var upstream = origin.Accept();
        upstream.ReadUntil("\r\n\r\n");
        upstream.Send("HTTP/1.1 200 OK\r\nContent-Length: 1000000000\r\n\r\n");
        await FillAsync(router, upstream);

        await router.AdvanceAsync(TimeSpan.FromSeconds(61));

        Assert.True(upstream.IsEnded());
        AssertSeen(router, calls: 0, failures: 0, status: "");
    }

    [Theory]
    [InlineData(0, 0)]
    [InlineData(6, 1)]
    public async Task A_caller_that_leaves_says_nothing_of_the_endpoint_unless_the_answer_ran_for_long(
        int seconds, int tries)
    {
        using var origin = new ManualOrigin();
        await using var router = await RouterUnderTest.StartAsync(origin.Port);
        using var client = router.Connect();
        client.Send(Get);
        using var upstream = origin.Accept();
        upstream.ReadUntil("\r\n\r\n");
        upstream.Send(Chunked);
        ReadUntil(client, "half\r\n");
        await router.AdvanceAsync(TimeSpan.FromSeconds(seconds));
        upstream.Send("4\r\nmore\r\n");
        ReadUntil(client, "more\r\n");

        client.Socket.LingerState = new LingerOption(true, 0);
        client.Socket.Close();

        Assert.True(upstream.IsEnded());
        await router.SettleAsync();
        AssertSeen(router, calls: 0, failures: 0, status: "", tries);
    }

    [Fact]
    public async Task A_probe_whose_answer_streams_closes_the_breaker_and_one_that_is_cut_opens_it_for_longer()
    {
        var answer = "!" + Half;
        using var origin = new RawOrigin(_ => answer);
        await using var router = await RouterUnderTest.StartAsync(origin.Port);
        for (var call = 0; call < Breaker.FailuresToOpen; call++)
        {
            Assert.Throws<SocketException>(() => CallToEnd(router));
        }

        await router.AdvanceAsync(TimeSpan.FromSeconds(1));
        Assert.Throws<SocketException>(() => CallToEnd(router));
        Assert.False(BreakerOf(router).Admits(Now(router) + 1_900_000));
        await router.AdvanceAsync(TimeSpan.FromSeconds(2));

        answer = Chunked;
        using var client = router.Connect();
        client.Send(Get);
        ReadUntil(client, "half\r\n");
        await router.AdvanceAsync(TimeSpan.FromSeconds(4));
        Assert.Equal(BreakerState.Probing, BreakerOf(router).State);
        await router.AdvanceAsync(TimeSpan.FromSeconds(2));
        LastSocket(origin).Send("4\r\nmore\r\n"u8);
        ReadUntil(client, "more\r\n");
        await router.SettleAsync();

        Assert.Equal(BreakerState.Closed, BreakerOf(router).State);
    }

    [Fact]
    public async Task A_whole_answer_counts_once_and_as_what_its_head_said()
    {
        using var origin = new RawOrigin(_ => "!HTTP/1.1 200 OK\r\n\r\nuntil the end");
        await using var router = await RouterUnderTest.StartAsync(origin.Port);

        Assert.EndsWith("until the end", CallToEnd(router), StringComparison.Ordinal);

        await router.SettleAsync();
        AssertSeen(router, calls: 1, failures: 0, status: "2xx");
    }

    /// <summary>Until the router takes no more, because its caller does not.</summary>
    private static async Task FillAsync(RouterUnderTest router, ManualConnection upstream)
    {
        var block = new string('x', 4096);
        for (var refused = 0; refused < 5; refused++)
        {
            while (upstream.CanSend)
            {
                upstream.Send(block);
                refused = 0;
            }

            await router.SettleAsync();
        }
    }

    private static string CallToEnd(RouterUnderTest router)
    {
        using var client = router.Connect();
        client.Send(Get);
        return client.ReadToEnd();
    }

    private static void AssertSeen(RouterUnderTest router, int calls, int failures, string status, int? tries = null)
    {
        using var table = JsonDocument.Parse(Body(router.Admin("/table.json")));
        var service = table.RootElement.GetProperty("services")[0];
        var endpoint = service.GetProperty("endpoints")[0];
        Assert.Equal(tries ?? calls, endpoint.GetProperty("tries").GetInt32());
        Assert.Equal(failures, endpoint.GetProperty("failures").GetInt32());
        Assert.Equal(0, endpoint.GetProperty("inFlight").GetInt32());
        var callers = service.GetProperty("callers").EnumerateArray().ToArray();
        Assert.Equal(calls, callers.Sum(caller => caller.GetProperty("calls").GetInt32()));
        Assert.Equal(failures, callers.Sum(caller => caller.GetProperty("failures").GetInt32()));

        var metrics = router.Admin("/metrics");
        var total = $"status_class=\"{status}\",origin=\"service\"}} {calls}\n";
        Assert.Equal(calls > 0, metrics.Contains(total, StringComparison.Ordinal));
        Assert.Contains("request_in_flight{namespace=\"default\",service=\"a\"} 0\n", metrics,
            StringComparison.Ordinal);
    }

    private static string Body(string answer) => answer[(answer.IndexOf("\r\n\r\n", StringComparison.Ordinal) + 4)..];

    private static Breaker BreakerOf(RouterUnderTest router) =>
        router.Router.Loops[0].Known[0].Ports[0].Ready[0].Breaker;

    private static long Now(RouterUnderTest router) => router.Router.Loops[0].Events.NowMicros;

    private static Socket LastSocket(RawOrigin origin) => origin.Requests.Last().Socket;

    private static void ReadUntil(RawClient client, string mark)
    {
        var read = "";
        var block = new byte[4096];
        while (!read.Contains(mark, StringComparison.Ordinal))
        {
            var count = client.Socket.Receive(block);
            Assert.True(count > 0, $"the connection ended before {mark}");
            read += System.Text.Encoding.Latin1.GetString(block, 0, count);
        }
    }
}
