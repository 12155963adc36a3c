using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;

namespace Mainstay.Kube;

/// <summary>
/// Reads fields of objects that others wrote: absent, null and empty mean the same, unknown fields do not matter.
/// What is
/// there and of the wrong type is a <see cref="MalformedObjectException"/>, which harms that object alone.
/// </summary>
public static class TolerantJson
{
    /// <summary>The field, or null when it is absent or null, or when this is no object.</summary>
    public static JsonElement? Field(this JsonElement element, string name) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out var field) &&
        field.ValueKind is not (JsonValueKind.Null or JsonValueKind.Undefined) ? field : null;

    /// <summary>A field that is an object; null when absent.</summary>
    public static JsonElement? Child(this JsonElement element, string name) =>
        Typed(element, name, JsonValueKind.Object);

    /// <summary>A text; empty when absent.</summary>
    public static string Text(this JsonElement element, string name) =>
        Typed(element, name, JsonValueKind.String)?.GetString() ?? "";

    /// <summary>A whole number; null when absent.</summary>
    public static long? Number(this JsonElement element, string name)
    {
        if (Typed(element, name, JsonValueKind.Number) is not { } field)
        {
            return null;
        }
        return field.TryGetInt64(out var value) ? value
            : throw new MalformedObjectException($"{name}: {field.GetRawText()} is no whole number");
    }

    /// <summary>True or false; null when absent.</summary>
    public static bool? Flag(this JsonElement element, string name) => element.Field(name)?.ValueKind switch
    {
        null => null,
        JsonValueKind.True => true,
        JsonValueKind.False => false,
        var kind => throw new MalformedObjectException($"{name}: true or false is expected, {kind} is there"),
    };

    /// <summary>A time of RFC 3339; null when absent.</summary>
    public static DateTimeOffset? Time(this JsonElement element, string name)
    {
        var text = element.Text(name);
        if (text.Length == 0)
        {
            return null;
        }
        return DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time)
            ? time : throw new MalformedObjectException($"{name}: \"{text}\" is no time");
    }

    /// <summary>The items of a list that are not null; none when absent.</summary>
    public static IEnumerable<JsonElement> Items(this JsonElement element, string name)
    {
        if (Typed(element, name, JsonValueKind.Array) is not { } list)
        {
            yield break;
        }
        foreach (var item in list.EnumerateArray())
        {
            if (item.ValueKind is not (JsonValueKind.Null or JsonValueKind.Undefined))
            {
                yield return item;
            }
        }
    }

    /// <summary>A list of texts; empty when absent.</summary>
    public static ImmutableArray<string> Texts(this JsonElement element, string name) =>
        [.. element.Items(name).Select(item => item.ValueKind == JsonValueKind.String ? item.GetString() ?? ""
            : throw new MalformedObjectException($"{name}: texts are expected, {item.ValueKind} is there"))];

    /// <summary>A map of texts, such as labels; empty when absent. A null value is the empty text.</summary>
    public static ImmutableDictionary<string, string> Map(this JsonElement element, string name)
    {
        if (Typed(element, name, JsonValueKind.Object) is not { } map)
        {
            return ImmutableDictionary<string, string>.Empty;
        }
        var texts = ImmutableDictionary.CreateBuilder<string, string>(StringComparer.Ordinal);
        foreach (var field in map.EnumerateObject())
        {
            texts[field.Name] = field.Value.ValueKind switch
            {
                JsonValueKind.String => field.Value.GetString() ?? "",
                JsonValueKind.Null => "",
                var kind => throw new MalformedObjectException(
                    $"{name}.{field.Name}: a text is expected, {kind} is there"),
            };
        }
        return texts.ToImmutable();
    }

    private static JsonElement? Typed(JsonElement element, string name, JsonValueKind kind)
    {
        if (element.Field(name) is not { } field)
        {
            return null;
        }
        return field.ValueKind == kind ? field
            : throw new MalformedObjectException($"{name}: {kind} is expected, {field.ValueKind} is there");
    }
}

/// <summary>An object makes no sense to its reader; the message says which field and why.</summary>
public sealed class MalformedObjectException(string reason) : Exception(reason);
