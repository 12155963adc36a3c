using System.Globalization;
using System.Text.Json.Nodes;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace Mainstay.Kube;

/// <summary>
/// The type of a plain scalar. YAML 1.2's core schema, with one exception that manifests rely on: <c>0644</c> is octal,
/// as <c>defaultMode: 0644</c> means it (YAML 1.1, and what every Kubernetes tool does). <c>yes</c> and <c>on</c>
/// stay strings.
/// </summary>
internal static class YamlScalar
{
    private const string TagPrefix = "tag:yaml.org,2002:";

    public static JsonNode? ToJson(Scalar scalar)
    {
        var tag = scalar.Tag.IsEmpty || scalar.Tag.IsNonSpecific ? "" : scalar.Tag.Value;
        if (tag is TagPrefix + "str" || (tag.Length == 0 && scalar.Style != ScalarStyle.Plain))
        {
            return JsonValue.Create(scalar.Value);
        }
        if (tag.Length > 0 && !tag.StartsWith(TagPrefix, StringComparison.Ordinal))
        {
            throw new YamlFormatException($"the tag {tag} has no JSON form", scalar.Start);
        }
        return Resolve(scalar);
    }

    private static JsonValue? Resolve(Scalar scalar)
    {
        switch (scalar.Value)
        {
            case "" or "~" or "null" or "Null" or "NULL":
                return null;
            case "true" or "True" or "TRUE":
                return JsonValue.Create(true);
            case "false" or "False" or "FALSE":
                return JsonValue.Create(false);
            case ".inf" or ".Inf" or ".INF" or "+.inf" or "-.inf" or ".nan" or ".NaN" or ".NAN":
                throw new YamlFormatException($"{scalar.Value} has no JSON form", scalar.Start);
        }
        return Integer(scalar.Value) ?? Float(scalar.Value) ?? JsonValue.Create(scalar.Value);
    }

    private static JsonValue? Integer(string text)
    {
        var negative = text[0] == '-';
        var digits = text.AsSpan(text[0] is '-' or '+' ? 1 : 0);
        if (digits.StartsWith("0x"))
        {
            const NumberStyles style = NumberStyles.AllowHexSpecifier;
            return ulong.TryParse(digits[2..], style, CultureInfo.InvariantCulture, out var hex)
                ? Signed(hex, negative) : null;
        }
        if (digits.StartsWith("0o") || (digits.Length > 1 && digits[0] == '0'))
        {
            return Octal(digits[1] == 'o' ? digits[2..] : digits[1..], negative);
        }
        return ulong.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var value)
            ? Signed(value, negative) : null;
    }

    private static JsonValue? Octal(ReadOnlySpan<char> digits, bool negative)
    {
        ulong value = 0;
        foreach (var digit in digits)
        {
            if (digit is < '0' or > '7' || value > ulong.MaxValue >> 3)
            {
                return null;
            }
            value = (value << 3) | (uint)(digit - '0');
        }
        return digits.Length > 0 ? Signed(value, negative) : null;
    }

    private static JsonValue? Signed(ulong value, bool negative) => (negative, value) switch
    {
        (false, <= long.MaxValue) => JsonValue.Create((long)value),
        (false, _) => JsonValue.Create(value),
        (true, <= long.MaxValue) => JsonValue.Create(-(long)value),
        (true, (ulong)long.MaxValue + 1) => JsonValue.Create(long.MinValue),
        _ => null,
    };

    private static JsonValue? Float(string text)
    {
        // double.Parse also takes words such as Infinity, which are strings here.
        foreach (var character in text)
        {
            if (!char.IsAsciiDigit(character) && character is not ('.' or '-' or '+' or 'e' or 'E'))
            {
                return null;
            }
        }
        const NumberStyles style =
            NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent;
        return double.TryParse(text, style, CultureInfo.InvariantCulture, out var value) && double.IsFinite(value)
            ? JsonValue.Create(value) : null;
    }
}
