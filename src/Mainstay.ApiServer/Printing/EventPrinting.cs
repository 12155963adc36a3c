using System.Collections.Immutable;
using System.Text.Json.Nodes;
using Mainstay.ApiServer.Schema;
using Mainstay.ApiServer.Schema.Types;

namespace Mainstay.ApiServer.Printing;

/// <summary>What <c>kubectl get events</c> says of an event, in whichever group's words it comes. Pure.</summary>
internal static class EventPrinting
{
    public static ImmutableArray<Column> Columns { get; } =
    [
        new Column("Last Seen", "string", "When it happened last.", (value, now) => LastSeen(Core(value), now)),
        Column.Text("Type", "Normal or Warning.", value => value.TextIn("type")),
        Column.Text("Reason", "What happened, in one word.", value => value.TextIn("reason")),
        Column.Text("Object", "What it happened to.", value => Target(Core(value)["involvedObject"])),
        Column.Text("Subobject", "The part it happened to.",
            value => Core(value).TextIn("involvedObject", "fieldPath")).Wide(),
        Column.Text("Source", "Who reports it.", value => Source(Core(value))).Wide(),
        Column.Text("Message", "What happened, in a sentence.", value => Core(value).TextIn("message").Trim()),
        new Column("First Seen", "string", "When it happened first.", (value, now) => FirstSeen(Core(value), now))
        {
            Priority = 1,
        },
        new Column("Count", "string", "How many times it happened.", (value, _) => Count(Core(value))) { Priority = 1 },
        Column.ObjectName.Wide(),
    ];

    private static JsonObject Core(JsonObject value) =>
        value.TextIn("apiVersion") == "v1" ? value : EventTypes.ToCore(value);

    private static string FirstSeen(JsonObject value, DateTimeOffset now) =>
        Ages.Since(First(value.TextIn("firstTimestamp"), value.TextIn("eventTime")), now);

    private static string LastSeen(JsonObject value, DateTimeOffset now)
    {
        var series = value.TextIn("series", "lastObservedTime");
        var last = First(series, value.TextIn("lastTimestamp"));
        return last.Length > 0 ? Ages.Since(last, now) : FirstSeen(value, now);
    }

    /// <summary>A series starts with an event that it does not count.</summary>
    private static JsonNode Count(JsonObject value) => value["series"] is JsonObject series
        ? (series.NumberAt("count") ?? 0) + 1
        : value.NumberAt("count") is { } count and > 0 ? count : 1L;

    private static string Target(JsonNode? reference)
    {
        var kind = reference.TextIn("kind").ToLowerInvariant();
        return reference.TextIn("name") is { Length: > 0 } name ? $"{kind}/{name}" : kind;
    }

    private static string Source(JsonObject value)
    {
        var component = First(value.TextIn("source", "component"), value.TextIn("reportingComponent"));
        var instance = First(value.TextIn("source", "host"), value.TextIn("reportingInstance"));
        return instance.Length == 0 ? component : $"{component}, {instance}";
    }

    private static string First(string one, string other) => one.Length > 0 ? one : other;
}
