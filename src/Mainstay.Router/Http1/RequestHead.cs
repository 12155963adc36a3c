using System.Text;

namespace Mainstay.Router.Http1;

internal enum Method : byte
{
    Other,
    Get,
    Head,
    Post,
    Put,
    Delete,
    Options,
    Trace,
    Patch,
    Connect,
}

/// <summary>RFC 9112 section 3.2.</summary>
internal enum TargetForm : byte
{
    Origin,
    Absolute,
    Authority,
    Asterisk,
}

/// <summary>
/// A request's head, read strictly and without copying: positions into the message's bytes. Example:
///     GET http://payments/v1?x=1 HTTP/1.1  ->  Form Absolute, Authority "payments", Path "/v1?x=1"
/// Everything RFC 9112 calls invalid is a fault; two liberties are named where they are taken (an empty line before the
/// request line, here; square brackets, in <see cref="Octets.Target"/>).
/// </summary>
internal sealed class RequestHead
{
    private HeadReader _reader;
    private bool _hasRequestLine;
    private int _authorityStart;
    private int _authorityLength;
    private int _pathStart;
    private int _pathLength;
    private int _methodStart;
    private int _methodLength;

    public HeaderBlock Headers { get; } = new();

    public HttpFault Fault { get; private set; }

    public Method Method { get; private set; }

    public TargetForm Form { get; private set; }

    /// <summary>0 or 1; a later minor version is read as 1 (RFC 9110 section 2.5).</summary>
    public int MinorVersion { get; private set; }

    /// <summary>Bytes of the head, its empty line included.</summary>
    public int Length { get; private set; }

    public bool KeepsAlive => MinorVersion == 1
        ? !Headers.SaysClose
        : Headers.SaysKeepAlive && !Headers.SaysClose;

    public ReadOnlySpan<byte> MethodText(ReadOnlySpan<byte> message) => message.Slice(_methodStart, _methodLength);

    /// <summary>
    /// Host and port: from the target if it has one (RFC 9112 section 3.2.2), else from Host; maybe empty.
    /// </summary>
    public ReadOnlySpan<byte> Authority(ReadOnlySpan<byte> message) => message.Slice(_authorityStart, _authorityLength);

    /// <summary>Path and query as they were sent; empty for http://name without a slash.</summary>
    public ReadOnlySpan<byte> Path(ReadOnlySpan<byte> message) => message.Slice(_pathStart, _pathLength);

    public void Reset()
    {
        _reader.Reset();
        _hasRequestLine = false;
        _authorityStart = 0;
        _authorityLength = 0;
        Fault = HttpFault.None;
        Method = Method.Other;
        MinorVersion = 1;
        Length = 0;
        Headers.Reset();
    }

    /// <summary>Goes on where the last call ended; <paramref name="message"/> has only grown since.</summary>
    public ParseStatus Parse(ReadOnlySpan<byte> message)
    {
        HttpFault fault;
        while (_reader.Next(message, out var start, out var end, out fault))
        {
            if (!_hasRequestLine)
            {
                // RFC 9112 section 2.2: one empty line before the request line is ignored.
                if (end == start && start == 0)
                {
                    continue;
                }

                fault = ReadRequestLine(message, start, end);
                _hasRequestLine = true;
            }
            else if (end > start)
            {
                fault = Headers.Add(message, start, end, blankBeforeColon: false);
            }
            else
            {
                Length = end + 2;
                return Ended(Finish(message));
            }

            if (fault != HttpFault.None)
            {
                return Ended(fault);
            }
        }

        if (fault != HttpFault.None)
        {
            return Ended(fault == HttpFault.HeadTooLarge && !_hasRequestLine ? HttpFault.TargetTooLong : fault);
        }

        var lineLength = message.Length - _reader.LineStart;
        var tooLong = !_hasRequestLine && lineLength > Limits.TargetBytesMax + Limits.MethodBytesMax + 16;
        return tooLong ? Ended(HttpFault.TargetTooLong) : ParseStatus.NeedMore;
    }

    private ParseStatus Ended(HttpFault fault)
    {
        Fault = fault;
        return fault == HttpFault.None ? ParseStatus.Complete : ParseStatus.Invalid;
    }

    private HttpFault ReadRequestLine(ReadOnlySpan<byte> message, int start, int end)
    {
        var line = message[start..end];
        var methodLength = line.IndexOf((byte)' ');
        if (methodLength <= 0 || methodLength > Limits.MethodBytesMax)
        {
            return HttpFault.Method;
        }

        if (line[..methodLength].IndexOfAnyExcept(Octets.Token) >= 0)
        {
            return HttpFault.Method;
        }

        _methodStart = start;
        _methodLength = methodLength;
        Method = MethodOf(line[..methodLength]);
        var rest = line[(methodLength + 1)..];
        var targetLength = rest.IndexOf((byte)' ');
        if (targetLength <= 0)
        {
            return targetLength < 0 ? HttpFault.RequestLine : HttpFault.Target;
        }

        if (targetLength > Limits.TargetBytesMax)
        {
            return HttpFault.TargetTooLong;
        }

        var version = ReadVersion(rest[(targetLength + 1)..]);
        return version != HttpFault.None
            ? version
            : ReadTarget(rest[..targetLength], start + methodLength + 1);
    }

