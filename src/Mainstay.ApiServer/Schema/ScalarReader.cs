using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Mainstay.ApiServer.Schema;

/// <summary>
/// A value, or why there is none: <see cref="Error"/> is the whole text, <see cref="Found"/> only what stood there
/// instead.
/// </summary>
internal readonly record struct ScalarOutcome(JsonNode? Value, string? Error = null, string? Found = null);

/// <summary>Reads one plain value of a given kind, as Go's decoder would accept it.</summary>
internal static class ScalarReader
{
    public static ScalarOutcome Read(ref Utf8JsonReader reader, FieldKind kind)
    {
        var name = GoJsonErrors.NameOf(ref reader);
        switch (kind)
        {
            case FieldKind.Text:
                return name == "string" ? new(GoJsonErrors.Text(ref reader)) : new(null, Found: name);
            case FieldKind.Flag:
                return name == "bool" ? new(reader.GetBoolean()) : new(null, Found: name);
            case FieldKind.Int32 or FieldKind.Int64:
                return ReadInteger(ref reader, kind, name);
            case FieldKind.IntOrString:
                return ReadIntOrString(ref reader, name);
            case FieldKind.Quantity:
                return ReadQuantity(ref reader, name);
            case FieldKind.Time or FieldKind.MicroTime:
                return name == "string"
                    ? ReadTime(GoJsonErrors.Text(ref reader), kind)
                    : new(null, GoJsonErrors.InValue(name, "string"));
            default:
                return name == "string" ? ReadBytes(ref reader) : new(null, Found: name);
        }
    }

    private static ScalarOutcome ReadInteger(ref Utf8JsonReader reader, FieldKind kind, string name)
    {
        if (name != "number")
        {
            return new(null, Found: name);
        }

        if (kind == FieldKind.Int32 && reader.TryGetInt32(out var narrow))
        {
            return new(narrow);
        }

        return kind == FieldKind.Int64 && reader.TryGetInt64(out var wide)
            ? new(wide)
            : new(null, Found: "number " + GoJsonErrors.Raw(ref reader));
    }

    private static ScalarOutcome ReadIntOrString(ref Utf8JsonReader reader, string name) => name switch
    {
        "string" => new(GoJsonErrors.Text(ref reader)),
        "number" when reader.TryGetInt32(out var number) => new(number),
        "number" => new(null, GoJsonErrors.InValue("number " + GoJsonErrors.Raw(ref reader), "int32")),
        _ => new(null, GoJsonErrors.InValue(name, "int32")),
    };

    private static ScalarOutcome ReadQuantity(ref Utf8JsonReader reader, string name)
    {
        var text = name switch
        {
            "string" => GoJsonErrors.Text(ref reader),
            "number" => GoJsonErrors.Raw(ref reader),
            _ => "",
        };
        return ResourceQuantity.TryParse(text, out var quantity)
            ? new(quantity.ToString())
            : new(null, ResourceQuantity.SyntaxFault);
    }

    private static ScalarOutcome ReadTime(string text, FieldKind kind)
    {
        const string layout = "2006-01-02T15:04:05Z07:00";
        const string microLayout = "2006-01-02T15:04:05.000000Z07:00";
        if (Timestamp.TryParse(text, out var time))
        {
            return new(kind == FieldKind.Time ? Timestamp.Seconds(time) : Timestamp.Micros(time));
        }

        var expected = kind == FieldKind.Time ? layout : microLayout;
        return new(null, $"parsing time \"{text}\" as \"{expected}\": cannot parse \"{text}\" as \"2006\"");
    }

    private static ScalarOutcome ReadBytes(ref Utf8JsonReader reader)
    {
        var text = GoJsonErrors.Text(ref reader);
        var scratch = new byte[(text.Length / 4 * 3) + 3];
        if (Convert.TryFromBase64String(text, scratch, out var count))
        {
            return new(Convert.ToBase64String(scratch, 0, count));
        }

        var at = text.AsSpan().IndexOfAnyExcept(Base64Alphabet);
        var offset = (at < 0 ? text.Length : at).ToString(CultureInfo.InvariantCulture);
        return new(null, "illegal base64 data at input byte " + offset);
    }

    private static readonly System.Buffers.SearchValues<char> Base64Alphabet =
        System.Buffers.SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/=\r\n");
}
