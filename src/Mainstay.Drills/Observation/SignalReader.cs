using System.Text.Json;
using Mainstay.Drills.Timeline;

namespace Mainstay.Drills.Observation;

/// <summary>
/// The signals as the console shows them at <c>/api/signals</c>, which is what <c>mainstay doctor -o json</c> prints:
/// roots, and below each what it explains. Tolerant: what is absent is empty.
/// </summary>
internal static class SignalReader
{
    public static IReadOnlyList<SeenSignal> Read(string json)
    {
        using var document = JsonDocument.Parse(json);
        var seen = new List<SeenSignal>();
        foreach (var root in Items(document.RootElement, "roots"))
        {
            Add(seen, root, isRoot: true);
        }

        return seen;
    }

    private static void Add(List<SeenSignal> seen, JsonElement row, bool isRoot)
    {
        // A row of several subjects is one signal of each of them.
        var subjects = Items(row, "subjects")
            .Where(subject => subject.ValueKind == JsonValueKind.String)
            .Select(subject => subject.GetString() ?? "").DefaultIfEmpty(Text(row, "subject")).ToList();
        foreach (var subject in subjects)
        {
            seen.Add(new SeenSignal(
                Text(row, "name"), subject, Text(row, "severity"), isRoot, Text(row, "summary"), Text(row, "advice"),
                Own(row)));
        }

        foreach (var folded in Items(row, "explains").Concat(Items(row, "context")))
        {
            Add(seen, folded, isRoot: false);
        }
    }

    /// <summary>All that the row says of itself, by its first subject, without what it explains.</summary>
    private static string Own(JsonElement row) => string.Join(' ', row.EnumerateObject()
        .Where(property => property.Name is not ("explains" or "context" or "each"))
        .Select(property => property.Value.GetRawText()));

    private static JsonElement.ArrayEnumerator Items(JsonElement from, string field) =>
        from.ValueKind == JsonValueKind.Object && from.TryGetProperty(field, out var items)
            && items.ValueKind == JsonValueKind.Array ? items.EnumerateArray() : default;

    private static string Text(JsonElement from, string field) =>
        from.TryGetProperty(field, out var value) && value.ValueKind == JsonValueKind.String
            ? value.GetString() ?? "" : "";
}
