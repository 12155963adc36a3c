using System.Collections.Immutable;
using System.Globalization;
using Mainstay.Kernel;

namespace Mainstay.ConsoleSite.Incidents;

/// <summary>
/// The words of incidents as people type them and as they stand in JSON. A word that is not known is refused with the
/// list of those that are (<see cref="StartException"/> with <see cref="ExitCodes.Usage"/>).
/// </summary>
public static class IncidentWords
{
    public static readonly ImmutableArray<string> Roles =
        ["lead", "deputy", "scribe", "operations", "customer-liaison", "internal-liaison"];

    public static readonly ImmutableArray<string> Severities = ["SEV1", "SEV2", "SEV3", "SEV4"];

    public static readonly ImmutableArray<string> Statuses = ["investigating", "identified", "monitoring", "resolved"];

    public static readonly ImmutableArray<string> Impacts = ["none", "minor", "major", "critical"];

    public static readonly ImmutableArray<string> ComponentStatuses =
        ["operational", "degraded_performance", "partial_outage", "major_outage"];

    public static string Of(IncidentSeverity severity) => Severities[(int)severity - 1];

    public static string Of(IncidentStatus status) => Statuses[(int)status];

    public static string Of(IncidentImpact impact) => Impacts[(int)impact];

    public static string Of(ComponentStatus status) => ComponentStatuses[(int)status];

    public static IncidentSeverity Severity(string word) =>
        (IncidentSeverity)(Place(Severities, word, "severity") + 1);

    public static IncidentStatus Status(string word) => (IncidentStatus)Place(Statuses, word, "status");

    public static IncidentImpact Impact(string word) => (IncidentImpact)Place(Impacts, word, "impact");

    public static ComponentStatus Component(string word) =>
        (ComponentStatus)Place(ComponentStatuses, word, "component status");

    /// <param name="text"><c>lead=Ana,deputy=Ben</c></param>
    public static ImmutableSortedDictionary<string, string> RolesIn(string text) =>
        Pairs(text, "role", "lead=NAME").ToImmutableSortedDictionary(
            pair => Roles[Place(Roles, pair.Name, "role")], pair => pair.Value, StringComparer.Ordinal);

    /// <param name="text"><c>Card payments=major_outage,Transfers=operational</c></param>
    public static ImmutableSortedDictionary<string, ComponentStatus> ComponentsIn(string text) =>
        Pairs(text, "component", "'Card payments=major_outage'").ToImmutableSortedDictionary(
            pair => pair.Name, pair => Component(pair.Value), StringComparer.Ordinal);

    public static DateTimeOffset Time(string text) =>
        DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var at)
            ? at.ToUniversalTime()
            : throw Refused($"'{text}' is no time", "give one such as 2017-10-27T14:10:00Z");

    /// <summary>Date and time, UTC: a time without its date is of no use a week later.</summary>
    internal static string Utc(DateTimeOffset at) =>
        at.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss 'UTC'", CultureInfo.InvariantCulture);

    internal static string Clock(DateTimeOffset at) =>
        at.UtcDateTime.ToString("HH:mm 'UTC'", CultureInfo.InvariantCulture);

    internal static StartException Refused(string what, string remedy) => new(what, remedy, ExitCodes.Usage);

    private static List<(string Name, string Value)> Pairs(string text, string what, string example)
    {
        var pairs = new List<(string Name, string Value)>();
        foreach (var part in text.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            var cut = part.LastIndexOf('=');
            var (name, value) = cut < 0 ? ("", "") : (part[..cut].Trim(), part[(cut + 1)..].Trim());
            if (name.Length == 0 || value.Length == 0)
            {
                throw Refused($"'{part}' is no {what}", $"give one such as {example}, several by comma");
            }

            if (pairs.Any(pair => string.Equals(pair.Name, name, StringComparison.OrdinalIgnoreCase)))
            {
                throw Refused($"the {what} '{name}' is given twice", "give it once");
            }

            pairs.Add((name, value));
        }

        return pairs;
    }

    private static int Place(ImmutableArray<string> words, string word, string what)
    {
        for (var place = 0; place < words.Length; place++)
        {
            if (string.Equals(words[place], word.Trim(), StringComparison.OrdinalIgnoreCase))
            {
                return place;
            }
        }

        throw Refused($"'{word}' is no {what}", $"use one of {string.Join(", ", words)}");
    }
}
