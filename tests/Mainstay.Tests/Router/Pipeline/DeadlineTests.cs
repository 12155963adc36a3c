namespace Mainstay.Tests.Router.Pipeline;

/// <summary>Every wait has an end. The clock is the test's.</summary>
public sealed class DeadlineTests
{
    private const string Get = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
    private const string Post = "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nhi";

    [Fact]
    public async Task A_head_that_dribbles_in_is_told_408_after_the_head_timeout()
    {
        using var origin = new ManualOrigin();
        await using var router = await RouterUnderTest.StartAsync(origin.Port);
        using var client = router.Connect();
        client.Send("GET / HTTP/1.1\r\nHo");
        await WaitForClientAsync(router);

        await router.AdvanceAsync(TimeSpan.FromSeconds(9));
        client.Send("st: ");
        await router.AdvanceAsync(TimeSpan.FromSeconds(2));

        Assert.StartsWith("HTTP/1.1 408 ", client.ReadToEnd(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_silent_connection_is_closed_after_the_idle_timeout()
    {
        await using var router = await RouterUnderTest.StartAsync();
        using var client = router.Connect();
        client.Send(Get);
        client.Read();

        await router.AdvanceAsync(TimeSpan.FromSeconds(76));

        Assert.True(client.IsEnded());
    }

    [Fact]
    public async Task A_try_that_brings_no_answer_ends_in_504_and_a_POST_is_not_tried_again()
    {
        using var origin = new ManualOrigin();
        await using var router = await RouterUnderTest.StartAsync(origin.Port);
        using var client = router.Connect();
        client.Send(Post);
        using var upstream = origin.Accept();
        upstream.ReadUntil("hi");

        await router.AdvanceAsync(TimeSpan.FromSeconds(16));

        Assert.Contains("mainstay-router-error: timeout", client.Read(), StringComparison.Ordinal);
        Assert.True(upstream.IsEnded());
        Assert.False(origin.HasPending);
    }

    [Fact]
    public async Task A_try_that_brings_no_answer_is_followed_by_another_where_that_is_safe()
    {
        using var origin = new ManualOrigin();
        await using var router = await RouterUnderTest.StartAsync(origin.Port);
        using var client = router.Connect();
        client.Send(Get);
        using var first = origin.Accept();
        first.ReadUntil("\r\n\r\n");

        await router.AdvanceAsync(TimeSpan.FromSeconds(16));
        using var second = origin.Accept();
        second.ReadUntil("\r\n\r\n");
        second.Send(RawOrigin.Ok("hi"));

        Assert.EndsWith("hi", client.Read(), StringComparison.Ordinal);
        Assert.True(first.IsEnded());
    }

    [Fact]
    public async Task All_tries_together_end_with_the_total_timeout()
    {
        using var origin = new ManualOrigin();
        await using var router = await RouterUnderTest.StartAsync(
            options => options.TotalTimeout = TimeSpan.FromSeconds(20), origin.Port);
        using var client = router.Connect();
        client.Send(Get);
        using var first = origin.Accept();
        first.ReadUntil("\r\n\r\n");
        await router.AdvanceAsync(TimeSpan.FromSeconds(16));
        using var second = origin.Accept();
        second.ReadUntil("\r\n\r\n");

        await router.AdvanceAsync(TimeSpan.FromSeconds(5));

        Assert.StartsWith("HTTP/1.1 504 ", client.Read(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_body_that_stands_still_ends_its_call()
    {
        using var origin = new ManualOrigin();
        await using var router = await RouterUnderTest.StartAsync(origin.Port);
        using var client = router.Connect();
        client.Send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\nabc");
        using var upstream = origin.Accept();
        upstream.ReadUntil("abc");

        await router.AdvanceAsync(TimeSpan.FromSeconds(61));

        Assert.StartsWith("HTTP/1.1 408 ", client.ReadToEnd(), StringComparison.Ordinal);
        Assert.True(upstream.IsEnded());
    }

    [Fact]
    public async Task A_connection_to_an_endpoint_is_given_back_after_its_idle_time()
    {
        using var origin = new ManualOrigin();
        await using var router = await RouterUnderTest.StartAsync(origin.Port);
        using var client = router.Connect();
        client.Send(Get);
        using var upstream = origin.Accept();
        upstream.ReadUntil("\r\n\r\n");
        upstream.Send(RawOrigin.Ok("hi"));
        client.Read();

        await router.AdvanceAsync(TimeSpan.FromSeconds(31));

        Assert.True(upstream.IsEnded());
    }

    [Fact]
    public async Task At_the_end_calls_finish_and_idle_connections_close()
    {
        using var origin = new ManualOrigin();
        await using var router = await RouterUnderTest.StartAsync(origin.Port);
        using var idle = router.Connect();
        using var busy = router.Connect();
        busy.Send(Get);
        using var upstream = origin.Accept();
        upstream.ReadUntil("\r\n\r\n");
        await WaitForClientAsync(router, 2);

        var draining = router.Router.DrainAsync();
        Assert.True(idle.IsEnded());
        Assert.False(draining.IsCompleted);
        upstream.Send(RawOrigin.Ok("hi"));

        var answer = busy.ReadToEnd();
        Assert.Contains("connection: close", answer, StringComparison.Ordinal);
        Assert.EndsWith("hi", answer, StringComparison.Ordinal);
        while (!draining.IsCompleted)
        {
            await router.AdvanceAsync(TimeSpan.FromMilliseconds(20));
        }

        await draining;
    }

    /// <summary>Until the router has taken the connections and read what came with them.</summary>
    private static async Task WaitForClientAsync(RouterUnderTest router, int count = 1)
    {
        var deadline = DeadlineAfterTenSeconds();
        while (router.Router.Loops[0].ClientCount < count)
        {
            Assert.False(deadline.IsCancellationRequested, "the router takes connections");
            await router.SettleAsync();
        }

        await router.SettleAsync();
    }

    private static CancellationToken DeadlineAfterTenSeconds() =>
        new CancellationTokenSource(TimeSpan.FromSeconds(10)).Token;
}
