namespace Mainstay.Router.Http1;

/// <summary>
/// A response's head, read as strictly as a request's, with the two liberties that RFC 9112 gives a proxy: blanks
/// before a
/// colon (they are not forwarded: each line is written anew) and a status line without a reason and its space.
/// </summary>
internal sealed class ResponseHead
{
    private HeadReader _reader;
    private bool _hasStatusLine;
    private int _reasonStart;
    private int _reasonLength;

    public HeaderBlock Headers { get; } = new();

    public HttpFault Fault { get; private set; }

    public int Status { get; private set; }

    public int MinorVersion { get; private set; }

    /// <summary>Bytes of the head, its empty line included.</summary>
    public int Length { get; private set; }

    public bool KeepsAlive => MinorVersion == 1
        ? !Headers.SaysClose
        : Headers.SaysKeepAlive && !Headers.SaysClose;

    public ReadOnlySpan<byte> Reason(ReadOnlySpan<byte> message) => message.Slice(_reasonStart, _reasonLength);

    public void Reset()
    {
        _reader.Reset();
        _hasStatusLine = false;
        Fault = HttpFault.None;
        Status = 0;
        Length = 0;
        Headers.Reset();
    }

    /// <summary>Goes on where the last call ended; <paramref name="message"/> has only grown since.</summary>
    public ParseStatus Parse(ReadOnlySpan<byte> message)
    {
        HttpFault fault;
        while (_reader.Next(message, out var start, out var end, out fault))
        {
            if (!_hasStatusLine)
            {
                fault = ReadStatusLine(message, start, end);
                _hasStatusLine = true;
            }
            else if (end > start)
            {
                fault = Headers.Add(message, start, end, blankBeforeColon: true);
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

        return fault == HttpFault.None ? ParseStatus.NeedMore : Ended(fault);
    }

    private ParseStatus Ended(HttpFault fault)
    {
        Fault = fault;
        return fault == HttpFault.None ? ParseStatus.Complete : ParseStatus.Invalid;
    }

    private HttpFault ReadStatusLine(ReadOnlySpan<byte> message, int start, int end)
    {
        var line = message[start..end];
        const int StatusEnd = 12;
        if (line.Length < StatusEnd || !line.StartsWith("HTTP/1."u8) ||
            !Octets.IsDigit(line[7]) || line[8] != (byte)' ' ||
            line[9] is < (byte)'1' or > (byte)'5' || !Octets.IsDigit(line[10]) || !Octets.IsDigit(line[11]) ||
            (line.Length > StatusEnd && line[StatusEnd] != (byte)' '))
        {
            return HttpFault.StatusLine;
        }

        MinorVersion = line[7] == (byte)'0' ? 0 : 1;
        Status = ((line[9] - '0') * 100) + ((line[10] - '0') * 10) + (line[11] - '0');
        _reasonStart = start + Math.Min(StatusEnd + 1, line.Length);
        _reasonLength = end - _reasonStart;
        return Reason(message).IndexOfAny(Octets.NotInFieldValue) >= 0 ? HttpFault.StatusLine : HttpFault.None;
    }

    private HttpFault Finish(ReadOnlySpan<byte> message) => Headers.Coding switch
    {
        not Coding.None when MinorVersion == 0 => HttpFault.TransferCoding,
        Coding.Endless or Coding.ChunkedLast => HttpFault.TransferCodingUnknown,
        _ => Headers.Finish(message),
    };
}
