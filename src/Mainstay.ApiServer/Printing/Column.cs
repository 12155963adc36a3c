using System.Collections.Immutable;
using System.Text.Json.Nodes;
using Mainstay.ApiServer.Schema;

namespace Mainstay.ApiServer.Printing;

/// <summary>One column of the table of a kind.</summary>
/// <param name="Type">"string" or "integer"</param>
/// <param name="Description">what the cell says, for whoever reads the definition</param>
/// <param name="Value">the cell of one object; null prints as &lt;none&gt;</param>
internal sealed record Column(
    string Name, string Type, string Description, Func<JsonObject, DateTimeOffset, JsonNode?> Value)
{
    /// <summary>"name" on the column that names the object.</summary>
    public string Format { get; init; } = "";

    /// <summary>0 is always shown, 1 with -o wide.</summary>
    public int Priority { get; init; }

    public static Column ObjectName { get; } =
        new("Name", "string", "The name, unique among the objects of its kind in the namespace.",
            (value, _) => value.TextIn("metadata", "name")) { Format = "name" };

    public static Column ObjectAge { get; } =
        new("Age", "string", "The time since the object was created.",
            (value, now) => Ages.Since(value.TextIn("metadata", "creationTimestamp"), now));

    public static ImmutableArray<Column> NameAndAge { get; } = [ObjectName, ObjectAge];

    public static Column Text(string name, string description, Func<JsonObject, string> value) =>
        new(name, "string", description, (from, _) => value(from));

    public static Column Number(string name, string description, Func<JsonObject, long> value) =>
        new(name, "integer", description, (from, _) => value(from));

    /// <summary>Shown only with -o wide.</summary>
    public Column Wide() => this with { Priority = 1 };
}
