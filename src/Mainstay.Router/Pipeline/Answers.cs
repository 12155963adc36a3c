using System.Text;
using Mainstay.Router.Http1;
using Mainstay.Router.EventLoops;

namespace Mainstay.Router.Pipeline;

/// <summary>The router's own answers: the only file that knows their codes, words and texts.</summary>
internal static class Answers
{
    public static int StatusOf(Reason reason, HttpFault fault) => reason switch
    {
        Reason.BadRequest => fault switch
        {
            HttpFault.TargetTooLong => 414,
            HttpFault.HeadTooLarge or HttpFault.TooManyFields => 431,
            HttpFault.TransferCodingUnknown => 501,
            HttpFault.Version => 505,
            _ => 400,
        },
        Reason.RequestTimeout => 408,
        Reason.EgressRefused => 403,
        Reason.TraceRefused => 405,
        Reason.FinalRecipient => 200,
        Reason.Loop => 508,
        Reason.UnknownService or Reason.UnknownPort => 502,
        Reason.NoEndpoints => 503,
        Reason.Timeout => 504,
        _ => 502,
    };

    /// <summary>Writes a whole answer.</summary>
    /// <param name="to">has room: it is empty</param>
    /// <param name="answer">what to say</param>
    public static void Write(ByteBuffer to, OwnAnswer answer)
    {
        var status = StatusOf(answer.Reason, answer.Fault);
        var word = Word(answer.Reason);
        var text = answer.Reason == Reason.BadRequest ? Text(answer.Fault) : Text(answer.Reason);
        to.Append("HTTP/1.1 "u8);
        Decimal.Append(to, status);
        to.Append((byte)' ');
        to.Append(Phrase(status));
        to.Append("\r\ncontent-type: text/plain\r\nvia: 1.1 mainstay\r\nmainstay-router-error: "u8);
        to.Append(word);
        if (status is 200 or 405)
        {
            to.Append("\r\nallow: GET, HEAD, POST, PUT, DELETE, OPTIONS, PATCH"u8);
        }

        to.Append("\r\ncontent-length: "u8);
        Decimal.Append(to, word.Length + text.Length + 3);
        to.Append(answer.Closes ? "\r\nconnection: close\r\n\r\n"u8 : "\r\n\r\n"u8);
        if (answer.HasBody)
        {
            to.Append(word);
            to.Append(": "u8);
            to.Append(text);
            to.Append("\n"u8);
        }
    }

    public static string WordText(Reason reason) => Encoding.ASCII.GetString(Word(reason));

    private static ReadOnlySpan<byte> Word(Reason reason) => reason switch
    {
        Reason.BadRequest => "bad-request"u8,
        Reason.RequestTimeout => "request-timeout"u8,
        Reason.EgressRefused => "egress-refused"u8,
        Reason.TraceRefused => "trace-refused"u8,
        Reason.FinalRecipient => "max-forwards"u8,
        Reason.Loop => "loop"u8,
        Reason.UnknownService => "unknown-service"u8,
        Reason.UnknownPort => "unknown-port"u8,
        Reason.NoEndpoints => "no-endpoints"u8,
        Reason.ConnectFailed => "connect-failed"u8,
        Reason.UpstreamClosed => "upstream-closed"u8,
        Reason.BadResponse => "bad-response"u8,
        _ => "timeout"u8,
    };

    private static ReadOnlySpan<byte> Text(Reason reason) => reason switch
    {
        Reason.RequestTimeout => "the request did not arrive in time"u8,
        Reason.EgressRefused => "this router carries calls between services only"u8,
        Reason.TraceRefused => "TRACE is not carried"u8,
        Reason.FinalRecipient => "Max-Forwards says that the request ends here"u8,
        Reason.Loop => "the request has passed routers too often"u8,
        Reason.UnknownService => "no service has this name"u8,
        Reason.UnknownPort => "the service has no such port"u8,
        Reason.NoEndpoints => "the service has no ready endpoint"u8,
        Reason.ConnectFailed => "no endpoint took a connection"u8,
        Reason.UpstreamClosed => "the endpoint closed the connection without an answer"u8,
        Reason.BadResponse => "the endpoint's answer is no valid HTTP"u8,
        _ => "the service did not answer in time"u8,
    };

    private static ReadOnlySpan<byte> Text(HttpFault fault) => fault switch
    {
        HttpFault.RequestLine => "the request line is not METHOD SP TARGET SP VERSION"u8,
        HttpFault.Method => "the method is no token"u8,
        HttpFault.Target => "the target is invalid"u8,
        HttpFault.TargetTooLong => "the target is too long"u8,
        HttpFault.Version => "this is an HTTP/1 router"u8,
        HttpFault.BareLineFeed => "a line ends without CR"u8,
        HttpFault.LineFolding => "a header line is folded"u8,
        HttpFault.FieldName => "a field name is no token followed by a colon"u8,
        HttpFault.FieldValue => "a field value holds a control character"u8,
        HttpFault.HeadTooLarge => "the head is too large"u8,
        HttpFault.TooManyFields => "there are too many header lines"u8,
        HttpFault.HostMissing => "Host is missing"u8,
        HttpFault.HostRepeated => "Host is there more than once"u8,
        HttpFault.HostInvalid => "Host is invalid"u8,
        HttpFault.ContentLength => "Content-Length is no number"u8,
        HttpFault.ContentLengthRepeated => "Content-Length is there more than once"u8,
        HttpFault.LengthAndCoding => "Content-Length and Transfer-Encoding are both there"u8,
        HttpFault.TransferCoding => "Transfer-Encoding is invalid"u8,
        HttpFault.TransferCodingUnknown => "only the transfer coding chunked is understood"u8,
        HttpFault.ConnectionNamesFraming => "Connection names a field that must stay"u8,
        _ => "a chunk of the body is malformed"u8,
    };

    private static ReadOnlySpan<byte> Phrase(int status) => status switch
    {
        200 => "OK"u8,
        400 => "Bad Request"u8,
        403 => "Forbidden"u8,
        405 => "Method Not Allowed"u8,
        408 => "Request Timeout"u8,
        414 => "URI Too Long"u8,
        431 => "Request Header Fields Too Large"u8,
        501 => "Not Implemented"u8,
        502 => "Bad Gateway"u8,
        503 => "Service Unavailable"u8,
        504 => "Gateway Timeout"u8,
        505 => "HTTP Version Not Supported"u8,
        _ => "Loop Detected"u8,
    };
}

/// <param name="Reason">why</param>
/// <param name="Fault">what is wrong with the request, for a bad one</param>
/// <param name="Closes">whether the connection ends behind it</param>
/// <param name="HasBody">false for HEAD</param>
internal readonly record struct OwnAnswer(Reason Reason, HttpFault Fault, bool Closes, bool HasBody);

/// <summary>Numbers as text, without an allocation.</summary>
internal static class Decimal
{
    public static void Append(ByteBuffer to, int number)
    {
        number.TryFormat(to.Free, out var written, default, null);
        to.Grow(written);
    }
}
