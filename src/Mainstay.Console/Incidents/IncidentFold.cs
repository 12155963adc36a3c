using System.Collections.Immutable;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Mainstay.ConsoleSite.Incidents;

/// <summary>
/// What the entries of an incident add up to. Pure:
/// <code>
///     14:16  declared  SEV2, "Card payments fail"              investigating, impact major
///     14:20  updated   public "We are looking into it."        one post: investigating
///     14:30  updated   SEV1, identified                        impact critical; the post still says investigating
///     15:31  resolved                                          a second post: resolved, in words of ours
/// </code>
/// </summary>
internal static class IncidentFold
{
    public const string ResolvedWords = "This incident has been resolved.";

    /// <param name="entries">of one incident, oldest first; the first is its declaration</param>
    public static Incident Of(IReadOnlyList<IncidentEntry> entries)
    {
        var first = entries[0];
        var severity = first.Severity ?? IncidentSeverity.Sev1;
        var seed = new Incident
        {
            Id = first.Incident,
            Title = first.Title ?? "",
            PublicTitle = first.Title ?? "",
            Severity = severity,
            Status = IncidentStatus.Investigating,
            Impact = ImpactOf(severity),
            StartedAt = first.At,
            DeclaredAt = first.At,
            UpdatedAt = first.At,
        };
        return entries.Aggregate(seed, Apply);
    }

    /// <summary>What a severity means outside, unless told otherwise.</summary>
    public static IncidentImpact ImpactOf(IncidentSeverity severity) => severity switch
    {
        IncidentSeverity.Sev1 => IncidentImpact.Critical,
        IncidentSeverity.Sev2 => IncidentImpact.Major,
        IncidentSeverity.Sev3 => IncidentImpact.Minor,
        _ => IncidentImpact.None,
    };

    private static Incident Apply(Incident before, IncidentEntry entry)
    {
        var severity = entry.Severity ?? before.Severity;
        var impactByHand = before.Entries.Add(entry).LastOrDefault(one => one.Impact is not null)?.Impact;
        var status = entry.Status ?? before.Status;
        var after = before with
        {
            Title = entry.Title ?? before.Title,
            PublicTitle = PublicTitle(before, entry),
            Severity = severity,
            Status = status,
            Impact = impactByHand ?? ImpactOf(severity),
            StartedAt = entry.StartedAt ?? before.StartedAt,
            UpdatedAt = entry.Act == IncidentAct.Noted ? before.UpdatedAt : entry.At,
            MonitoringAt = status == IncidentStatus.Monitoring && before.Status != status
                ? entry.At
                : before.MonitoringAt,
            ResolvedAt = status != IncidentStatus.Resolved ? null
                : before.Status == status ? before.ResolvedAt
                : entry.At,
            Roles = before.Roles.SetItems(entry.Roles),
            Components = status == IncidentStatus.Resolved
                ? Healed(before.Components.SetItems(entry.Components))
                : before.Components.SetItems(entry.Components),
            Entries = before.Entries.Add(entry),
        };
        return PostOf(before, after, entry) is { } post ? after with { Posts = after.Posts.Add(post) } : after;
    }

    private static string PublicTitle(Incident before, IncidentEntry entry)
    {
        var ownTitle = before.Entries.Add(entry).LastOrDefault(one => one.PublicTitle is not null)?.PublicTitle;
        return ownTitle ?? entry.Title ?? before.PublicTitle;
    }

    private static ImmutableSortedDictionary<string, ComponentStatus> Healed(
        ImmutableSortedDictionary<string, ComponentStatus> components) =>
        components.SetItems(components.Keys.Select(name => KeyValuePair.Create(name, ComponentStatus.Operational)));

    /// <summary>The end is always told to those who were told of the beginning.</summary>
    private static PublicPost? PostOf(Incident before, Incident after, IncidentEntry entry)
    {
        var ends = before.IsOpen && !after.IsOpen && before.IsPublic;
        var body = entry.Public ?? (ends ? ResolvedWords : null);
        if (body is null)
        {
            return null;
        }

        // Compared with what the last post said: what was changed in between was not told yet.
        var told = before.Posts.SelectMany(post => post.Components)
            .GroupBy(change => change.Name)
            .ToDictionary(group => group.Key, group => group.Last().After, StringComparer.Ordinal);
        return new PublicPost(
            StableId($"{after.Id}/{entry.Number.ToString(CultureInfo.InvariantCulture)}"),
            entry.At,
            after.Status,
            body,
            [
                .. after.Components.Select(pair => new ComponentChange(
                    pair.Key, told.GetValueOrDefault(pair.Key, ComponentStatus.Operational), pair.Value)),
            ])
        {
            Title = after.PublicTitle,
            Impact = after.Impact,
            StartedAt = after.StartedAt,
        };
    }

    /// <summary>Twelve lower case letters and digits that are always the same for the same name.</summary>
    internal static string StableId(string name)
    {
        const string Letters = "0123456789abcdefghjkmnpqrstvwxyz";
        var hash = SHA256.HashData(Encoding.UTF8.GetBytes(name));
        return string.Create(12, hash, (text, bytes) =>
        {
            for (var index = 0; index < text.Length; index++)
            {
                text[index] = Letters[bytes[index] & 31];
            }
        });
    }
}
