using System.Buffers;
using System.Globalization;
using System.Numerics;

namespace Mainstay.ApiServer.Schema;

/// <summary>
/// An amount of something, exact to the billionth: "100m", "1.5Gi", "1e3". Written back in the same family of
/// suffixes with the largest one that loses nothing: 1.5Gi is 1536Mi, 0.1 is 100m, 1000m is 1. Immutable.
/// </summary>
internal readonly record struct ResourceQuantity(BigInteger Nanos, ResourceQuantity.Family Suffixes)
{
    public const string SyntaxFault =
        "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'";

    private const int NanoDigits = 9;
    private const int ExponentMax = 100;

    private static readonly string[] Decimal = ["n", "u", "m", "", "k", "M", "G", "T", "P", "E"];
    private static readonly string[] Binary = ["", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei"];
    private static readonly BigInteger One = BigInteger.Pow(10, NanoDigits);

    /// <summary>The largest amount with a binary suffix: what a 64-bit integer holds.</summary>
    private static readonly BigInteger BinaryMax = long.MaxValue * One;

    private static readonly SearchValues<char> NumberCharacters = SearchValues.Create("0123456789.");

    internal enum Family
    {
        Decimal,
        Binary,
        Exponent,
    }

    public int Sign => Nanos.Sign;

    public static bool TryParse(string text, out ResourceQuantity quantity)
    {
        quantity = default;
        var unsigned = text.AsSpan();
        var isNegative = unsigned.StartsWith("-", StringComparison.Ordinal);
        if (isNegative || unsigned.StartsWith("+", StringComparison.Ordinal))
        {
            unsigned = unsigned[1..];
        }

        var split = unsigned.IndexOfAnyExcept(NumberCharacters);
        var number = split < 0 ? unsigned : unsigned[..split];
        var suffix = split < 0 ? "" : unsigned[split..].ToString();
        if (!TryParseNumber(number, out var digits, out var places) || !TryParseSuffix(suffix, out var unit))
        {
            return false;
        }

        // value = digits * 2^TwoExponent * 10^(TenExponent - places), in billionths
        var scaled = digits * BigInteger.Pow(2, unit.TwoExponent);
        var power = unit.TenExponent - places + NanoDigits;
        var nanos = power >= 0 ? scaled * BigInteger.Pow(10, power) : DivideUp(scaled, BigInteger.Pow(10, -power));
        if (unit.Suffixes == Family.Binary && nanos > BinaryMax)
        {
            nanos = BinaryMax;
        }

        quantity = new ResourceQuantity(isNegative ? -nanos : nanos, unit.Suffixes);
        return true;
    }

    public override string ToString()
    {
        if (Nanos.IsZero)
        {
            return "0";
        }

        var isBinary = Suffixes == Family.Binary
            && BigInteger.Abs(Nanos) >= 1024 * One
            && BigInteger.Remainder(Nanos, One).IsZero;
        return isBinary ? ToBinary() : ToDecimal();
    }

    private string ToBinary()
    {
        var value = Nanos / One;
        var step = 0;
        while (step < Binary.Length - 1 && BigInteger.Remainder(value, 1024).IsZero)
        {
            value /= 1024;
            step++;
        }

        return value.ToString(CultureInfo.InvariantCulture) + Binary[step];
    }

    private string ToDecimal()
    {
        var value = Nanos;
        var step = 0;
        var stepMax = Suffixes == Family.Exponent ? int.MaxValue : Decimal.Length - 1;
        while (step < stepMax && BigInteger.Remainder(value, 1000).IsZero)
        {
            value /= 1000;
            step++;
        }

        var number = value.ToString(CultureInfo.InvariantCulture);
        if (Suffixes != Family.Exponent)
        {
            return number + Decimal[step];
        }

        var exponent = (step * 3) - NanoDigits;
        return exponent == 0 ? number : number + "e" + exponent.ToString(CultureInfo.InvariantCulture);
    }

    private static bool TryParseNumber(ReadOnlySpan<char> text, out BigInteger digits, out int places)
    {
        digits = default;
        places = 0;
        var point = text.IndexOf('.');
        if (point >= 0)
        {
            places = text.Length - point - 1;
        }

        var all = point < 0 ? text.ToString() : string.Concat(text[..point], text[(point + 1)..]);
        return all.Length is > 0 and <= ExponentMax
            && BigInteger.TryParse(all, NumberStyles.None, CultureInfo.InvariantCulture, out digits);
    }

    private static bool TryParseSuffix(string suffix, out Unit unit)
    {
        var isDecimal = Array.IndexOf(Decimal, suffix);
        if (isDecimal >= 0)
        {
            unit = new Unit(0, (isDecimal * 3) - NanoDigits, Family.Decimal);
            return true;
        }

        var isBinary = Array.IndexOf(Binary, suffix);
        if (isBinary >= 0)
        {
            unit = new Unit(isBinary * 10, 0, Family.Binary);
            return true;
        }

        unit = default;
        if (suffix is not (['e' or 'E', _, ..]) || !int.TryParse(
            suffix.AsSpan(1), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var exponent))
        {
            return false;
        }

        unit = new Unit(0, exponent, Family.Exponent);
        return exponent is >= -ExponentMax and <= ExponentMax;
    }

    /// <summary>Who asks for a little gets a little: what is not zero never becomes zero.</summary>
    private static BigInteger DivideUp(BigInteger value, BigInteger divisor)
    {
        var whole = BigInteger.DivRem(value, divisor, out var rest);
        return rest.IsZero ? whole : whole + 1;
    }

    private readonly record struct Unit(int TwoExponent, int TenExponent, Family Suffixes);
}
