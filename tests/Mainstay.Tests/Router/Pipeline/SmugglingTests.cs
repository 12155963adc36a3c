using Mainstay.Tests.Router.Http1;

namespace Mainstay.Tests.Router.Pipeline;

/// <summary>
/// End to end, over sockets: what the parser's tables call invalid never reaches an origin, not a byte of it.
/// </summary>
public sealed class SmugglingTests
{
    [Fact]
    public async Task No_invalid_head_ever_reaches_the_origin()
    {
        using var origin = new RawOrigin(_ => RawOrigin.Ok("hi"));
        await using var router = await RouterUnderTest.StartAsync(origin.Port);

        foreach (var row in RequestHeadTests.Invalid)
        {
            using var client = router.Connect();
            client.Send(row.Data.Item1 + "GET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n");
            var answer = client.ReadToEnd();

            Assert.Matches("^HTTP/1.1 (400|501|505) ", answer);
            Assert.Equal(0, answer.IndexOf("HTTP/1.1 ", StringComparison.Ordinal));
            Assert.Equal(0, answer.LastIndexOf("HTTP/1.1 ", StringComparison.Ordinal));
        }

        Assert.Empty(origin.Requests);
    }

    [Theory]
    [InlineData("3\r\nabcd\r\n0\r\n\r\n")]
    [InlineData("0\r\nContent-Length: 5\r\n\r\n")]
    [InlineData("5\nhello\r\n0\r\n\r\n")]
    [InlineData("zz\r\nhello\r\n0\r\n\r\n")]
    public async Task A_malformed_chunk_is_never_completed_at_the_origin(string chunks)
    {
        using var origin = new RawOrigin(_ => RawOrigin.Ok("hi"));
        await using var router = await RouterUnderTest.StartAsync(origin.Port);
        using var client = router.Connect();

        client.Send("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n");
        await router.SettleAsync();
        client.Send(chunks + "GET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n");

        Assert.StartsWith("HTTP/1.1 400 ", client.ReadToEnd(), StringComparison.Ordinal);
        Assert.Empty(origin.Requests);
    }

    [Fact]
    public async Task What_an_origin_sends_beyond_its_answer_reaches_no_other_caller()
    {
        using var origin = new RawOrigin(request => request.Connection == 1
            ? RawOrigin.Ok("mine") + RawOrigin.Ok("stray")
            : RawOrigin.Ok("other"));
        await using var router = await RouterUnderTest.StartAsync(origin.Port);

        Assert.EndsWith("mine", router.Call("GET / HTTP/1.1\r\nHost: a\r\n\r\n"), StringComparison.Ordinal);
        await router.SettleAsync();
        Assert.EndsWith("other", router.Call("GET / HTTP/1.1\r\nHost: a\r\n\r\n"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\nhi!")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n")]
    [InlineData("HTTP/1.1 200 OK\r\nA: b\r\n c\r\nContent-Length: 2\r\n\r\nhi")]
    [InlineData("HTTP/1.1 200 OK\nContent-Length: 2\n\nhi")]
    [InlineData("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n")]
    [InlineData("hello\r\n\r\n")]
    [InlineData("HTTP/1.1 101 Switching Protocols\r\nUpgrade: h2c\r\n\r\n")]
    public async Task An_answer_that_makes_no_sense_becomes_a_502(string answer)
    {
        using var origin = new RawOrigin(_ => answer);
        await using var router = await RouterUnderTest.StartAsync(origin.Port);

        var got = router.Call("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n");

        Assert.StartsWith("HTTP/1.1 502 ", got, StringComparison.Ordinal);
        Assert.Contains("mainstay-router-error: bad-response", got, StringComparison.Ordinal);
    }
}
