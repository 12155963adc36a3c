using System.Collections.Immutable;

namespace Mainstay.ConsoleSite.Incidents;

/// <summary>
/// When those outside are to hear next. The first post is due five minutes after the declaration, each next one twenty
/// minutes after the last, until the end (PagerDuty's targets). Pure:
/// <code>
///     declared 14:16, nothing posted     due 14:21; at 14:25 it is 4 minutes overdue
///     posted 14:25                       one post was 4 minutes late; the next is due 14:45
/// </code>
/// </summary>
public sealed record CommsClock
{
    public static readonly TimeSpan FirstPost = TimeSpan.FromMinutes(5);

    public static readonly TimeSpan BetweenPosts = TimeSpan.FromMinutes(20);

    /// <summary>
    /// When the next post is due; null once the incident is over, or where it concerns nobody outside.
    /// </summary>
    public DateTimeOffset? Due { get; init; }

    /// <summary>How long it is overdue; zero while it is not.</summary>
    public TimeSpan Overdue { get; init; }

    /// <summary>Each time when a post was due, and how late it came.</summary>
    public ImmutableArray<CommsTarget> Targets { get; init; } = [];

    /// <summary>Share of targets that were met; null: there was none.</summary>
    public double? Met => Targets.Length == 0 ? null : (double)Targets.Count(target => target.WasMet) / Targets.Length;

    public static CommsClock Of(Incident incident, DateTimeOffset now)
    {
        // What nobody outside notices needs no post, until somebody has been told.
        if (incident.Impact == IncidentImpact.None && !incident.IsPublic)
        {
            return new CommsClock();
        }

        DateTimeOffset? due = incident.DeclaredAt + FirstPost;
        var targets = ImmutableArray.CreateBuilder<CommsTarget>();
        foreach (var post in incident.Posts)
        {
            if (due is { } asked)
            {
                targets.Add(new CommsTarget(asked, post.At));
            }

            due = post.Status == IncidentStatus.Resolved ? null : post.At + BetweenPosts;
        }

        // Opened again after its end, the clock begins with that.
        due ??= incident.Entries.LastOrDefault(entry => entry.Status == IncidentStatus.Resolved) is { } end
            && incident.Entries.FirstOrDefault(entry => entry.At > end.At && entry.Status is not null) is { } again
                ? again.At + FirstPost
                : null;

        if (!incident.IsOpen)
        {
            // The end is a post where there was one before; where nobody was told, the first one was missed.
            if (incident.Posts.Length == 0 && incident.ResolvedAt > due)
            {
                targets.Add(new CommsTarget(incident.DeclaredAt + FirstPost, null));
            }

            return new CommsClock { Targets = targets.ToImmutable() };
        }

        var overdue = now > due ? now - due.Value : TimeSpan.Zero;
        return new CommsClock { Due = due, Overdue = overdue, Targets = targets.ToImmutable() };
    }

    /// <summary>The clock in one phrase.</summary>
    public string Sentence => this switch
    {
        { Due: null, Targets.Length: 0 } => "no public post is asked for",
        { Due: null } => $"{Targets.Count(target => target.WasMet)} of {Targets.Length} public posts came in time",
        { Overdue.Ticks: > 0 } =>
            $"a public post is {Minutes(Overdue)} overdue (it was due at {IncidentWords.Clock(Due.Value)})",
        { Targets.Length: 0 } => $"the first public post is due at {IncidentWords.Clock(Due.Value)}",
        _ => $"the next public post is due at {IncidentWords.Clock(Due.Value)}",
    };

    private static string Minutes(TimeSpan span) =>
        span < TimeSpan.FromMinutes(1) ? $"{span.TotalSeconds:0} s" : $"{Math.Floor(span.TotalMinutes):0} min";
}

/// <param name="PostedAt">null: never</param>
public sealed record CommsTarget(DateTimeOffset Due, DateTimeOffset? PostedAt)
{
    public bool WasMet => PostedAt <= Due;

    public TimeSpan Late => PostedAt > Due ? PostedAt.Value - Due : TimeSpan.Zero;
}
