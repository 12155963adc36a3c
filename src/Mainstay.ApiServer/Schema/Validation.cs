using System.Text.Json;
using System.Text.Json.Nodes;

namespace Mainstay.ApiServer.Schema;

/// <summary>
/// Judges an object by the schema table: what each field demands, in the order of the table, then what the type demands
/// as a whole. Types are right already (<see cref="ObjectReader"/>). Pure.
/// </summary>
internal static class Validation
{
    public static void Check(ObjectSchema schema, JsonObject value, FieldPath path, FieldErrors errors)
    {
        foreach (var field in schema.Fields)
        {
            CheckField(field, value[field.Name], path.Child(field.Name), errors);
        }

        schema.Check?.Invoke(value, path, errors);
    }

    public static void CheckField(Field field, JsonNode? value, FieldPath path, FieldErrors errors)
    {
        if (IsEmpty(value) || (field.TakesZeroAsUnset && value.AsNumber() == 0))
        {
            if (field.IsRefusedWhenEmpty)
            {
                errors.Required(path);
            }

            return;
        }

        if (value is JsonArray list && field.Shape == FieldShape.List)
        {
            for (var index = 0; index < list.Count; index++)
            {
                CheckValue(field, list[index], path.Index(index), errors);
            }

            return;
        }

        CheckValue(field, value, path, errors);
    }

    /// <summary>Absent, "" and [] are empty to a required field; 0, false and {} are values.</summary>
    public static bool IsEmpty(JsonNode? value) => value switch
    {
        null => true,
        JsonArray list => list.Count == 0,
        JsonValue text => text.GetValueKind() == JsonValueKind.String && text.GetValue<string>().Length == 0,
        _ => false,
    };

    private static void CheckValue(Field field, JsonNode? value, FieldPath path, FieldErrors errors)
    {
        if (value is null)
        {
            return;
        }

        if (field.Allowed.Length > 0 && !field.Allowed.Contains(value.ToString()))
        {
            errors.NotSupported(path, value, field.Allowed);
        }

        if (field.Minimum is { } minimum && value.GetValueKind() == JsonValueKind.Number
            && value.AsNumber() < minimum)
        {
            errors.Invalid(path, value, minimum == 0
                ? "must be greater than or equal to 0"
                : $"must be greater than or equal to {minimum}");
        }

        field.Check?.Invoke(value, path, errors);
        if (field.Object is { } schema && value is JsonObject inside)
        {
            Check(schema, inside, path, errors);
        }
    }
}
