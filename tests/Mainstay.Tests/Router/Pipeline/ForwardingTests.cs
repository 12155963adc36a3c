namespace Mainstay.Tests.Router.Pipeline;

public sealed class ForwardingTests
{
    private const string Get = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";

    [Fact]
    public async Task The_origin_gets_the_request_in_origin_form_without_the_hop_s_own_fields()
    {
        using var origin = new RawOrigin(_ => RawOrigin.Ok("hi"));
        await using var router = await RouterUnderTest.StartAsync(origin.Port);

        var answer = router.Call(
            "POST http://service.a/x?y=1 HTTP/1.1\r\nHost: other\r\nConnection: close, X-Hop\r\nX-Hop: " +
                "1\r\nKeep-Alive: 5\r\n" +
            "Proxy-Connection: keep-alive\r\nUpgrade: h2c\r\nTE: trailers\r\nX-Stays: 2\r\nContent-Length: " +
                "3\r\n\r\nabc");

        Assert.Equal(
            "POST /x?y=1 HTTP/1.1\r\nHost: service.a\r\nX-Stays: 2\r\nContent-Length: 3\r\nvia: 1.1 " +
                "mainstay\r\n\r\nabc",
            origin.Next().Text);
        Assert.Equal("HTTP/1.1 200 OK\r\nContent-Length: 2\r\nvia: 1.1 mainstay\r\nconnection: close\r\n\r\nhi",
            answer);
    }

