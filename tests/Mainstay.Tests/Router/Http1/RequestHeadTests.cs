using System.Text;
using Mainstay.Router.Http1;

namespace Mainstay.Tests.Router.Http1;

public sealed class RequestHeadTests
{
    public static TheoryData<string, string, string> Valid => new()
    {
        { "GET / HTTP/1.1\r\nHost: a\r\n\r\n", "a", "/" },
        { "\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n", "a", "/" },
        { "GET /x?y=1&z=%20 HTTP/1.1\r\nHost: a.b:8080\r\n\r\n", "a.b:8080", "/x?y=1&z=%20" },
        { "GET /x?f[a]=1 HTTP/1.1\r\nHost: a\r\n\r\n", "a", "/x?f[a]=1" },
        { "GET http://b/c HTTP/1.1\r\nHost: a\r\n\r\n", "b", "/c" },
        { "GET HTTP://b HTTP/1.1\r\nHost: a\r\n\r\n", "b", "" },
        { "GET http://b?q HTTP/1.1\r\nHost: a\r\n\r\n", "b", "?q" },
        { "OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n", "a", "*" },
        { "CONNECT a:443 HTTP/1.1\r\nHost: a:443\r\n\r\n", "a:443", "a:443" },
        { "GET / HTTP/1.0\r\n\r\n", "", "/" },
        { "GET / HTTP/1.7\r\nHost: a\r\n\r\n", "a", "/" },
        { "GET / HTTP/1.1\r\nhOsT:a\r\n\r\n", "a", "/" },
        { "GET / HTTP/1.1\r\nHost:\t a \t\r\n\r\n", "a", "/" },
        { "GET / HTTP/1.1\r\nHost: [::1]:80\r\n\r\n", "[::1]:80", "/" },
        { "M-SEARCH / HTTP/1.1\r\nHost: a\r\nX: \u00e9\r\nEmpty:\r\n\r\n", "a", "/" },
        { "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n", "a", "/" },
        { "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: Chunked\r\n\r\n", "a", "/" },
    };

