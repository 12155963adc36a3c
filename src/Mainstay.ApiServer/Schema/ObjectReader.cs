using System.Collections.Immutable;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Mainstay.ApiServer.Schema;

/// <summary>What the client asks to be done about unknown and duplicate fields (?fieldValidation=).</summary>
internal enum FieldValidation
{
    Ignore,

    /// <summary>What a client gets that does not ask: each one is a Warning header.</summary>
    Warn,
    Strict,
}

/// <summary>The kind that a body must be of.</summary>
/// <param name="GroupVersion">"v1", "apps/v1"</param>
internal sealed record ExpectedKind(string GroupVersion, string Kind, ObjectSchema Schema)
{
    /// <summary>The version without the group, as the messages have it.</summary>
    public string Version => GroupVersion[(GroupVersion.IndexOf('/', StringComparison.Ordinal) + 1)..];
}

/// <summary>Exactly one of <see cref="Object"/> and <see cref="Error"/> is set.</summary>
/// <param name="Error">the message of a 400 BadRequest</param>
/// <param name="Warnings">one Warning header each</param>
internal sealed record ReadOutcome(JsonObject? Object, string? Error, ImmutableArray<string> Warnings)
{
    public static ReadOutcome Refused(string error) => new(null, error, []);
}

/// <summary>
/// Reads a JSON body by its schema: unknown fields are dropped, null is absent, every value has the type of its field.
/// <c>{"spec":{"replicas":1,"foo":2}}</c> as a Deployment gives <c>{"spec":{"replicas":1}}</c> and either a warning
/// or the refusal <c>strict decoding error: unknown field "spec.foo"</c>. Pure.
/// </summary>
internal static class ObjectReader
{
    private static readonly JsonReaderOptions ReaderOptions = new() { MaxDepth = SchemaLimits.JsonDepthMax };

    public static ReadOutcome Read(ExpectedKind expected, ReadOnlySpan<byte> json, FieldValidation validation)
    {
        var unrecognized = $"the object provided is unrecognized (must be of type {expected.Kind}): ";
        try
        {
            var refusal = CheckKind(expected, json, unrecognized);
            return refusal is null ? ReadBody(expected, json, validation) : ReadOutcome.Refused(refusal);
        }
        catch (JsonException exception)
        {
            var cause = json.IsEmpty ? "unexpected end of JSON input (<empty>)" : GoJsonErrors.Syntax(exception);
            return ReadOutcome.Refused($"{unrecognized}couldn't get version/kind; json parse error: {cause}");
        }
    }

    /// <summary>The same for an object that is at hand, such as the result of a patch.</summary>
    public static ReadOutcome Read(ExpectedKind expected, JsonObject value, FieldValidation validation) =>
        Read(expected, Encoding.UTF8.GetBytes(value.ToJsonString(GoText.Plain)), validation);

    /// <summary>Null when the body's kind and apiVersion, where given, are the expected ones.</summary>
    private static string? CheckKind(ExpectedKind expected, ReadOnlySpan<byte> json, string unrecognized)
    {
        const string parseError = "couldn't get version/kind; json parse error: json: cannot unmarshal ";
        var reader = new Utf8JsonReader(json, ReaderOptions);
        reader.Read();
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            return $"{unrecognized}{parseError}{GoJsonErrors.NameOf(ref reader)} into Go value of type struct";
        }

        var found = new Dictionary<string, string>(StringComparer.Ordinal);
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var name = GoJsonErrors.Text(ref reader);
            reader.Read();
            if (name is not ("kind" or "apiVersion") || reader.TokenType == JsonTokenType.Null)
            {
                reader.Skip();
                continue;
            }

            if (reader.TokenType != JsonTokenType.String)
            {
                return $"{unrecognized}{parseError}{GoJsonErrors.NameOf(ref reader)} " +
                    $"into Go struct field .{name} of type string";
            }

            found[name] = GoJsonErrors.Text(ref reader);
        }

        // the rest of the input must be white space
        reader.Read();
        return CompareKind(expected, found.GetValueOrDefault("kind", ""), found.GetValueOrDefault("apiVersion", ""));
    }

    private static string? CompareKind(ExpectedKind expected, string kind, string groupVersion)
    {
        if (kind.Length > 0 && kind != expected.Kind)
        {
            var version = groupVersion.Length == 0 ? expected.GroupVersion : groupVersion;
            return $"{kind} in version \"{version}\" cannot be handled as a {expected.Kind}: " +
                $"the kind in the data ({kind}) does not match the expected kind ({expected.Kind})";
        }

        return groupVersion.Length > 0 && groupVersion != expected.GroupVersion
            ? $"the API version in the data ({groupVersion}) does not match the expected API version " +
                $"({expected.GroupVersion})"
            : null;
    }

    private static ReadOutcome ReadBody(ExpectedKind expected, ReadOnlySpan<byte> json, FieldValidation validation)
    {
        var walk = new SchemaWalk(json, ReaderOptions);
        var value = walk.ReadRoot(expected.Schema);
        var handled = $"{expected.Kind} in version \"{expected.Version}\" cannot be handled as a {expected.Kind}: ";
        if (walk.TypeError is not null)
        {
            return ReadOutcome.Refused(handled + walk.TypeError);
        }

        if (validation == FieldValidation.Strict && walk.Strays.Count > 0)
        {
            return ReadOutcome.Refused($"{handled}strict decoding error: {string.Join(", ", walk.Strays)}");
        }

        value["apiVersion"] = expected.GroupVersion;
        value["kind"] = expected.Kind;
        return new ReadOutcome(value, null, validation == FieldValidation.Warn ? [.. walk.Strays] : []);
    }
}
