namespace Mainstay.Router.Http1;

/// <summary>
/// Finds the lines of a head as its bytes arrive. It remembers how far it has looked, so a head that comes byte by byte
/// costs no more than one that comes whole. A line ends with CR LF and nothing else.
/// </summary>
internal struct HeadReader
{
    private int _lineStart;
    private int _scanned;

    /// <summary>Where the line being read begins, from the start of the message.</summary>
    public readonly int LineStart => _lineStart;

    public void Reset()
    {
        _lineStart = 0;
        _scanned = 0;
    }

    /// <param name="message">from its first byte</param>
    /// <param name="start">where the line begins</param>
    /// <param name="end">where its CR stands</param>
    /// <param name="fault">why there will never be a line</param>
    /// <returns>whether there is a whole line</returns>
    public bool Next(ReadOnlySpan<byte> message, out int start, out int end, out HttpFault fault)
    {
        start = _lineStart;
        end = 0;
        fault = HttpFault.None;
        var feed = message[_scanned..].IndexOf((byte)'\n');
        if (feed < 0)
        {
            _scanned = message.Length;
            fault = message.Length >= Limits.HeadBytesMax ? HttpFault.HeadTooLarge : HttpFault.None;
            return false;
        }

        feed += _scanned;
        if (feed >= Limits.HeadBytesMax)
        {
            fault = HttpFault.HeadTooLarge;
            return false;
        }

        if (feed == start || message[feed - 1] != (byte)'\r')
        {
            fault = HttpFault.BareLineFeed;
            return false;
        }

        end = feed - 1;
        _lineStart = feed + 1;
        _scanned = feed + 1;
        return true;
    }
}
