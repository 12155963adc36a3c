using System.Text.Json.Nodes;

namespace Mainstay.ApiServer.Schema;

/// <summary>
/// Fills what the client left out, by the schema table, in place: a field's own default first, then what depends on
/// more than one field, then the children. Applying it twice changes nothing more. Pure.
/// </summary>
internal static class Defaults
{
    public static void Apply(ObjectSchema schema, JsonObject value)
    {
        foreach (var field in schema.Fields)
        {
            if (field.Default is not null && IsUnset(field, value[field.Name]))
            {
                value[field.Name] = field.Default.DeepClone();
            }
        }

        schema.Defaulter?.Invoke(value);
        foreach (var field in schema.Fields)
        {
            if (field.Object is { } child && value[field.Name] is { } inside)
            {
                ApplyInside(child, inside);
            }
        }
    }

    private static bool IsUnset(Field field, JsonNode? value) =>
        value is null || value.AsText() is "" || (field.TakesZeroAsUnset && value.AsNumber() == 0);

    private static void ApplyInside(ObjectSchema schema, JsonNode inside)
    {
        if (inside is JsonObject one)
        {
            Apply(schema, one);
            return;
        }

        foreach (var item in inside.AsArray())
        {
            if (item is JsonObject each)
            {
                Apply(schema, each);
            }
        }
    }
}
