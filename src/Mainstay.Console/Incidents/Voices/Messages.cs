using System.Buffers;
using System.Text.Json;
using Mainstay.ConsoleSite.StatusPage;

namespace Mainstay.ConsoleSite.Incidents.Voices;

/// <summary>
/// What a webhook is sent about the last entry of an incident, in its own format. Pure. The incident is as it was right
/// after that entry, so that a message that comes late still says what was true when it was written.
/// </summary>
internal static class Messages
{
    /// <param name="kind">of the webhook</param>
    /// <param name="incident">right after its last entry</param>
    /// <param name="deliveryId">the same for each try</param>
    /// <param name="page">asked only by the kind that speaks for the page</param>
    /// <exception cref="Mainstay.Kernel.StartException">
    /// the page's configuration, where it is asked, is broken
    /// </exception>
    public static byte[] Of(WebhookKind kind, Incident incident, string deliveryId, Func<PageConfig> page) =>
        kind switch
        {
            WebhookKind.Slack => Slack(incident),
            WebhookKind.Generic => IncidentJson.Message(incident, deliveryId),
            _ => Subscriber(incident, page()),
        };

    /// <summary>
    /// <c>{text, blocks}</c>: the text is what a notification shows, the blocks what the channel shows.
    /// </summary>
    private static byte[] Slack(Incident incident)
    {
        var entry = incident.Entries[^1];
        var severity = IncidentWords.Of(incident.Severity);
        var head = $"{Sign(incident)} *{severity} {Verb(entry)}: {Escaped(incident.Title)}*";
        var lead = incident.Roles.GetValueOrDefault("lead") is { } name ? $"lead {Escaped(name)}" : "no lead yet";
        var facts = $"{IncidentWords.Of(incident.Status)} · impact {IncidentWords.Of(incident.Impact)} · {lead} · "
            + $"{IncidentWords.Utc(entry.At)} · `{incident.Id}`";
        var sections = new List<string> { $"{head}\n{facts}" };
        if (entry.Message is { } message)
        {
            sections.Add(Escaped(message));
        }

        if (incident.Posts.LastOrDefault(post => post.At == entry.At) is { } post)
        {
            sections.Add($"*Told outside:* {Escaped(post.Body)}");
        }

        if (incident.Components.Any(pair => pair.Value != ComponentStatus.Operational))
        {
            sections.Add(string.Join('\n', incident.Components.Select(
                pair => $"• {Escaped(pair.Key)}: {IncidentWords.Of(pair.Value).Replace('_', ' ')}")));
        }

        var words = entry.Message ?? entry.Public ?? IncidentWords.Of(incident.Status);
        return SlackBody($"{severity} {Verb(entry)}: {Escaped(incident.Title)} - {Escaped(words)}", sections);
    }

    private static byte[] SlackBody(string text, List<string> sections)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteString("text", Cut(text, VoiceLimits.SlackTextMax));
            json.WriteStartArray("blocks");
            foreach (var section in sections)
            {
                json.WriteStartObject();
                json.WriteString("type", "section");
                json.WriteStartObject("text");
                json.WriteString("type", "mrkdwn");
                json.WriteString("text", Cut(section, VoiceLimits.SlackSectionMax));
                json.WriteEndObject();
                json.WriteEndObject();
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }

        return buffer.WrittenSpan.ToArray();
    }

    private static byte[] Subscriber(Incident incident, PageConfig page)
    {
        var status = IncidentDocuments.StatusOf(incident.IsOpen ? incident.Impact : IncidentImpact.None);
        return JsonSerializer.SerializeToUtf8Bytes(
            new SubscriberDocument(
                new SubscriberMeta($"{page.Url}/", $"{page.Url}/api/v2/summary.json"),
                new SubscriberPage(page.Id, status.Indicator, status.Description),
                IncidentDocuments.Of(incident, page)),
            PageJson.Default.SubscriberDocument);
    }

    private static string Verb(IncidentEntry entry) => entry.Act switch
    {
        IncidentAct.Declared => "declared",
        IncidentAct.Resolved => "resolved",
        _ => "update",
    };

    private static string Sign(Incident incident) => incident.IsOpen ? "[!]" : "[ok]";

    /// <summary>Slack's own escapes: what people wrote must not become a link or a call to everybody.</summary>
    private static string Escaped(string text) => text
        .Replace("&", "&amp;", StringComparison.Ordinal)
        .Replace("<", "&lt;", StringComparison.Ordinal)
        .Replace(">", "&gt;", StringComparison.Ordinal);

    /// <summary>At most so many letters, and neither half an escape nor half a pair of surrogates at the end.</summary>
    private static string Cut(string text, int lettersMax)
    {
        if (text.Length <= lettersMax)
        {
            return text;
        }

        var end = lettersMax - 1;
        var escape = text.LastIndexOf('&', end - 1, 5);
        if (escape >= 0 && text.IndexOf(';', escape, end - escape) < 0)
        {
            end = escape;
        }

        if (char.IsHighSurrogate(text[end - 1]))
        {
            end--;
        }

        return string.Concat(text.AsSpan(0, end), "…");
    }
}