    /// <summary>The fault is text, because the enum is not for other assemblies.</summary>
    public static TheoryData<string, string> Invalid => new()
    {
        { "GET /\r\nHost: a\r\n\r\n", nameof(HttpFault.RequestLine) },
        { "GET / http/1.1\r\nHost: a\r\n\r\n", nameof(HttpFault.RequestLine) },
        { "GET / HTTP/1.1 \r\nHost: a\r\n\r\n", nameof(HttpFault.RequestLine) },
        { "GET / HTTP/11\r\nHost: a\r\n\r\n", nameof(HttpFault.RequestLine) },
        { "GET / HTTP/2.0\r\nHost: a\r\n\r\n", nameof(HttpFault.Version) },
        { "GET  / HTTP/1.1\r\nHost: a\r\n\r\n", nameof(HttpFault.Target) },
        { " GET / HTTP/1.1\r\nHost: a\r\n\r\n", nameof(HttpFault.Method) },
        { "G\u0001T / HTTP/1.1\r\nHost: a\r\n\r\n", nameof(HttpFault.Method) },
        { "G(T / HTTP/1.1\r\nHost: a\r\n\r\n", nameof(HttpFault.Method) },
        { "\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n", nameof(HttpFault.Method) },
        { "GET a HTTP/1.1\r\nHost: a\r\n\r\n", nameof(HttpFault.Target) },
        { "GET * HTTP/1.1\r\nHost: a\r\n\r\n", nameof(HttpFault.Target) },
        { "GET /a\tb HTTP/1.1\r\nHost: a\r\n\r\n", nameof(HttpFault.Target) },
        { "GET /a\u0000b HTTP/1.1\r\nHost: a\r\n\r\n", nameof(HttpFault.Target) },
        { "GET /\u00e9 HTTP/1.1\r\nHost: a\r\n\r\n", nameof(HttpFault.Target) },
        { "GET /a#b HTTP/1.1\r\nHost: a\r\n\r\n", nameof(HttpFault.Target) },
        { "GET /a\"b HTTP/1.1\r\nHost: a\r\n\r\n", nameof(HttpFault.Target) },
        { "GET /%zz HTTP/1.1\r\nHost: a\r\n\r\n", nameof(HttpFault.Target) },
        { "GET /%4 HTTP/1.1\r\nHost: a\r\n\r\n", nameof(HttpFault.Target) },
        { "GET https://a/ HTTP/1.1\r\nHost: a\r\n\r\n", nameof(HttpFault.Target) },
        { "GET http:/// HTTP/1.1\r\nHost: a\r\n\r\n", nameof(HttpFault.HostInvalid) },
        { "GET http://u@b/ HTTP/1.1\r\nHost: a\r\n\r\n", nameof(HttpFault.HostInvalid) },
        { "CONNECT /x HTTP/1.1\r\nHost: a\r\n\r\n", nameof(HttpFault.Target) },
        { "GET / HTTP/1.1\nHost: a\r\n\r\n", nameof(HttpFault.BareLineFeed) },
        { "GET / HTTP/1.1\r\nHost: a\n\r\n", nameof(HttpFault.BareLineFeed) },
        { "GET / HTTP/1.1\r\nHost: a\r\n\n", nameof(HttpFault.BareLineFeed) },
        { "GET / HTTP/1.1\r\nHost: a\rb\r\n\r\n", nameof(HttpFault.FieldValue) },
        { "GET / HTTP/1.1\r\nHost: a\r\nX: a\u0000b\r\n\r\n", nameof(HttpFault.FieldValue) },
        { "GET / HTTP/1.1\r\nHost: a\r\nX: a\u007fb\r\n\r\n", nameof(HttpFault.FieldValue) },
        { "GET / HTTP/1.1\r\nHost: a\r\nX: a\r\n b\r\n\r\n", nameof(HttpFault.LineFolding) },
        { "GET / HTTP/1.1\r\n Host: a\r\n\r\n", nameof(HttpFault.LineFolding) },
        { "GET / HTTP/1.1\r\nHost : a\r\n\r\n", nameof(HttpFault.FieldName) },
        { "GET / HTTP/1.1\r\nHost\t: a\r\n\r\n", nameof(HttpFault.FieldName) },
        { "GET / HTTP/1.1\r\nHost: a\r\n: b\r\n\r\n", nameof(HttpFault.FieldName) },
        { "GET / HTTP/1.1\r\nHost: a\r\nX\r\n\r\n", nameof(HttpFault.FieldName) },
        { "GET / HTTP/1.1\r\nHost: a\r\nX(y): b\r\n\r\n", nameof(HttpFault.FieldName) },
        { "GET / HTTP/1.1\r\nHost: a\r\nX\u00e9: b\r\n\r\n", nameof(HttpFault.FieldName) },
        { "GET / HTTP/1.1\r\n\r\n", nameof(HttpFault.HostMissing) },
        { "GET http://b/ HTTP/1.1\r\n\r\n", nameof(HttpFault.HostMissing) },
        { "GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n", nameof(HttpFault.HostRepeated) },
        { "GET / HTTP/1.1\r\nHost:\r\n\r\n", nameof(HttpFault.HostInvalid) },
        { "GET / HTTP/1.1\r\nHost: a b\r\n\r\n", nameof(HttpFault.HostInvalid) },
        { "GET / HTTP/1.1\r\nHost: a/b\r\n\r\n", nameof(HttpFault.HostInvalid) },
        { "GET / HTTP/1.1\r\nHost: u@a\r\n\r\n", nameof(HttpFault.HostInvalid) },
        { "GET / HTTP/1.1\r\nHost: a:70000\r\n\r\n", nameof(HttpFault.HostInvalid) },
        { "GET / HTTP/1.1\r\nHost: a:b\r\n\r\n", nameof(HttpFault.HostInvalid) },
        { "GET / HTTP/1.1\r\nHost: :80\r\n\r\n", nameof(HttpFault.HostInvalid) },
        { "GET / HTTP/1.1\r\nHost: [::1\r\n\r\n", nameof(HttpFault.HostInvalid) },
        { Post("Content-Length: 5\r\nTransfer-Encoding: chunked"), nameof(HttpFault.LengthAndCoding) },
        { Post("Content-Length: 5\r\nContent-Length: 6"), nameof(HttpFault.ContentLengthRepeated) },
        { Post("Content-Length: 5\r\nContent-Length: 5"), nameof(HttpFault.ContentLengthRepeated) },
        { Post("Content-Length: 5, 5"), nameof(HttpFault.ContentLength) },
        { Post("Content-Length: +5"), nameof(HttpFault.ContentLength) },
        { Post("Content-Length: -5"), nameof(HttpFault.ContentLength) },
        { Post("Content-Length: 0x5"), nameof(HttpFault.ContentLength) },
        { Post("Content-Length:"), nameof(HttpFault.ContentLength) },
        { Post("Content-Length: 9999999999999999999"), nameof(HttpFault.ContentLength) },
        { Post("Transfer-Encoding: gzip"), nameof(HttpFault.TransferCoding) },
        { Post("Transfer-Encoding: chunked, gzip"), nameof(HttpFault.TransferCoding) },
        { Post("Transfer-Encoding: chunked, chunked"), nameof(HttpFault.TransferCoding) },
        { Post("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked"), nameof(HttpFault.TransferCoding) },
        { Post("Transfer-Encoding: xchunked"), nameof(HttpFault.TransferCoding) },
        { Post("Transfer-Encoding: identity"), nameof(HttpFault.TransferCoding) },
        { Post("Transfer-Encoding: ,chunked"), nameof(HttpFault.TransferCoding) },
        { Post("Transfer-Encoding: gzip, chunked"), nameof(HttpFault.TransferCodingUnknown) },
        { "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n", nameof(HttpFault.TransferCoding) },
        { Post("Content-Length: 5\r\nConnection: content-length"), nameof(HttpFault.ConnectionNamesFraming) },
        { Post("Connection: host"), nameof(HttpFault.ConnectionNamesFraming) },
    };

