using System.Collections.Immutable;
using Mainstay.ConsoleSite.Incidents;

namespace Mainstay.ConsoleSite.StatusPage;

/// <summary>All that the public page says at one moment. Public, since the components that show it are.</summary>
/// <param name="Summary">the page as Statuspage's API tells it</param>
/// <param name="History">the newest incidents, newest first</param>
/// <param name="Notices">what the page has to say of itself: contact lost, reports that cannot be read</param>
/// <param name="ContactAt">when the platform was last heard; null: never</param>
public sealed record PublicPage(
    SummaryDocument Summary,
    ImmutableArray<IncidentDocument> History,
    ImmutableArray<string> Notices,
    DateTimeOffset? ContactAt,
    DateTimeOffset BegunAt)
{
    /// <summary>Incidents of the API and the feed, as Statuspage has it.</summary>
    public const int HistoryMax = 50;

    public bool IsContactLost { get; init; }
}

/// <summary>What the page is made of.</summary>
/// <param name="ReportsFault">why the incidents could not be read; null: they are as of now</param>
/// <param name="ContactLimit">how long the last contact may be ago</param>
internal sealed record PageEvidence(
    PageConfig Config,
    PageMemory Memory,
    ImmutableArray<IncidentDocument> Incidents,
    string? ReportsFault,
    TimeSpan ContactLimit,
    DateTimeOffset Now);

/// <summary>
/// Puts the page together. Pure. Two rules: what is not known is never green, and without contact nothing is known.
/// </summary>
internal static class PublicPageBuilder
{
    public static PublicPage Build(PageEvidence evidence)
    {
        var open = evidence.Incidents.Where(incident => incident.ResolvedAt is null).ToImmutableArray();
        var lost = evidence.Memory.ContactAt is not { } at || evidence.Now - at > evidence.ContactLimit;
        var notices = new List<string>();
        var contactWords = ContactWords(evidence);
        if (lost)
        {
            notices.Add(contactWords);
        }

        if (evidence.ReportsFault is not null)
        {
            notices.Add("Incident reports cannot be read at the moment: what stands here of incidents may be old.");
        }

        var components = Components(evidence, open, lost ? contactWords : null);
        var worst = components.Select(component => component.Status)
            .Append("operational").Max(status => (int)IncidentWords.Component(status));
        var impact = open.Select(incident => (int)IncidentWords.Impact(incident.Impact)).Append(worst).Max();
        var status = IncidentDocuments.StatusOf((IncidentImpact)impact);
        var unsure = lost || (evidence.ReportsFault is not null && impact == 0);
        if (unsure)
        {
            // Neither green nor in the words of an outage that nobody has seen.
            status = new StatusDocument(impact == 0 ? "minor" : status.Indicator, notices[0]);
        }

        var page = new PageDocument(
            evidence.Config.Id, evidence.Config.Name, evidence.Config.Url, "Etc/UTC", evidence.Now);
        var summary = new SummaryDocument(page, components, open, [], status);
        return new PublicPage(
            summary,
            [.. evidence.Incidents.Take(PublicPage.HistoryMax)],
            [.. notices],
            evidence.Memory.ContactAt,
            evidence.Memory.BegunAt)
        {
            IsContactLost = lost,
        };
    }

    private static string ContactWords(PageEvidence evidence) => evidence.Memory.ContactAt is { } at
        ? $"We lost contact with the platform at {Clock(at, evidence.Now)}"
        : "We have no contact with the platform yet";

    /// <summary>The hour alone while it is today's, else with its date.</summary>
    private static string Clock(DateTimeOffset at, DateTimeOffset now) =>
        at.UtcDateTime.Date == now.UtcDateTime.Date
            ? IncidentWords.Clock(at)
            : $"{at.UtcDateTime:yyyy-MM-dd} {IncidentWords.Clock(at)}";

    private static ImmutableArray<ComponentDocument> Components(
        PageEvidence evidence, ImmutableArray<IncidentDocument> open, string? lostWords)
    {
        var declared = open.SelectMany(incident => incident.Components)
            .GroupBy(component => component.Name, StringComparer.Ordinal)
            .ToDictionary(
                group => group.Key,
                group => group.Max(component => IncidentWords.Component(component.Status)),
                StringComparer.Ordinal);
        var named = Named(evidence);
        var strangers = declared.Keys.Where(name => named.All(row => row.Name != name))
            .Order(StringComparer.Ordinal)
            .Select(name => new Row(name, null, ComponentStatus.Operational, evidence.Memory.BegunAt, evidence.Now));
        return
        [
            .. named.Concat(strangers).Select((row, place) =>
            {
                var byHand = declared.GetValueOrDefault(row.Name, ComponentStatus.Operational);
                var known = lostWords is null ? row.Status : null;
                var seen = known ?? ComponentStatus.DegradedPerformance;
                var status = seen > byHand ? seen : byHand;
                var description = byHand > ComponentStatus.Operational ? row.Description
                    : lostWords is not null ? $"Not known: {Small(lostWords)}"
                    : known is null ? "Not known: no service of the platform tells"
                    : row.Description;
                return new ComponentDocument(
                    ComponentNames.Id(row.Name), row.Name, IncidentWords.Of(status), row.SeenAt, row.ChangedAt,
                    place + 1, description, Showcase: true, StartDate: null, GroupId: null, evidence.Config.Id,
                    Group: false, OnlyShowIfDegraded: false);
            }),
        ];
    }

    /// <summary>Components in the order of the configuration, then the journeys that it does not name.</summary>
    private static List<Row> Named(PageEvidence evidence)
    {
        var known = evidence.Memory.Components.ToDictionary(one => one.Journey, StringComparer.Ordinal);
        var rows = evidence.Config.Components.Select(config =>
        {
            var memory = known.GetValueOrDefault(config.Journey);
            var seen = memory?.SeenAt ?? evidence.Memory.BegunAt;

            // A component without a journey is told of by incidents alone, and is well as long as none says otherwise.
            var status = config.Journey.Length == 0 ? ComponentStatus.Operational : StatusOf(memory, evidence);
            return new Row(config.Name, config.Description, status, seen, memory?.ChangedAt ?? seen);
        }).ToList();
        var configured = evidence.Config.Components.Select(one => one.Journey).ToHashSet(StringComparer.Ordinal);
        rows.AddRange(evidence.Memory.Components
            .Where(one => !configured.Contains(one.Journey))
            .Select(one => new Row(
                ComponentNames.Of(one.Journey), null, StatusOf(one, evidence), one.SeenAt, one.ChangedAt)));
        return [.. rows.DistinctBy(row => row.Name)];
    }

    /// <summary>What the platform told too long ago is not known, though it tells of others.</summary>
    private static ComponentStatus? StatusOf(KnownComponent? memory, PageEvidence evidence) =>
        memory?.ToldAt is { } told && evidence.Now - told <= evidence.ContactLimit ? memory.Status : null;

    private static string Small(string words) => char.ToLowerInvariant(words[0]) + words[1..];

    private sealed record Row(
        string Name, string? Description, ComponentStatus? Status, DateTimeOffset SeenAt, DateTimeOffset ChangedAt);
}
