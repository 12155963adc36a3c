using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace Mainstay.Tests.Router.Pipeline;

public sealed class FailureTests
{
    private const string Get = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
    private const string Post = "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nhi";

    [Fact]
    public async Task Without_endpoints_a_call_fails_at_once_and_the_connection_lives_on()
    {
        await using var router = await RouterUnderTest.StartAsync();
        using var client = router.Connect();

        client.Send(Get);
        Assert.Contains("mainstay-router-error: no-endpoints", client.Read(), StringComparison.Ordinal);
        client.Send(Get);
        Assert.StartsWith("HTTP/1.1 503 ", client.Read(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(Get)]
    [InlineData(Post)]
    public async Task An_endpoint_that_refuses_connections_costs_no_call(string request)
    {
        using var origin = new RawOrigin(_ => RawOrigin.Ok("hi"));
        await using var router = await RouterUnderTest.StartAsync(origin.Port, FreePort());

        for (var call = 0; call < 30; call++)
        {
            Assert.EndsWith("hi", router.Call(request), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task When_all_endpoints_refuse_the_caller_is_told()
    {
        await using var router = await RouterUnderTest.StartAsync(FreePort(), FreePort());

        Assert.Contains("mainstay-router-error: connect-failed", router.Call(Get), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(Get)]
    [InlineData(Post)]
    public async Task A_pooled_connection_that_its_endpoint_closed_fails_no_call(string request)
    {
        // It says that it keeps the connection, and closes it behind its answer.
        using var origin = new RawOrigin(_ => "!" + RawOrigin.Ok("hi"));
        await using var router = await RouterUnderTest.StartAsync(origin.Port);
        using var client = router.Connect();

        for (var call = 1; call <= 30; call++)
        {
            client.Send(request);
            Assert.EndsWith("hi", client.Read(), StringComparison.Ordinal);
            await WaitForNoIdleAsync(router);
        }
    }

    [Fact]
    public async Task A_pooled_connection_that_is_closed_just_now_fails_no_call_that_may_be_repeated()
    {
        using var origin = new RawOrigin(_ => "!" + RawOrigin.Ok("hi"));
        await using var router = await RouterUnderTest.StartAsync(origin.Port);
        using var client = router.Connect();

        for (var call = 1; call <= 200; call++)
        {
            client.Send(Get);
            Assert.EndsWith("hi", client.Read(), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Pooled_connections_that_end_with_their_next_request_use_up_no_budget_of_retries()
    {
        var known = new ConcurrentDictionary<int, bool>();
        using var origin = new RawOrigin(request => known.TryAdd(request.Connection, true) ? RawOrigin.Ok("hi") : null);
        await using var router = await RouterUnderTest.StartAsync(origin.Port);
        using var client = router.Connect();

        for (var call = 1; call <= 200; call++)
        {
            client.Send(Get);
            Assert.EndsWith("hi", client.Read(), StringComparison.Ordinal);
        }

        Assert.True(origin.Requests.Count > 300, "most calls met a connection that ended");
    }

    [Fact]
    public async Task A_request_that_may_be_repeated_is_when_its_connection_ends_without_an_answer()
    {
        using var origin = new RawOrigin(request => request.Connection == 1 ? null : RawOrigin.Ok("hi"));
        await using var router = await RouterUnderTest.StartAsync(origin.Port);

        Assert.EndsWith("hi", router.Call(Get), StringComparison.Ordinal);
        Assert.Equal(2, origin.Requests.Count);
    }

    [Fact]
    public async Task A_POST_that_reached_an_endpoint_is_never_sent_twice()
    {
        using var origin = new RawOrigin(_ => null);
        await using var router = await RouterUnderTest.StartAsync(origin.Port);

        Assert.Contains("mainstay-router-error: upstream-closed", router.Call(Post), StringComparison.Ordinal);
        Assert.Single(origin.Requests);
    }

    [Fact]
    public async Task A_POST_with_an_idempotency_key_is_sent_again_whole()
    {
        using var origin = new RawOrigin(request => request.Connection == 1 ? null : RawOrigin.Ok("ok"));
        await using var router = await RouterUnderTest.StartAsync(origin.Port);

        var answer = router.Call("POST / HTTP/1.1\r\nHost: a\r\nIdempotency-Key: 7\r\nContent-Length: 2\r\n\r\nhi");

        Assert.EndsWith("ok", answer, StringComparison.Ordinal);
        var sent = origin.Requests.Select(request => request.Text).ToArray();
        Assert.Equal(2, sent.Length);
        Assert.Equal(sent[0], sent[1]);
    }

    [Fact]
    public async Task Half_an_answer_ends_in_a_cut_connection_and_never_in_a_second_answer()
    {
        using var origin = new RawOrigin(_ => "!HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nhalf");
        await using var router = await RouterUnderTest.StartAsync(origin.Port);
        using var client = router.Connect();

        client.Send(Get);

        Assert.Throws<SocketException>(() => client.ReadToEnd());
        Assert.Single(origin.Requests);
    }

    [Fact]
    public async Task A_caller_that_is_gone_takes_its_call_with_it()
    {
        using var origin = new ManualOrigin();
        await using var router = await RouterUnderTest.StartAsync(origin.Port);
        using var client = router.Connect();
        client.Send(Get);
        using var upstream = origin.Accept();
        upstream.ReadUntil("\r\n\r\n");

        client.Socket.LingerState = new LingerOption(true, 0);
        client.Socket.Close();

        Assert.True(upstream.IsEnded());
        await router.SettleAsync();
        Assert.Contains("request_in_flight{namespace=\"default\",service=\"a\"} 0\n", router.Admin("/metrics"),
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_caller_that_half_closes_gets_its_answer_if_it_comes_soon()
    {
        using var origin = new ManualOrigin();
        await using var router = await RouterUnderTest.StartAsync(origin.Port);
        using var client = router.Connect();
        client.Send(Get);
        client.Socket.Shutdown(SocketShutdown.Send);
        using var upstream = origin.Accept();
        upstream.ReadUntil("\r\n\r\n");
        upstream.Send(RawOrigin.Ok("hi"));

        Assert.EndsWith("hi", client.ReadToEnd(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_caller_that_half_closes_and_waits_long_is_taken_for_gone()
    {
        using var origin = new ManualOrigin();
        await using var router = await RouterUnderTest.StartAsync(origin.Port);
        using var client = router.Connect();
        client.Send(Get);
        client.Socket.Shutdown(SocketShutdown.Send);
        using var upstream = origin.Accept();
        upstream.ReadUntil("\r\n\r\n");

        await router.AdvanceAsync(TimeSpan.FromSeconds(2));

        Assert.True(upstream.IsEnded());
    }

    [Fact]
    public async Task A_slow_reader_slows_its_endpoint_and_costs_two_buffers_at_most()
    {
        using var origin = new ManualOrigin();
        await using var router = await RouterUnderTest.StartAsync(origin.Port);
        using var client = router.Connect();
        client.Send(Get);
        using var upstream = origin.Accept();
        upstream.ReadUntil("\r\n\r\n");
        var body = new string('x', 8 * 1024 * 1024);
        var sending = Task.Run(() => upstream.Send(RawOrigin.Ok(body)), TestContext.Current.CancellationToken);

        await router.SettleAsync();
        Assert.InRange(router.Router.Loops[0].Events.Buffers.Rented, 1, 4);
        Assert.EndsWith(body[..1000], client.Read(), StringComparison.Ordinal);
        await sending;
    }

    /// <summary>Until the router has noticed that its idle connections were closed.</summary>
    private static async Task WaitForNoIdleAsync(RouterUnderTest router)
    {
        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(10));
        do
        {
            // The caller has its answer before the connection that brought it is put into the pool: none that is idle
            // means something only after the loop has gone round.
            Assert.False(deadline.IsCancellationRequested, "the router notices a closed connection");
            await router.SettleAsync();
        }
        while (router.Router.Loops[0].Known[0].Ports[0].Ready[0].IdleCount > 0);
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
