using System.Globalization;
using System.Text;
using System.Text.Json;
using Mainstay.ConsoleSite.StatusPage;

namespace Mainstay.ConsoleSite.Incidents;

/// <summary>
/// The cut for those outside, in five parts: what they may have noticed, some background, timeline, root cause, what
/// we are changing. It holds what was posted outside and nothing else: no name, host, signal or message of those
/// inside. Pure.
/// </summary>
internal static class PublicPostMortem
{
    public static string Markdown(IncidentReport report)
    {
        var incident = Told(report);
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"# {PostMortem.Line(incident.Posts[^1].Title)}\n\n");
        text.Append("## What you may have noticed\n\n").Append(Noticed(incident)).Append("\n\n");
        text.Append("## Some background\n\n_What does a reader need to know of how we work?_\n\n");
        text.Append("## Timeline\n\n| UTC | what we said |\n| --- | --- |\n");
        foreach (var post in incident.Posts)
        {
            var status = Capital(IncidentWords.Of(post.Status));
            text.Append(
                CultureInfo.InvariantCulture,
                $"| {IncidentWords.Utc(post.At)} | **{status}** {PostMortem.Line(post.Body)} |\n");
        }

        text.Append("\n## Root cause\n\n_Why did it happen, in plain words?_\n\n");
        text.Append("## What we are changing\n\n_What keeps it from happening again, and by when?_\n");
        return text.ToString();
    }

    /// <summary>As the public page's own API tells it.</summary>
    public static byte[] Json(IncidentReport report, PageConfig page) => JsonSerializer.SerializeToUtf8Bytes(
        IncidentDocuments.Of(Told(report), page), PageJson.Default.IncidentDocument);

    private static Incident Told(IncidentReport report) => report.Incident.IsPublic
        ? report.Incident
        : throw IncidentWords.Refused(
            $"incident {report.Incident.Id} was never posted outside", "post an update with --public first");

    private static string Noticed(Incident incident)
    {
        var last = incident.Posts[^1];
        var lasted = incident.ResolvedAt is { } end
            ? $"to {IncidentWords.Utc(end)} ({PostMortem.Span(end - last.StartedAt)})"
            : "and it is not over yet";
        var harmed = incident.Posts.SelectMany(post => post.Components)
            .GroupBy(change => change.Name, StringComparer.Ordinal)
            .Select(group => (Name: group.Key, Worst: group.Max(change => change.After)))
            .Where(pair => pair.Worst != ComponentStatus.Operational)
            .Select(pair => $"\n- {PostMortem.Line(pair.Name)}: {IncidentWords.Of(pair.Worst).Replace('_', ' ')}");
        return $"{PostMortem.Line(last.Title)}, from {IncidentWords.Utc(last.StartedAt)} {lasted}."
            + string.Concat(harmed);
    }

    private static string Capital(string word) => char.ToUpperInvariant(word[0]) + word[1..];
}
