using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Mainstay.ApiServer.Schema;

/// <summary>The words of Go's JSON decoder, in which clients of Kubernetes know type errors.</summary>
internal static class GoJsonErrors
{
    /// <summary>What stands at the reader, as Go calls it.</summary>
    public static string NameOf(ref Utf8JsonReader reader) => reader.TokenType switch
    {
        JsonTokenType.StartObject => "object",
        JsonTokenType.StartArray => "array",
        JsonTokenType.String => "string",
        JsonTokenType.Number => "number",
        JsonTokenType.True or JsonTokenType.False => "bool",
        _ => "null",
    };

    /// <summary>The string or name at the reader; what is no Unicode text is a fault of the JSON.</summary>
    public static string Text(ref Utf8JsonReader reader)
    {
        try
        {
            return reader.GetString() ?? "";
        }
        catch (InvalidOperationException exception)
        {
            throw new JsonException("the text is not valid UTF-8", exception);
        }
    }

    public static string Raw(ref Utf8JsonReader reader) => Encoding.UTF8.GetString(reader.ValueSpan);

    public static string InField(string found, string structName, string goPath, string goType) =>
        $"json: cannot unmarshal {found} into Go struct field {structName}.{goPath} of type {goType}";

    public static string InValue(string found, string goType) =>
        $"json: cannot unmarshal {found} into Go value of type {goType}";

    public static string Syntax(JsonException exception)
    {
        var text = exception.Message;
        var end = text.IndexOf(" LineNumber:", StringComparison.Ordinal);
        var what = end < 0 ? text : text[..end];
        return string.Create(CultureInfo.InvariantCulture,
            $"{what} Line {(exception.LineNumber ?? 0) + 1}, byte {exception.BytePositionInLine ?? 0}");
    }
}
