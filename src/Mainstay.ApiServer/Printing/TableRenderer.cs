using System.Text.Json.Nodes;
using Mainstay.ApiServer.Registry;
using Mainstay.ApiServer.Schema;

namespace Mainstay.ApiServer.Printing;

/// <summary>What each row carries besides its cells (?includeObject=).</summary>
internal enum IncludedObject
{
    None,

    /// <summary>A PartialObjectMetadata; what a client gets that does not ask.</summary>
    Metadata,
    Object,
}

/// <summary>
/// Objects as meta.k8s.io/v1 Tables. Pure; the age of an object is what <paramref name="time"/> says.
/// </summary>
internal sealed class TableRenderer(TimeProvider time)
{
    /// <summary>A table of a list or of one object.</summary>
    /// <param name="listMetadata">resourceVersion, continue, remainingItemCount; the renderer takes it over</param>
    public JsonObject Render(
        ResourceType type, IEnumerable<JsonObject> values, JsonObject listMetadata, IncludedObject included)
    {
        var rows = new JsonArray();
        foreach (var value in values)
        {
            rows.Add((JsonNode)Row(type, value, included));
        }

        return new JsonObject
        {
            ["kind"] = "Table",
            ["apiVersion"] = "meta.k8s.io/v1",
            ["metadata"] = listMetadata,
            ["columnDefinitions"] = Definitions(type),
            ["rows"] = rows,
        };
    }

    /// <summary>What a client gets that asks for PartialObjectMetadata.</summary>
    public static JsonObject MetadataOf(JsonObject value) => new()
    {
        ["kind"] = "PartialObjectMetadata",
        ["apiVersion"] = "meta.k8s.io/v1",
        ["metadata"] = value["metadata"]?.DeepClone(),
    };

    private static JsonArray Definitions(ResourceType type)
    {
        var definitions = new JsonArray();
        foreach (var column in type.Columns)
        {
            JsonNode definition = new JsonObject
            {
                ["name"] = column.Name,
                ["type"] = column.Type,
                ["format"] = column.Format,
                ["description"] = column.Description,
                ["priority"] = column.Priority,
            };
            definitions.Add(definition);
        }

        return definitions;
    }

    private JsonObject Row(ResourceType type, JsonObject value, IncludedObject included)
    {
        var now = time.GetUtcNow();
        var cells = new JsonArray();
        foreach (var column in type.Columns)
        {
            cells.Add(column.Value(value, now) ?? "<none>");
        }

        var row = new JsonObject { ["cells"] = cells };
        if (PodPrinting.RowConditions(type, value) is { } conditions)
        {
            row["conditions"] = conditions;
        }

        row["object"] = included switch
        {
            IncludedObject.None => null,
            IncludedObject.Object => value.DeepClone(),
            _ => MetadataOf(value),
        };
        return row;
    }
}
