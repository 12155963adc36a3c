using System.Text;
using Mainstay.Router.Http1;

namespace Mainstay.Tests.Router.Http1;

public sealed class ResponseHeadTests
{
    [Theory]
    [InlineData("HTTP/1.1 200 OK\r\n\r\n", 200, "OK")]
    [InlineData("HTTP/1.1 200 \r\n\r\n", 200, "")]
    [InlineData("HTTP/1.1 404\r\nA: b\r\n\r\n", 404, "")]
    [InlineData("HTTP/1.0 599 What ever\r\nContent-Length: 3\r\n\r\n", 599, "What ever")]
    public void A_valid_head_is_read_in_any_pieces(string text, int status, string reason)
    {
        var bytes = Encoding.Latin1.GetBytes(text);
        for (var piece = 1; piece <= bytes.Length; piece++)
        {
            var head = Read(bytes, piece);

            Assert.Equal(HttpFault.None, head.Fault);
            Assert.Equal((status, bytes.Length), (head.Status, head.Length));
            Assert.Equal(reason, Encoding.Latin1.GetString(head.Reason(bytes)));
        }
    }

    [Theory]
    [InlineData("HTTP/1.1 99 Low\r\n\r\n", nameof(HttpFault.StatusLine))]
    [InlineData("HTTP/1.1 600 High\r\n\r\n", nameof(HttpFault.StatusLine))]
    [InlineData("HTTP/1.1  200 OK\r\n\r\n", nameof(HttpFault.StatusLine))]
    [InlineData("HTTP/2 200 OK\r\n\r\n", nameof(HttpFault.StatusLine))]
    [InlineData("ICY 200 OK\r\n\r\n", nameof(HttpFault.StatusLine))]
    [InlineData("HTTP/1.1 200 O\0K\r\n\r\n", nameof(HttpFault.StatusLine))]
    [InlineData("HTTP/1.1 200 OK\n\n", nameof(HttpFault.BareLineFeed))]
    [InlineData("HTTP/1.1 200 OK\r\nA: b\r\n c\r\n\r\n", nameof(HttpFault.LineFolding))]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
        nameof(HttpFault.ContentLengthRepeated))]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
        nameof(HttpFault.LengthAndCoding))]
    [InlineData("HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\n", nameof(HttpFault.TransferCodingUnknown))]
    [InlineData("HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", nameof(HttpFault.TransferCoding))]
    public void An_invalid_head_is_refused(string text, string fault)
    {
        var bytes = Encoding.Latin1.GetBytes(text);

        Assert.Equal(fault, Read(bytes, bytes.Length).Fault.ToString());
    }

    [Fact]
    public void Blanks_before_a_colon_are_read_over_in_an_answer()
    {
        var bytes = "HTTP/1.1 200 OK\r\nContent-Length \t: 7\r\n\r\n"u8.ToArray();

        Assert.Equal(7, Read(bytes, bytes.Length).Headers.ContentLength);
    }

    private static ResponseHead Read(byte[] bytes, int piece)
    {
        var head = new ResponseHead();
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
