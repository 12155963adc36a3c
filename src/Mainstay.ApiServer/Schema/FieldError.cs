using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Mainstay.ApiServer.Schema;

internal enum FieldErrorType
{
    NotFound,
    Required,
    Duplicate,
    Invalid,
    NotSupported,
    Forbidden,
    TooLong,
    TooMany,
}

/// <summary>A value printed as it is, for what Go shows as a Go literal.</summary>
internal sealed record Literal(string Text);

/// <summary>One thing wrong with one field, worded as Kubernetes words it.</summary>
/// <param name="Value">a string, a number, a bool, a <see cref="JsonNode"/>, a <see cref="Literal"/>, or null</param>
internal sealed record FieldError(FieldErrorType Type, string Field, object? Value, string Detail)
{
    /// <summary>The reason of the Status cause: FieldValueRequired.</summary>
    public string Reason => "FieldValue" + Type;

    /// <summary>
    /// The message of the Status cause: <c>Invalid value: -1: must be greater than or equal to 0</c>.
    /// </summary>
    public string Body
    {
        get
        {
            var hidesValue = Type is FieldErrorType.Required or FieldErrorType.Forbidden or FieldErrorType.TooLong;
            var head = hidesValue ? Title : $"{Title}: {Show(Value)}";
            return Detail.Length == 0 ? head : $"{head}: {Detail}";
        }
    }

    public override string ToString() => $"{Field}: {Body}";

    private string Title => Type switch
    {
        FieldErrorType.NotFound => "Not found",
        FieldErrorType.Required => "Required value",
        FieldErrorType.Duplicate => "Duplicate value",
        FieldErrorType.NotSupported => "Unsupported value",
        FieldErrorType.Forbidden => "Forbidden",
        FieldErrorType.TooLong => "Too long",
        FieldErrorType.TooMany => "Too many",
        _ => "Invalid value",
    };

    private static string Show(object? value) => value switch
    {
        null => "\"null\"",
        string text => GoText.Quote(text),
        bool flag => flag ? "true" : "false",
        Literal literal => literal.Text,
        JsonValue node when node.GetValueKind() == JsonValueKind.String => GoText.Quote(node.GetValue<string>()),
        JsonNode node => node.ToJsonString(GoText.Plain),
        IFormattable number => number.ToString(null, CultureInfo.InvariantCulture),
        _ => value.ToString() ?? "",
    };
}

/// <summary>The faults of one object, in the order found. Not thread safe: one validation, one list.</summary>
internal sealed class FieldErrors
{
    private readonly List<FieldError> _all = [];

    public IReadOnlyList<FieldError> All => _all;

    public bool IsEmpty => _all.Count == 0;

    public void Required(FieldPath path, string detail = "") => Add(FieldErrorType.Required, path, "", detail);

    public void Invalid(FieldPath path, object? value, string detail) =>
        Add(FieldErrorType.Invalid, path, value, detail);

    public void Duplicate(FieldPath path, object? value) => Add(FieldErrorType.Duplicate, path, value, "");

    public void NotFound(FieldPath path, object? value) => Add(FieldErrorType.NotFound, path, value, "");

    public void Forbidden(FieldPath path, string detail) => Add(FieldErrorType.Forbidden, path, "", detail);

    public void NotSupported(FieldPath path, object? value, IEnumerable<string> supported) =>
        Add(FieldErrorType.NotSupported, path, value,
            "supported values: " + string.Join(", ", supported.Select(GoText.Quote)));

    public void TooLong(FieldPath path, object? value, int maxBytes) =>
        Add(FieldErrorType.TooLong, path, value, $"must have at most {maxBytes} bytes");

    public void TooMany(FieldPath path, int count, int maxCount) =>
        Add(FieldErrorType.TooMany, path, count, $"must have at most {maxCount} items");

    public void Add(FieldErrorType type, FieldPath path, object? value, string detail) =>
        _all.Add(new FieldError(type, path.ToString(), value, detail));

    /// <summary>The text after "is invalid: ": one error as it is, more of them in brackets, each said once.</summary>
    public string Summary()
    {
        var messages = _all.Select(error => error.ToString()).Distinct(StringComparer.Ordinal).ToList();
        return messages.Count == 1 ? messages[0] : $"[{string.Join(", ", messages)}]";
    }

    /// <summary>The causes of a Status, one for each error.</summary>
    public JsonArray Causes()
    {
        var causes = new JsonArray();
        foreach (var error in _all)
        {
            JsonNode cause = new JsonObject
            {
                ["reason"] = error.Reason,
                ["message"] = error.Body,
                ["field"] = error.Field,
            };
            causes.Add(cause);
        }

        return causes;
    }
}
