using System.Buffers;
using System.Text;

namespace Mainstay.Router.Http1;

/// <summary>
/// The character classes of RFC 9110 and 3986, as sets that the runtime searches many bytes at a time.
/// </summary>
internal static class Octets
{
    private const string Letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
    private const string Digits = "0123456789";

    /// <summary>RFC 9110 section 5.6.2: what a method and a field name are made of.</summary>
    public static readonly SearchValues<byte> Token = Of("!#$%&'*+-.^_`|~" + Digits + Letters);

    /// <summary>RFC 9110 section 5.5: what no field value holds: controls except the tab, and DEL.</summary>
    public static readonly SearchValues<byte> NotInFieldValue = SearchValues.Create(
        [.. Enumerable.Range(0, 32).Where(octet => octet != '\t').Select(octet => (byte)octet), 127]);

    /// <summary>
    /// RFC 3986: what a path and query are made of. Square brackets stand outside that grammar; they are let through,
    /// because most clients send them bare in queries (`?filter[a]=1`) and no reader takes them for anything else.
    /// </summary>
    public static readonly SearchValues<byte> Target = Of("-._~:/?@!$&'()*+,;=%[]" + Digits + Letters);

    /// <summary>RFC 3986: a registered name, without the percent sign, which no service name needs.</summary>
    public static readonly SearchValues<byte> RegisteredName = Of("-._~!$&'()*+,;=" + Digits + Letters);

    /// <summary>The inside of the brackets of an IPv6 address.</summary>
    public static readonly SearchValues<byte> Inet6 = Of(".:abcdefABCDEF" + Digits);

    public static bool IsDigit(byte octet) => (uint)(octet - '0') <= 9;

    public static bool IsBlank(byte octet) => octet is (byte)' ' or (byte)'\t';

    /// <returns>0 to 15, or -1</returns>
    public static int HexValue(byte octet) => octet switch
    {
        >= (byte)'0' and <= (byte)'9' => octet - '0',
        >= (byte)'a' and <= (byte)'f' => octet - 'a' + 10,
        >= (byte)'A' and <= (byte)'F' => octet - 'A' + 10,
        _ => -1,
    };

    /// <summary>Without the blanks at both ends.</summary>
    public static ReadOnlySpan<byte> Trim(ReadOnlySpan<byte> text) => text.Trim(" \t"u8);

    /// <summary>Takes the next element of a comma-separated list, trimmed and maybe empty, off the front.</summary>
    public static ReadOnlySpan<byte> NextElement(ref ReadOnlySpan<byte> list)
    {
        var comma = list.IndexOf((byte)',');
        var element = comma < 0 ? list : list[..comma];
        list = comma < 0 ? default : list[(comma + 1)..];
        return Trim(element);
    }

    private static SearchValues<byte> Of(string characters) => SearchValues.Create(Encoding.ASCII.GetBytes(characters));
}
