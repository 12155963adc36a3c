using System.Collections.Immutable;
using Mainstay.ConsoleSite.Incidents.Voices;

namespace Mainstay.ConsoleSite.Incidents;

/// <summary>What a line of a timeline comes from.</summary>
public enum TimelineKind
{
    /// <summary>A signal began or ended.</summary>
    Signal,

    /// <summary>The change ledger.</summary>
    Change,

    /// <summary>A guarded action: what was planned, advised and done.</summary>
    Action,

    /// <summary>The incident itself: declared, severity, status, roles, resolved.</summary>
    Incident,

    /// <summary>A post on the public page.</summary>
    Post,

    /// <summary>A message to a webhook arrived, or was given up.</summary>
    Delivery,

    /// <summary>A remark of a person.</summary>
    Note,
}

/// <param name="Evidence">where it can be looked up: an object, a figure, an id; may be empty</param>
public sealed record TimelineLine(DateTimeOffset At, TimelineKind Kind, string Text, string Evidence)
{
    public string KindWord => Kind.ToString().ToLowerInvariant();
}

/// <summary>What the platform itself has seen and done in a span of time.</summary>
internal interface ITimelineSource
{
    IEnumerable<TimelineLine> Between(DateTimeOffset from, DateTimeOffset to);
}

/// <summary>
/// The timeline of an incident writes itself: what happened to the platform, what was done to it, and what was said,
/// in one order. People only add notes. Pure.
/// </summary>
internal static class IncidentTimeline
{
    /// <summary>What may have caused it happened before it was noticed.</summary>
    public static readonly TimeSpan Before = TimeSpan.FromMinutes(30);

    /// <summary>What ends with it ends a little later.</summary>
    public static readonly TimeSpan After = TimeSpan.FromMinutes(5);

    /// <summary>Lines of a timeline: a storm of signals beyond it is counted and not listed.</summary>
    public const int LinesMax = 1000;

    public static (DateTimeOffset From, DateTimeOffset To) Span(Incident incident, DateTimeOffset now)
    {
        var start = incident.StartedAt < incident.DeclaredAt ? incident.StartedAt : incident.DeclaredAt;
        return (start - Before, incident.ResolvedAt + After ?? now);
    }

    public static ImmutableArray<TimelineLine> Of(
        Incident incident, IEnumerable<Receipt> receipts, IEnumerable<TimelineLine> outside)
    {
        var own = incident.Entries.SelectMany(OfEntry)
            .Concat(incident.Posts.Select(OfPost))
            .Concat(receipts.Where(receipt => !receipt.Waits).Select(OfReceipt));
        var others = outside.OrderBy(line => line.At).ToList();
        var kept = others.Take(LinesMax).ToList();
        if (others.Count > kept.Count)
        {
            var more = $"and {others.Count - kept.Count} more lines that are not listed";
            kept.Add(new TimelineLine(kept[^1].At, TimelineKind.Signal, more, ""));
        }

        return [.. own.Concat(kept).OrderBy(line => line.At).ThenBy(line => line.Kind)];
    }

    private static IEnumerable<TimelineLine> OfEntry(IncidentEntry entry)
    {
        var parts = new List<string>();
        if (entry.Severity is { } severity)
        {
            parts.Add(IncidentWords.Of(severity));
        }

        if (entry.Act == IncidentAct.Updated && entry.Status is { } status)
        {
            parts.Add(IncidentWords.Of(status));
        }

        if (entry.Impact is { } impact)
        {
            parts.Add($"impact {IncidentWords.Of(impact)}");
        }

        parts.AddRange(entry.Roles.Select(role => $"{role.Key} is {role.Value}"));
        parts.AddRange(entry.Components.Select(
            pair => $"{pair.Key} {IncidentWords.Of(pair.Value).Replace('_', ' ')}"));
        var facts = string.Join(", ", parts);
        var text = entry.Act switch
        {
            IncidentAct.Declared => Joined($"Incident declared: {entry.Title}", facts, entry.Message),
            IncidentAct.Resolved => Joined("Incident resolved", facts, entry.Message),
            IncidentAct.Noted => entry.Message ?? "",
            _ => Joined(entry.Title is { } title ? $"Renamed '{title}'" : "", facts, entry.Message),
        };
        if (text.Length > 0)
        {
            var kind = entry.Act == IncidentAct.Noted ? TimelineKind.Note : TimelineKind.Incident;
            yield return new TimelineLine(entry.At, kind, text, entry.By.Length > 0 ? $"by {entry.By}" : "");
        }
    }

    private static string Joined(string head, string facts, string? message)
    {
        var first = head.Length == 0 ? facts : facts.Length == 0 ? head : $"{head} ({facts})";
        return (first.Length, message) switch
        {
            (_, null) => first,
            (0, _) => message,
            _ => $"{first}: {message}",
        };
    }

    private static TimelineLine OfPost(PublicPost post) => new(
        post.At, TimelineKind.Post, $"Public post ({IncidentWords.Of(post.Status)}): {post.Body}", $"post {post.Id}");

    private static TimelineLine OfReceipt(Receipt receipt) => new(
        receipt.FinishedAt ?? receipt.NextAt,
        TimelineKind.Delivery,
        $"Message to {receipt.Webhook} ({receipt.Kind}) {receipt.State.Replace('-', ' ')}"
            + (receipt.Tries > 1 ? $" after {receipt.Tries} tries" : ""),
        $"{receipt.Host}, {receipt.Result}");
}
