using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;

namespace Mainstay.ConsoleSite.Checks;

/// <summary>
/// Whether the cache of an API server follows its store. Of each object that a quorum read before and one after show
/// alike, the cache's list between them must show the same revision; what changed meanwhile proves nothing:
/// <code>
///     before   a@5  b@7        after   a@5  b@9  c@8
///     cached   a@4  b@7        a lags (5 before and after, 4 in the cache); b and c changed, and are not judged
/// </code>
/// Pure.
/// </summary>
public static class CacheAgreement
{
    /// <returns>the objects that lag, in words; empty when the cache agrees</returns>
    public static ImmutableArray<string> Disagreements(CacheReading reading)
    {
        var before = Revisions(reading.Before);
        var cached = Revisions(reading.Cached);
        var after = Revisions(reading.After);
        var lagging = ImmutableArray.CreateBuilder<string>();
        foreach (var key in before.Keys.Union(cached.Keys).Union(after.Keys).Order(StringComparer.Ordinal))
        {
            var stored = before.GetValueOrDefault(key);
            if (stored == after.GetValueOrDefault(key) && stored != cached.GetValueOrDefault(key))
            {
                lagging.Add($"{reading.Cached.Kind.Kind} {key}: {Told(cached, key)} in the cache, "
                    + $"{Told(before, key)} by quorum");
            }
        }

        return lagging.ToImmutable();
    }

    /// <summary>The youngest renewal of a node's Lease in a list; null where there is none.</summary>
    public static DateTimeOffset? YoungestRenewal(ObjectList leases) => leases.Items
        .Select(lease =>
        {
            var text = Field(Field(lease, "spec"), "renewTime");
            return text.ValueKind == JsonValueKind.String && DateTimeOffset.TryParse(
                text.GetString(), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var at)
                ? at
                : (DateTimeOffset?)null;
        })
        .Max();

    private static Dictionary<string, string> Revisions(ObjectList list)
    {
        var revisions = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var item in list.Items)
        {
            var meta = Field(item, "metadata");
            var key = $"{Text(meta, "namespace")}/{Text(meta, "name")}";
            revisions[key] = Text(meta, "resourceVersion");
        }

        return revisions;
    }

    private static string Told(Dictionary<string, string> revisions, string key) =>
        revisions.TryGetValue(key, out var revision) ? $"revision {revision}" : "absent";

    private static JsonElement Field(JsonElement element, string name) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out var field) ? field : default;

    private static string Text(JsonElement element, string name) =>
        Field(element, name) is { ValueKind: JsonValueKind.String } text ? text.GetString() ?? "" : "";
}
