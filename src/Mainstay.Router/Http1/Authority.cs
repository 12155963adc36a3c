namespace Mainstay.Router.Http1;

/// <summary>
/// `host[:port]` as RFC 3986 has it, without user information, which RFC 9110 section 4.2.4 calls an error.
/// </summary>
internal static class Authority
{
    /// <summary>An empty host is invalid for http (RFC 9110 section 4.2.1).</summary>
    public static bool IsValid(ReadOnlySpan<byte> authority)
    {
        if (authority.IsEmpty || authority.Length > Limits.AuthorityBytesMax)
        {
            return false;
        }

        var hostLength = HostLength(authority);
        if (hostLength <= 0)
        {
            return false;
        }

        var host = authority[..hostLength];
        var port = authority[hostLength..];
        return IsHost(host) && (port.IsEmpty || IsPort(port[1..]));
    }

    /// <summary>Splits a valid authority.</summary>
    /// <param name="authority">valid</param>
    /// <param name="port">-1 when there is none</param>
    public static ReadOnlySpan<byte> Host(ReadOnlySpan<byte> authority, out int port)
    {
        var hostLength = HostLength(authority);
        port = -1;
        if (authority.Length > hostLength + 1)
        {
            port = 0;
            foreach (var digit in authority[(hostLength + 1)..])
            {
                port = (port * 10) + (digit - '0');
            }
        }

        return authority[..hostLength];
    }

    private static int HostLength(ReadOnlySpan<byte> authority)
    {
        if (authority[0] == (byte)'[')
        {
            return authority.IndexOf((byte)']') + 1;
        }

        var colon = authority.IndexOf((byte)':');
        return colon < 0 ? authority.Length : colon;
    }

    private static bool IsHost(ReadOnlySpan<byte> host) => host[0] == (byte)'['
        ? host.Length > 2 && host[1..^1].IndexOfAnyExcept(Octets.Inet6) < 0
        : host.IndexOfAnyExcept(Octets.RegisteredName) < 0;

    private static bool IsPort(ReadOnlySpan<byte> digits)
    {
        if (digits.Length > 5)
        {
            return false;
        }

        var port = 0;
        foreach (var digit in digits)
        {
            if (!Octets.IsDigit(digit))
            {
                return false;
            }

            port = (port * 10) + (digit - '0');
        }

        return port <= ushort.MaxValue;
    }
}

/// <summary>Percent signs in a target: each is followed by two hex digits (RFC 3986 section 2.1).</summary>
internal static class Percents
{
    public static bool AreWellFormed(ReadOnlySpan<byte> target)
    {
        while (true)
        {
            var percent = target.IndexOf((byte)'%');
            if (percent < 0)
            {
                return true;
            }

            if (target.Length < percent + 3 || Octets.HexValue(target[percent + 1]) < 0 ||
                Octets.HexValue(target[percent + 2]) < 0)
            {
                return false;
            }

            target = target[(percent + 3)..];
        }
    }
}
