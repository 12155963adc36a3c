using System.Buffers;
using System.Text;

namespace Mainstay.Router.Http1;

/// <summary>How a message says where its body ends.</summary>
internal enum Coding : byte
{
    /// <summary>No Transfer-Encoding.</summary>
    None,

    /// <summary>Exactly "chunked".</summary>
    Chunked,

    /// <summary>Other codings, and chunked last.</summary>
    ChunkedLast,

    /// <summary>Other codings, and chunked not last: nobody can say where it ends.</summary>
    Endless,
}

/// <summary>
/// The header lines of one message and what they say about its framing and its connection. Filled a line at a time;
/// reused from message to message, so it allocates nothing.
/// </summary>
internal sealed class HeaderBlock
{
    private readonly HeaderLine[] _lines = new HeaderLine[Limits.HeaderLinesMax];

    public int Count { get; private set; }

    /// <summary>-1 when there is none.</summary>
    public long ContentLength { get; private set; } = -1;

    public Coding Coding { get; private set; }

    public int HostCount { get; private set; }

    public int HostLine { get; private set; } = -1;

    public int UpgradeLine { get; private set; } = -1;

    public int MaxForwardsLine { get; private set; } = -1;

    public int OwnViaCount { get; private set; }

    public bool SaysClose { get; private set; }

    public bool SaysKeepAlive { get; private set; }

    public bool SaysUpgrade { get; private set; }

    public bool ExpectsContinue { get; private set; }

    public bool HasIdempotencyKey { get; private set; }

    private bool _namesOthers;

    public ReadOnlySpan<HeaderLine> Lines => _lines.AsSpan(0, Count);

    public void Reset()
    {
        Count = 0;
        ContentLength = -1;
        Coding = Coding.None;
        HostCount = 0;
        HostLine = -1;
        UpgradeLine = -1;
        MaxForwardsLine = -1;
        OwnViaCount = 0;
        SaysClose = false;
        SaysKeepAlive = false;
        SaysUpgrade = false;
        ExpectsContinue = false;
        HasIdempotencyKey = false;
        _namesOthers = false;
    }

    /// <summary>Takes one header line.</summary>
    /// <param name="message">from its first byte</param>
    /// <param name="start">where the line begins</param>
    /// <param name="end">where its CR stands</param>
    /// <param name="blankBeforeColon">a response may have it (RFC 9112 section 5.1: a proxy removes it), a request
    /// never</param>
    public HttpFault Add(ReadOnlySpan<byte> message, int start, int end, bool blankBeforeColon)
    {
        if (Count == _lines.Length)
        {
            return HttpFault.TooManyFields;
        }

        var text = message[start..end];
        if (Octets.IsBlank(text[0]))
        {
            return HttpFault.LineFolding;
        }

        var nameLength = text.IndexOfAnyExcept(Octets.Token);
        if (nameLength <= 0)
        {
            return HttpFault.FieldName;
        }

        var colon = nameLength;
        while (blankBeforeColon && colon < text.Length && Octets.IsBlank(text[colon]))
        {
            colon++;
        }

        if (colon == text.Length || text[colon] != (byte)':')
        {
            return HttpFault.FieldName;
        }

        var valueStart = colon + 1;
        while (valueStart < text.Length && Octets.IsBlank(text[valueStart]))
        {
            valueStart++;
        }

        var value = text[valueStart..].TrimEnd(" \t"u8);
        if (value.IndexOfAny(Octets.NotInFieldValue) >= 0)
        {
            return HttpFault.FieldValue;
        }

        ref var line = ref _lines[Count];
        line.Start = (ushort)start;
        line.End = (ushort)(end + 2);
        line.NameLength = (ushort)nameLength;
        line.ValueStart = (ushort)(start + valueStart);
        line.ValueLength = (ushort)value.Length;
        line.Field = HeaderLine.Classify(text[..nameLength]);
        line.Dropped = false;
        Count++;
        return line.Field == KnownField.Other ? HttpFault.None : Understand(ref line, value);
    }

    /// <summary>After the last line: drops what the Connection lines name (RFC 9110 section 7.6.1).</summary>
    public HttpFault Finish(ReadOnlySpan<byte> message)
    {
        if (ContentLength >= 0 && Coding != Coding.None)
        {
            return HttpFault.LengthAndCoding;
        }

        if (!_namesOthers)
        {
            return HttpFault.None;
        }

        for (var index = 0; index < Count; index++)
        {
            if (_lines[index].Field != KnownField.Connection)
            {
                continue;
            }

            var list = _lines[index].Value(message);
            while (!list.IsEmpty)
            {
                var fault = DropNamed(message, Octets.NextElement(ref list));
                if (fault != HttpFault.None)
                {
                    return fault;
                }
            }
        }

        return HttpFault.None;
    }