    [Theory]
    [MemberData(nameof(Valid))]
    public void What_the_RFC_allows_is_read(string text, string authority, string path)
    {
        var bytes = Encoding.Latin1.GetBytes(text);
        var head = Read(bytes, bytes.Length);

        Assert.Equal(HttpFault.None, head.Fault);
        Assert.Equal(bytes.Length, head.Length);
        Assert.Equal(authority, Encoding.Latin1.GetString(head.Authority(bytes)));
        Assert.Equal(path, Encoding.Latin1.GetString(head.Path(bytes)));
    }

    [Theory]
    [MemberData(nameof(Invalid))]
    public void What_the_RFC_calls_invalid_is_refused(string text, string fault)
    {
        var bytes = Encoding.Latin1.GetBytes(text);

        Assert.Equal(fault, Read(bytes, bytes.Length).Fault.ToString());
    }

    [Theory]
    [MemberData(nameof(Valid))]
    public void A_head_that_comes_in_any_pieces_is_the_same_head(string text, string authority, string path)
    {
        var bytes = Encoding.Latin1.GetBytes(text);
        for (var piece = 1; piece < bytes.Length; piece++)
        {
            var head = Read(bytes, piece);

            Assert.Equal(bytes.Length, head.Length);
            Assert.Equal(authority, Encoding.Latin1.GetString(head.Authority(bytes)));
            Assert.Equal(path, Encoding.Latin1.GetString(head.Path(bytes)));
        }
    }

