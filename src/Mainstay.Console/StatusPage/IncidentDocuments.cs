using System.Collections.Immutable;
using Mainstay.ConsoleSite.Incidents;

namespace Mainstay.ConsoleSite.StatusPage;

/// <summary>Incidents as the public page tells them: what was posted, and nothing else.</summary>
internal static class IncidentDocuments
{
    /// <param name="incident">one with at least one post</param>
    public static IncidentDocument Of(Incident incident, PageConfig page)
    {
        // Between two posts the page stays at what was said last: what was not told, a new title say, is not shown.
        var last = incident.Posts[^1];
        var monitoring = incident.Posts.LastOrDefault(post => post.Status == IncidentStatus.Monitoring)?.At;
        var changed = last.Components.ToDictionary(change => change.Name, StringComparer.Ordinal);
        return new IncidentDocument(
            incident.Id,
            last.Title,
            IncidentWords.Of(last.Status),
            incident.Posts[0].At,
            last.At,
            monitoring,
            last.Status == IncidentStatus.Resolved ? incident.ResolvedAt ?? last.At : null,
            IncidentWords.Of(last.Impact),
            $"{page.Url}/history.html#{incident.Id}",
            last.StartedAt,
            page.Id,
            [.. incident.Posts.Reverse().Select(post => Update(post, incident))],
            [.. changed.Values.OrderBy(change => change.Name, StringComparer.Ordinal)
                .Select((change, place) => Component(change, incident, page, place + 1))]);
    }

    /// <summary>What Statuspage's words say of a page as a whole.</summary>
    public static StatusDocument StatusOf(IncidentImpact impact) => impact switch
    {
        IncidentImpact.None => new StatusDocument("none", "All Systems Operational"),
        IncidentImpact.Minor => new StatusDocument("minor", "Minor Service Outage"),
        IncidentImpact.Major => new StatusDocument("major", "Partial System Outage"),
        _ => new StatusDocument("critical", "Major Service Outage"),
    };

    private static UpdateDocument Update(PublicPost post, Incident incident) => new(
        post.Id,
        IncidentWords.Of(post.Status),
        post.Body,
        incident.Id,
        post.At,
        post.At,
        post.At,
        post.Components.Length == 0
            ? null
            : [.. post.Components.Select(change => new AffectedComponentDocument(
                ComponentNames.Id(change.Name), change.Name, IncidentWords.Of(change.Before),
                IncidentWords.Of(change.After)))],
        DeliverNotifications: true,
        CustomTweet: null,
        TweetId: null);

    private static ComponentDocument Component(ComponentChange change, Incident incident, PageConfig page, int place) =>
        new(
            ComponentNames.Id(change.Name),
            change.Name,
            IncidentWords.Of(change.After),
            incident.DeclaredAt,
            incident.Posts[^1].At,
            place,
            Description: null,
            Showcase: true,
            StartDate: null,
            GroupId: null,
            page.Id,
            Group: false,
            OnlyShowIfDegraded: false);
}
