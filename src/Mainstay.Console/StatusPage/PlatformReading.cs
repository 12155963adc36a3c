using System.Collections.Immutable;
using System.Text.Json;
using Mainstay.ConsoleSite.Incidents;
using Mainstay.Kube;

namespace Mainstay.ConsoleSite.StatusPage;

/// <summary>What the console said of the platform at one moment.</summary>
/// <param name="ContactAt">
/// when the platform itself was last heard through the console: the older of the API server's and the routers' last
/// word. A console that answers and hears nothing is no contact. Null: never.
/// </param>
/// <param name="Journeys">by name; only those of which something fresh is known</param>
internal sealed record PlatformReading(
    DateTimeOffset? ContactAt, ImmutableSortedDictionary<string, ComponentStatus> Journeys)
{
    /// <summary>Where no service says which journeys go through it, all of them are one.</summary>
    public const string WholePlatform = "platform";

    public static PlatformReading None { get; } = new(null, ImmutableSortedDictionary<string, ComponentStatus>.Empty);

    /// <param name="overview">
    /// the console's <c>/api/overview</c>, read tolerantly: what is absent is not known, and nonsense is silence
    /// </param>
    public static PlatformReading Read(JsonElement overview)
    {
        try
        {
            return Take(overview);
        }
        catch (MalformedObjectException)
        {
            return None;
        }
    }

    private static PlatformReading Take(JsonElement overview)
    {
        var services = overview.Child("services");
        var cluster = services?.Child("cluster")?.Time("at");
        var traffic = services?.Child("traffic")?.Time("at");
        var rows = services?.Items("rows").Where(row => !IsOfThePlatform(row.Text("namespace"))).ToList() ?? [];
        var tagged = rows
            .SelectMany(row => row.Texts("journeys").Select(journey => (Journey: journey, Row: row)))
            .ToList();
        if (tagged.Count == 0)
        {
            tagged = [.. rows.Select(row => (WholePlatform, row))];
        }

        var known = tagged
            .GroupBy(pair => pair.Journey, StringComparer.Ordinal)
            .Select(group => (Journey: group.Key, Status: Worst(group.Select(pair => StatusOf(pair.Row)))))
            .Where(pair => pair.Status is not null)
            .ToImmutableSortedDictionary(
                pair => pair.Journey, pair => pair.Status ?? default, StringComparer.Ordinal);
        return new PlatformReading(cluster < traffic ? cluster : cluster is null ? null : traffic, known);
    }

    /// <summary>
    /// A service as its customers feel it. Null: nothing fresh is known of it. One that is scaled to zero is not asked
    /// for, and harms nobody until its calls fail.
    /// </summary>
    private static ComponentStatus? StatusOf(JsonElement row)
    {
        var state = row.Child("state");
        double? success = row.Field("success") is { ValueKind: JsonValueKind.Number } share ? share.GetDouble() : null;
        return (state?.Text("health"), state?.Text("word")) switch
        {
            ("Good" or "Idle", _) => ComponentStatus.Operational,
            ("Warning", _) => ComponentStatus.DegradedPerformance,
            ("Bad", "down") => ComponentStatus.MajorOutage,
            ("Bad", _) when success < 0.5 => ComponentStatus.MajorOutage,
            ("Bad", _) => ComponentStatus.PartialOutage,
            _ => null,
        };
    }

    /// <summary>
    /// The worst that is known; a journey with a service of which nothing is known is not known to be well.
    /// </summary>
    private static ComponentStatus? Worst(IEnumerable<ComponentStatus?> statuses)
    {
        var all = statuses.ToList();
        var worst = all.Max();
        return worst > ComponentStatus.Operational || all.TrueForAll(status => status is not null) ? worst : null;
    }

    private static bool IsOfThePlatform(string name) =>
        name == "default" || name.StartsWith("kube-", StringComparison.Ordinal);
}