    [Theory]
    [MemberData(nameof(Invalid))]
    public void A_fault_is_found_however_the_bytes_come(string text, string fault)
    {
        var bytes = Encoding.Latin1.GetBytes(text);
        for (var piece = 1; piece < bytes.Length; piece++)
        {
            Assert.Equal(fault, Read(bytes, piece).Fault.ToString());
        }
    }

    [Fact]
    public void A_target_beyond_the_limit_is_too_long_and_a_head_beyond_it_too_large()
    {
        var target = new string('a', Mainstay.Router.Limits.TargetBytesMax);
        var fits = Encoding.ASCII.GetBytes($"GET /{target[1..]} HTTP/1.1\r\nHost: a\r\n\r\n");
        var tooLong = Encoding.ASCII.GetBytes($"GET /{target} HTTP/1.1\r\nHost: a\r\n\r\n");
        var unfinished = Encoding.ASCII.GetBytes($"GET /{target}{target[..100]}");
        var value = new string('v', Mainstay.Router.Limits.HeadBytesMax);
        var tooLarge = Encoding.ASCII.GetBytes($"GET / HTTP/1.1\r\nHost: a\r\nX: {value}");
        var lines = string.Concat(Enumerable.Repeat("X: y\r\n", Mainstay.Router.Limits.HeaderLinesMax));
        var tooMany = Encoding.ASCII.GetBytes($"GET / HTTP/1.1\r\nHost: a\r\n{lines}\r\n");

        Assert.Equal(HttpFault.None, Read(fits, fits.Length).Fault);
        Assert.Equal(HttpFault.TargetTooLong, Read(tooLong, tooLong.Length).Fault);
        Assert.Equal(HttpFault.TargetTooLong, Read(unfinished, 1000).Fault);
        Assert.Equal(HttpFault.HeadTooLarge, Read(tooLarge, 1000).Fault);
        Assert.Equal(HttpFault.TooManyFields, Read(tooMany, 100).Fault);
    }

    [Fact]
    public void Fields_that_Connection_names_end_at_this_hop_and_others_stay()
    {
        var bytes = Encoding.ASCII.GetBytes(
            "GET / HTTP/1.1\r\nHost: a\r\nConnection: X-Mine, keep-alive\r\nX-Mine: 1\r\nTE: trailers\r\n" +
            "Proxy-Authorization: b\r\nX-Other: 2\r\n\r\n");
        var head = Read(bytes, bytes.Length);

        var staying = head.Headers.Lines.ToArray()
            .Where(line => !line.Dropped)
            .Select(line => Encoding.ASCII.GetString(line.Name(bytes)));
        Assert.Equal(["Host", "X-Other"], staying);
        Assert.True(head.KeepsAlive);
    }

    [Fact]
    public void Bytes_mutated_at_random_never_break_the_parser_and_splitting_never_changes_its_mind()
    {
        var corpus = Valid.Select(row => (string)row.Data.Item1).Concat(Invalid.Select(row =>
            (string)row.Data.Item1)).ToArray();
        var random = new Random(20171027);
        for (var turn = 0; turn < 20_000; turn++)
        {
            var bytes = Mutations.Of(Encoding.Latin1.GetBytes(corpus[random.Next(corpus.Length)]), random);
            var whole = Read(bytes, Math.Max(bytes.Length, 1));
            var split = Read(bytes, random.Next(1, 9));

            Assert.Equal((whole.Fault, whole.Length), (split.Fault, split.Length));
        }
    }

    private static string Post(string headers) => $"POST / HTTP/1.1\r\nHost: a\r\n{headers}\r\n\r\n";

    /// <summary>Gives the parser the bytes in pieces, until it has made up its mind.</summary>
    private static RequestHead Read(byte[] bytes, int piece)
    {
        var head = new RequestHead();
        head.Reset();
        for (var end = Math.Min(piece, bytes.Length); ; end = Math.Min(end + piece, bytes.Length))
        {
            if (head.Parse(bytes.AsSpan(0, end)) != ParseStatus.NeedMore || end == bytes.Length)
            {
                return head;
            }
        }
    }
}