    [Theory]
    [InlineData("a")]
    [InlineData("A.default")]
    [InlineData("service.a")]
    [InlineData("a.default.svc.cluster.local:80")]
    public async Task Every_form_of_a_name_leads_to_the_service(string host)
    {
        using var origin = new RawOrigin(_ => RawOrigin.Ok("hi"));
        await using var router = await RouterUnderTest.StartAsync(origin.Port);

        Assert.EndsWith("hi", router.Call($"GET / HTTP/1.1\r\nHost: {host}\r\n\r\n"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("GET / HTTP/1.1\r\nHost: nobody\r\n\r\n", "502", "unknown-service")]
    [InlineData("GET / HTTP/1.1\r\nHost: a:81\r\n\r\n", "502", "unknown-port")]
    [InlineData("GET / HTTP/1.0\r\n\r\n", "502", "unknown-service")]
    [InlineData("CONNECT a:443 HTTP/1.1\r\nHost: a:443\r\n\r\n", "403", "egress-refused")]
    [InlineData("OPTIONS / HTTP/1.1\r\nHost: a\r\nMax-Forwards: 0\r\n\r\n", "200", "max-forwards")]
    [InlineData("TRACE / HTTP/1.1\r\nHost: a\r\n\r\n", "405", "trace-refused")]
    [InlineData("GET / HTTP/1.1\r\nHost a\r\n\r\n", "400", "bad-request")]
    public async Task What_cannot_be_carried_is_answered_with_its_reason(string request, string status, string reason)
    {
        using var origin = new RawOrigin(_ => RawOrigin.Ok("hi"));
        await using var router = await RouterUnderTest.StartAsync(origin.Port);

        var answer = router.Call(request);

        Assert.StartsWith($"HTTP/1.1 {status} ", answer, StringComparison.Ordinal);
        Assert.Contains($"\r\nmainstay-router-error: {reason}\r\n", answer, StringComparison.Ordinal);
        Assert.Empty(origin.Requests);
    }

    [Fact]
    public async Task Max_Forwards_of_OPTIONS_counts_down_and_a_target_without_a_path_means_the_server()
    {
        using var origin = new RawOrigin(_ => RawOrigin.Ok("hi"));
        await using var router = await RouterUnderTest.StartAsync(origin.Port);

        router.Call("OPTIONS http://a HTTP/1.1\r\nHost: a\r\nMax-Forwards: 7\r\n\r\n");

        Assert.Equal(
            "OPTIONS * HTTP/1.1\r\nHost: a\r\nmax-forwards: 6\r\nvia: 1.1 mainstay\r\n\r\n", origin.Next().Text);
    }

    [Fact]
    public async Task Many_calls_share_one_connection_on_both_sides()
    {
        using var origin = new RawOrigin(request => RawOrigin.Ok($"{request.Number}"));
        await using var router = await RouterUnderTest.StartAsync(origin.Port);
        using var client = router.Connect();

        for (var number = 1; number <= 20; number++)
        {
            client.Send(Get);
            Assert.EndsWith($"\r\n\r\n{number}", client.Read(), StringComparison.Ordinal);
        }

        Assert.Equal(1, origin.Connections);
    }

    [Fact]
    public async Task Pipelined_requests_are_answered_in_their_order()
    {
        using var origin = new RawOrigin(request => RawOrigin.Ok(request.Text[5..8]));
        await using var router = await RouterUnderTest.StartAsync(origin.Port);
        using var client = router.Connect();

        client.Send(string.Concat(Enumerable.Range(100, 300).Select(number =>
            $"GET /{number} HTTP/1.1\r\nHost: a\r\n\r\n")));

        for (var number = 100; number < 400; number++)
        {
            Assert.EndsWith($"\r\n\r\n{number}", client.Read(), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_request_that_comes_byte_by_byte_is_carried_like_any_other()
    {
        using var origin = new RawOrigin(_ => RawOrigin.Ok("hi"));
        await using var router = await RouterUnderTest.StartAsync(origin.Port);
        using var client = router.Connect();

        foreach (var character in "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: " +
            "chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n")
        {
            client.Send(character.ToString());
            await router.SettleAsync();
        }

        Assert.EndsWith("hi", client.Read(), StringComparison.Ordinal);
        Assert.EndsWith("\r\n\r\n3\r\nabc\r\n0\r\n\r\n", origin.Next().Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Chunks_and_trailers_pass_as_they_are()
    {
        const string Chunks = "5;x=1\r\nhello\r\n0\r\nX-Sum: 9\r\n\r\n";
        using var origin = new RawOrigin(_ => $"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n{Chunks}!");
        await using var router = await RouterUnderTest.StartAsync(origin.Port);
        using var client = router.Connect();

        client.Send("GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");

        Assert.EndsWith($"\r\n\r\n{Chunks}", client.ReadToEnd(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Large_bodies_pass_whole_both_ways_whatever_the_buffers_hold()
    {
        var up = new string('u', 3_000_000);
        var down = new string('d', 3_000_000);
        using var origin = new RawOrigin(_ => RawOrigin.Ok(down));
        await using var router = await RouterUnderTest.StartAsync(origin.Port);
        using var client = router.Connect();

        client.Send($"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: {up.Length}\r\n\r\n{up}");
        Assert.EndsWith(down, client.Read(), StringComparison.Ordinal);
        Assert.EndsWith(up, origin.Next().Text, StringComparison.Ordinal);

        client.Send(Get);
        Assert.EndsWith(down, client.Read(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("HEAD", "HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n")]
    [InlineData("GET", "HTTP/1.1 204 No Content\r\n\r\n")]
    [InlineData("GET", "HTTP/1.1 304 Not Modified\r\nContent-Length: 500\r\n\r\n")]
    public async Task Answers_without_a_body_leave_the_connection_ready_for_the_next(string method, string answer)
    {
        using var origin = new RawOrigin(_ => answer);
        await using var router = await RouterUnderTest.StartAsync(origin.Port);
        using var client = router.Connect();

        for (var turn = 0; turn < 3; turn++)
        {
            client.Send($"{method} / HTTP/1.1\r\nHost: a\r\n\r\n");
            Assert.StartsWith(answer[..^2], client.Read(hasBody: false), StringComparison.Ordinal);
        }

        Assert.Equal(1, origin.Connections);
    }

    [Fact]
    public async Task Interim_answers_pass_and_the_body_waits_for_the_origin_s_word()
    {
        using var origin = new ManualOrigin();
        await using var router = await RouterUnderTest.StartAsync(origin.Port);
        using var client = router.Connect();

        client.Send("POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n");
        using var upstream = origin.Accept();
        Assert.Contains("Expect: 100-continue", upstream.ReadUntil("\r\n\r\n"), StringComparison.Ordinal);
        upstream.Send("HTTP/1.1 100 Continue\r\n\r\n");
        Assert.Equal("HTTP/1.1 100 Continue\r\n\r\n", client.Read());
        client.Send("abc");
        upstream.ReadUntil("abc");
        upstream.Send(RawOrigin.Ok("done"));

        Assert.EndsWith("done", client.Read(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_answer_before_the_end_of_the_request_is_passed_on_and_ends_the_connection()
    {
        using var origin = new ManualOrigin();
        await using var router = await RouterUnderTest.StartAsync(origin.Port);
        using var client = router.Connect();

        client.Send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000\r\n\r\nabc");
        using var upstream = origin.Accept();
        upstream.ReadUntil("abc");
        upstream.Send("HTTP/1.1 413 Too Large\r\nContent-Length: 3\r\n\r\nbig");

        var answer = client.Read();
        Assert.StartsWith("HTTP/1.1 413 ", answer, StringComparison.Ordinal);
        Assert.Contains("connection: close", answer, StringComparison.Ordinal);
        Assert.True(client.IsEnded());
    }

    [Fact]
    public async Task A_caller_of_HTTP_1_0_gets_plain_bytes_and_keeps_its_connection_only_if_it_asks()
    {
        using var origin = new RawOrigin(request => request.Text.Contains("/chunks", StringComparison.Ordinal)
            ? "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n"
            : RawOrigin.Ok("hi"));
        await using var router = await RouterUnderTest.StartAsync(origin.Port);
        using var client = router.Connect();

        client.Send("GET / HTTP/1.0\r\nHost: a\r\nConnection: keep-alive\r\n\r\n");
        Assert.Contains("connection: keep-alive", client.Read(), StringComparison.Ordinal);
        client.Send("GET /chunks HTTP/1.0\r\nHost: a\r\nConnection: keep-alive\r\n\r\n");
        var answer = client.ReadToEnd();

        Assert.DoesNotContain("ransfer-", answer, StringComparison.Ordinal);
        Assert.EndsWith("connection: close\r\n\r\nabcde", answer, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_answer_without_a_length_ends_with_its_connection()
    {
        using var origin = new RawOrigin(_ => "!HTTP/1.1 200 OK\r\n\r\nuntil the end");
        await using var router = await RouterUnderTest.StartAsync(origin.Port);
        using var client = router.Connect();

        client.Send(Get);

        Assert.EndsWith("connection: close\r\n\r\nuntil the end", client.ReadToEnd(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_websocket_becomes_a_tunnel_and_each_direction_ends_by_itself()
    {
        using var origin = new ManualOrigin();
        await using var router = await RouterUnderTest.StartAsync(origin.Port);
        using var client = router.Connect();

        client.Send("GET /ws HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n");
        using var upstream = origin.Accept();
        Assert.Contains("upgrade: websocket", upstream.ReadUntil("\r\n\r\n"), StringComparison.Ordinal);
        upstream.Send("HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: websocket\r\nX: " +
            "1\r\n\r\nfirst");
        Assert.Contains("\r\nupgrade: websocket\r\n", client.Read(), StringComparison.Ordinal);
        client.Send("ping");
        upstream.ReadUntil("ping");
        client.Socket.Shutdown(System.Net.Sockets.SocketShutdown.Send);
        Assert.True(upstream.IsEnded());
        upstream.Send(" and last");
        upstream.Dispose();

        Assert.EndsWith("first and last", client.ReadToEnd(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_pages_of_the_admin_port_tell_what_was_carried()
    {
        using var origin = new RawOrigin(_ => RawOrigin.Ok("hi"));
        await using var router = await RouterUnderTest.StartAsync(origin.Port);
        router.Call("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
        router.Call("GET / HTTP/1.1\r\nHost: nobody\r\n\r\n");
        await router.SettleAsync();

        var metrics = router.Admin("/metrics");

        const string Total = "mainstay_router_request_total";
        Assert.Contains(
            $"{Total}{{namespace=\"default\",service=\"a\",status_class=\"2xx\",origin=\"service\"}} 1\n", metrics,
                StringComparison.Ordinal);
        Assert.Contains(
            $"{Total}{{namespace=\"\",service=\"\",status_class=\"5xx\",origin=\"router\"}} 1\n", metrics,
                StringComparison.Ordinal);
        Assert.Contains("mainstay_router_request_in_flight{namespace=\"default\",service=\"a\"} 0\n", metrics,
            StringComparison.Ordinal);
        Assert.Contains("\"address\":\"127.0.0.1\"", router.Admin("/table.json"), StringComparison.Ordinal);
        Assert.StartsWith("HTTP/1.1 200 ", router.Admin("/healthz"), StringComparison.Ordinal);
        Assert.StartsWith("HTTP/1.1 200 ", router.Admin("/readyz"), StringComparison.Ordinal);
        Assert.StartsWith("HTTP/1.1 404 ", router.Admin("/other"), StringComparison.Ordinal);
    }
}