    private HttpFault ReadVersion(ReadOnlySpan<byte> text)
    {
        if (text.Length != 8 || !text.StartsWith("HTTP/"u8) || text[6] != (byte)'.' ||
            !Octets.IsDigit(text[5]) || !Octets.IsDigit(text[7]))
        {
            return HttpFault.RequestLine;
        }

        MinorVersion = text[7] == (byte)'0' ? 0 : 1;
        return text[5] == (byte)'1' ? HttpFault.None : HttpFault.Version;
    }

    private HttpFault ReadTarget(ReadOnlySpan<byte> target, int start)
    {
        if (target.IndexOfAnyExcept(Octets.Target) >= 0 || !Percents.AreWellFormed(target))
        {
            return HttpFault.Target;
        }

        _pathStart = start;
        _pathLength = target.Length;
        if (Method == Method.Connect)
        {
            Form = TargetForm.Authority;
            _authorityStart = start;
            _authorityLength = target.Length;
            return Http1.Authority.IsValid(target) ? HttpFault.None : HttpFault.Target;
        }

        if (target[0] == (byte)'/')
        {
            Form = TargetForm.Origin;
            return HttpFault.None;
        }

        if (target.Length == 1 && target[0] == (byte)'*' && Method == Method.Options)
        {
            Form = TargetForm.Asterisk;
            return HttpFault.None;
        }

        return ReadAbsolute(target, start);
    }

    private HttpFault ReadAbsolute(ReadOnlySpan<byte> target, int start)
    {
        const int SchemeLength = 7;
        if (target.Length <= SchemeLength || !Ascii.EqualsIgnoreCase(target[..SchemeLength], "http://"u8))
        {
            return HttpFault.Target;
        }

        var rest = target[SchemeLength..];
        var authorityLength = rest.IndexOfAny((byte)'/', (byte)'?');
        authorityLength = authorityLength < 0 ? rest.Length : authorityLength;
        Form = TargetForm.Absolute;
        _authorityStart = start + SchemeLength;
        _authorityLength = authorityLength;
        _pathStart = _authorityStart + authorityLength;
        _pathLength = rest.Length - authorityLength;
        return Http1.Authority.IsValid(rest[..authorityLength]) ? HttpFault.None : HttpFault.HostInvalid;
    }

    private HttpFault Finish(ReadOnlySpan<byte> message)
    {
        if (Headers.HostCount > 1)
        {
            return HttpFault.HostRepeated;
        }

        if (Headers.HostCount == 0 && MinorVersion == 1)
        {
            return HttpFault.HostMissing;
        }

        if (Headers.HostCount == 1)
        {
            var line = Headers.Lines[Headers.HostLine];
            if (!Http1.Authority.IsValid(line.Value(message)))
            {
                return HttpFault.HostInvalid;
            }

            if (Form is TargetForm.Origin or TargetForm.Asterisk)
            {
                _authorityStart = line.ValueStart;
                _authorityLength = line.ValueLength;
            }
        }

        return Headers.Coding switch
        {
            // RFC 9112 section 6.1: such framing in a 1.0 message is to be taken for faulty.
            not Coding.None when MinorVersion == 0 => HttpFault.TransferCoding,
            Coding.Endless => HttpFault.TransferCoding,
            Coding.ChunkedLast => HttpFault.TransferCodingUnknown,
            _ => Headers.Finish(message),
        };
    }

    private static Method MethodOf(ReadOnlySpan<byte> text) => text.Length switch
    {
        3 => text.SequenceEqual("GET"u8) ? Method.Get : text.SequenceEqual("PUT"u8) ? Method.Put : Method.Other,
        4 => text.SequenceEqual("POST"u8) ? Method.Post : text.SequenceEqual("HEAD"u8) ? Method.Head : Method.Other,
        5 => text.SequenceEqual("PATCH"u8) ? Method.Patch : text.SequenceEqual("TRACE"u8) ? Method.Trace : Method.Other,
        6 => text.SequenceEqual("DELETE"u8) ? Method.Delete : Method.Other,
        7 => text.SequenceEqual("OPTIONS"u8) ? Method.Options
            : text.SequenceEqual("CONNECT"u8) ? Method.Connect : Method.Other,
        _ => Method.Other,
    };
}