    private HttpFault Understand(ref HeaderLine line, ReadOnlySpan<byte> value)
    {
        switch (line.Field)
        {
            case KnownField.Connection:
                line.Dropped = true;
                ReadConnection(value);
                return HttpFault.None;
            case KnownField.KeepAlive or KnownField.ProxyConnection or KnownField.Te or KnownField.ProxyAuthorization:
                line.Dropped = true;
                return HttpFault.None;
            case KnownField.Fallback:
                // Only the router says this; nobody else's word on it is passed on.
                line.Dropped = true;
                return HttpFault.None;
            case KnownField.Upgrade:
                line.Dropped = true;
                UpgradeLine = Count - 1;
                return HttpFault.None;
            case KnownField.ContentLength:
                return ReadLength(value);
            case KnownField.TransferEncoding:
                return ReadCoding(value);
            case KnownField.Host:
                HostCount++;
                HostLine = Count - 1;
                return HttpFault.None;
            case KnownField.Expect:
                ExpectsContinue |= Ascii.EqualsIgnoreCase(value, "100-continue"u8);
                return HttpFault.None;
            case KnownField.IdempotencyKey:
                HasIdempotencyKey = true;
                return HttpFault.None;
            case KnownField.MaxForwards:
                MaxForwardsLine = Count - 1;
                return HttpFault.None;
            case KnownField.Via:
                OwnViaCount += value.IndexOf("mainstay"u8) >= 0 ? 1 : 0;
                return HttpFault.None;
            default:
                return HttpFault.None;
        }
    }

    private void ReadConnection(ReadOnlySpan<byte> list)
    {
        while (!list.IsEmpty)
        {
            var option = Octets.NextElement(ref list);
            if (Ascii.EqualsIgnoreCase(option, "keep-alive"u8))
            {
                SaysKeepAlive = true;
            }
            else if (Ascii.EqualsIgnoreCase(option, "close"u8))
            {
                SaysClose = true;
            }
            else if (Ascii.EqualsIgnoreCase(option, "upgrade"u8))
            {
                SaysUpgrade = true;
            }
            else if (!option.IsEmpty)
            {
                _namesOthers = true;
            }
        }
    }

    private HttpFault ReadLength(ReadOnlySpan<byte> value)
    {
        if (ContentLength >= 0)
        {
            return HttpFault.ContentLengthRepeated;
        }

        // 18 digits stay within a long; a list ("5, 5") is refused like any other stranger.
        if (value.IsEmpty || value.Length > 18)
        {
            return HttpFault.ContentLength;
        }

        var length = 0L;
        foreach (var octet in value)
        {
            if (!Octets.IsDigit(octet))
            {
                return HttpFault.ContentLength;
            }

            length = (length * 10) + (octet - '0');
        }

        ContentLength = length;
        return HttpFault.None;
    }

    private HttpFault ReadCoding(ReadOnlySpan<byte> value)
    {
        if (Coding != Coding.None)
        {
            return HttpFault.TransferCoding;
        }

        if (Ascii.EqualsIgnoreCase(value, "chunked"u8))
        {
            Coding = Coding.Chunked;
            return HttpFault.None;
        }

        Coding = Coding.Endless;
        while (!value.IsEmpty)
        {
            var coding = Octets.NextElement(ref value);
            if (coding.IsEmpty || Coding == Coding.ChunkedLast)
            {
                return HttpFault.TransferCoding;
            }

            Coding = Ascii.EqualsIgnoreCase(coding, "chunked"u8) ? Coding.ChunkedLast : Coding.Endless;
        }

        return HttpFault.None;
    }

    private HttpFault DropNamed(ReadOnlySpan<byte> message, ReadOnlySpan<byte> option)
    {
        for (var index = 0; index < Count; index++)
        {
            ref var line = ref _lines[index];
            if (line.NameLength != option.Length || !Ascii.EqualsIgnoreCase(line.Name(message), option))
            {
                continue;
            }

            // To drop one of these would change where the message ends or whose it is.
            if (line.Field is KnownField.ContentLength or KnownField.Host)
            {
                return HttpFault.ConnectionNamesFraming;
            }

            line.Dropped |= line.Field != KnownField.TransferEncoding;
        }

        return HttpFault.None;
    }
}
