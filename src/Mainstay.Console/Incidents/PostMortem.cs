using System.Globalization;
using System.Text;

namespace Mainstay.ConsoleSite.Incidents;

/// <summary>
/// The post-mortem for those inside, as Markdown: every heading of the form, filled with what is known; what only
/// people can know is a question in italics. Times bear their date. Pure.
/// </summary>
internal static class PostMortem
{
    public static string Markdown(IncidentReport report)
    {
        var incident = report.Incident;
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"# Post-mortem: {Line(incident.Title)}\n\n");
        Section(text, "Date", incident.StartedAt.UtcDateTime.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture));
        Section(text, "Authors", Or(Names(incident), "Who wrote this?"));
        Section(text, "Status", $"Draft; incident `{incident.Id}` is {IncidentWords.Of(incident.Status)}.");
        Section(text, "Summary", Summary(incident));
        Section(text, "Impact", Impact(report));
        Section(text, "Background", "_What does each component that is named below do?_");
        Section(text, "Contributing factors", "_Which conditions made it possible, each with its evidence?_");
        Section(text, "Trigger", Trigger(report));
        Section(text, "Detection", Detection(report));
        Section(text, "Resolution", Resolution(incident));
        Section(text, "Timeline", Timeline(report));
        Section(text, "Responders", Roles(incident));
        Section(text, "What went well", "_What helped?_");
        Section(text, "What went badly", Overdue(report));
        Section(text, "Where we got lucky", "_What could have made it worse and did not?_");
        Section(text, "Action items",
            "| action | type | owner | due | ticket |\n| --- | --- | --- | --- | --- |\n"
            + "| | prevent | | | |\n| | detect | | | |\n| | mitigate | | | |");
        Section(text, "Messaging sent", Messaging(report));
        Section(text, "Supporting data", Supporting(report));
        return text.ToString();
    }

    /// <summary>What people wrote, on one line and without a meaning in Markdown or HTML.</summary>
    internal static string Line(string words) => Escaped(words.ReplaceLineEndings(" "));

    internal static string Escaped(string words)
    {
        var text = new StringBuilder(words.Length);
        foreach (var letter in words)
        {
            text.Append(letter switch
            {
                '<' => "&lt;",
                '>' => "&gt;",
                '&' => "&amp;",
                '|' or '*' or '_' or '`' or '[' or ']' or '#' or '\\' => $"\\{letter}",
                _ => letter.ToString(),
            });
        }

        return text.ToString();
    }

    /// <summary>A span as a person says it: 1 h 21 min.</summary>
    internal static string Span(TimeSpan span) => span switch
    {
        { TotalMinutes: < 1 } => $"{Math.Max(0, span.TotalSeconds):0} s",
        { TotalHours: < 1 } => $"{Math.Floor(span.TotalMinutes):0} min",
        { TotalHours: < 48 } => $"{Math.Floor(span.TotalHours):0} h {span.Minutes} min",
        _ => $"{Math.Floor(span.TotalDays):0} d {span.Hours} h",
    };

    private static void Section(StringBuilder text, string heading, string body) =>
        text.Append("## ").Append(heading).Append("\n\n").Append(body).Append("\n\n");

    private static string Summary(Incident incident)
    {
        var last = incident.Entries.LastOrDefault(entry => entry.Message is not null && entry.Act != IncidentAct.Noted);
        var lasted = incident.ResolvedAt is { } end
            ? $"lasted {Span(end - incident.StartedAt)}"
            : "is not over";
        var said = last?.Message is { } message ? $" {Escaped(message)}" : " _What happened, in three sentences?_";
        return $"{Line(incident.Title)}: {IncidentWords.Of(incident.Severity)}, "
            + $"began {IncidentWords.Utc(incident.StartedAt)} and {lasted}.{said}";
    }

    private static string Impact(IncidentReport report)
    {
        var incident = report.Incident;
        var text = new StringBuilder();
        text.Append(
            CultureInfo.InvariantCulture,
            $"Impact for customers: {IncidentWords.Of(incident.Impact)}.\n\n| figure | value |\n| --- | --- |\n");
        foreach (var (severity, minutes) in MinutesBySeverity(incident, report.At))
        {
            text.Append(CultureInfo.InvariantCulture, $"| minutes at {IncidentWords.Of(severity)} | {minutes:0.0} |\n");
        }

        foreach (var (name, worst) in WorstComponents(incident))
        {
            text.Append(
                CultureInfo.InvariantCulture,
                $"| {Line(name)} at its worst | {IncidentWords.Of(worst).Replace('_', ' ')} |\n");
        }

        text.Append("| requests failed | |\n| payments declined | |\n| customers affected | |\n| contacts | |");
        return text.ToString();
    }

    internal static IEnumerable<(IncidentSeverity Severity, double Minutes)> MinutesBySeverity(
        Incident incident, DateTimeOffset now)
    {
        var end = incident.ResolvedAt ?? now;
        var spells = incident.Entries.Where(entry => entry.Severity is not null).ToList();
        return spells
            .Select((entry, place) => (
                Severity: entry.Severity ?? incident.Severity,
                Minutes: ((place + 1 < spells.Count ? spells[place + 1].At : end)
                    - (place == 0 && incident.StartedAt < entry.At ? incident.StartedAt : entry.At)).TotalMinutes))
            .GroupBy(spell => spell.Severity)
            .OrderBy(group => group.Key)
            .Select(group => (group.Key, Math.Max(0, group.Sum(spell => spell.Minutes))));
    }

    private static IEnumerable<(string Name, ComponentStatus Worst)> WorstComponents(Incident incident) =>
        incident.Entries.SelectMany(entry => entry.Components)
            .GroupBy(pair => pair.Key, StringComparer.Ordinal)
            .Select(group => (group.Key, group.Max(pair => pair.Value)));

    private static string Trigger(IncidentReport report)
    {
        var changes = report.Timeline
            .Where(line => line.Kind == TimelineKind.Change && line.At <= report.Incident.DeclaredAt)
            .OrderByDescending(line => line.At).Take(5).ToList();
        return changes.Count == 0
            ? "_What set it off?_ No change is in the ledger for the half hour before."
            : "_What set it off?_ The last changes before it was declared:\n\n"
                + string.Join('\n', changes.Select(line => $"- {IncidentWords.Utc(line.At)}: {Line(line.Text)}"));
    }

    private static string Detection(IncidentReport report)
    {
        var incident = report.Incident;
        var text = $"Declared {IncidentWords.Utc(incident.DeclaredAt)}, "
            + $"{Span(incident.DeclaredAt - incident.StartedAt)} after it began.";
        var first = report.Timeline.FirstOrDefault(
            line => line.Kind == TimelineKind.Signal && line.At >= incident.StartedAt - TimeSpan.FromMinutes(1));
        return first is null
            ? $"{text} No signal is on record for that time."
            : $"{text} The first signal was raised {IncidentWords.Utc(first.At)}: {Line(first.Text)}.";
    }

    private static string Resolution(Incident incident)
    {
        if (incident.ResolvedAt is not { } end)
        {
            return "Not resolved yet.";
        }

        var entry = incident.Entries.LastOrDefault(one => one.Act == IncidentAct.Resolved);
        var said = entry?.Message is { } message ? Escaped(message) : "_What ended it?_";
        return $"Resolved {IncidentWords.Utc(end)}. {said}";
    }

    private static string Timeline(IncidentReport report)
    {
        var text = new StringBuilder("| UTC | event | evidence |\n| --- | --- | --- |\n");
        foreach (var line in report.Timeline)
        {
            text.Append(
                CultureInfo.InvariantCulture,
                $"| {IncidentWords.Utc(line.At)} | **{line.KindWord}** {Line(line.Text)} | {Line(line.Evidence)} |\n");
        }

        foreach (var blind in report.Blind)
        {
            text.Append(CultureInfo.InvariantCulture, $"\nNot on this timeline: {Line(blind)}\n");
        }

        return text.ToString().TrimEnd();
    }

    private static string Roles(Incident incident)
    {
        var lines = incident.Roles.Select(role => $"| {role.Key} | {Line(role.Value)} |").ToList();
        return lines.Count == 0
            ? "No role was taken."
            : "| role | name |\n| --- | --- |\n" + string.Join('\n', lines);
    }

    private static string Overdue(IncidentReport report)
    {
        var late = report.Clock.Targets.Where(target => !target.WasMet).ToList();
        return late.Count == 0
            ? "_What made it worse or slower?_"
            : "_What made it worse or slower?_\n\n" + string.Join('\n', late.Select(target => target.PostedAt is null
                ? $"- The public post due {IncidentWords.Utc(target.Due)} never came."
                : $"- The public post due {IncidentWords.Utc(target.Due)} came {Span(target.Late)} late."));
    }

    private static string Messaging(IncidentReport report)
    {
        var incident = report.Incident;
        var posts = incident.Posts.Select(
            post => $"- {IncidentWords.Utc(post.At)} ({IncidentWords.Of(post.Status)}): {Line(post.Body)}");
        var clock = $"Comms clock: {report.Clock.Sentence}.";
        var receipts = report.Receipts.GroupBy(receipt => (receipt.Webhook, receipt.Kind, receipt.Host)).Select(group =>
            $"- {group.Key.Webhook} ({group.Key.Kind}, {group.Key.Host}): "
            + string.Join(", ", group.GroupBy(one => one.State).Select(same => $"{same.Count()} {same.Key}")));
        var told = posts.DefaultIfEmpty("- Nothing was posted to the public page.");
        return string.Join('\n', [clock, "", .. told, .. receipts]);
    }

    private static string Supporting(IncidentReport report) => string.Join('\n',
        $"- `mainstay incident export {report.Incident.Id} --format json`: all of this as data.",
        $"- Exported {IncidentWords.Utc(report.At)}; {report.Timeline.Length} lines of timeline.");

    private static string Names(Incident incident) => Line(string.Join(", ", incident.Roles.Values.Distinct()));

    private static string Or(string text, string question) => text.Length > 0 ? text : $"_{question}_";
}
