using System.Buffers;
using System.Collections.Immutable;
using System.Text.Json;
using Mainstay.ConsoleSite.Incidents.Voices;
using Mainstay.ConsoleSite.StatusPage;

namespace Mainstay.ConsoleSite.Incidents;

/// <summary>
/// An incident as JSON of ours: the generic webhook, <c>incident export --format json</c>, <c>incident list -o
/// json</c> and
/// <c>/api/incidents</c>. Fields are added, never renamed; docs/incidents.md lists them.
/// </summary>
internal static class IncidentJson
{
    private static readonly JsonWriterOptions Readable = new() { Indented = true };

    /// <summary>The body of the generic webhook.</summary>
    public static byte[] Message(Incident incident, string deliveryId) => Bytes(default, json =>
    {
        json.WriteStartObject();
        json.WriteNumber("version", 1);
        json.WriteString("deliveryId", deliveryId);
        json.WriteString("event", incident.Entries[^1].Act.ToString().ToLowerInvariant());
        json.WritePropertyName("incident");
        Write(json, incident);
        json.WritePropertyName("update");
        WriteEntry(json, incident.Entries[^1]);
        json.WriteEndObject();
    });

    public static byte[] List(IEnumerable<Incident> incidents, DateTimeOffset now) => Bytes(Readable, json =>
    {
        json.WriteStartObject();
        json.WriteStartArray("incidents");
        foreach (var incident in incidents)
        {
            json.WriteStartObject();
            WriteFields(json, incident);
            WriteClock(json, CommsClock.Of(incident, now));
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    });

    public static byte[] Export(IncidentReport report) => Bytes(Readable, json =>
    {
        json.WriteStartObject();
        json.WriteNumber("version", 1);
        json.WriteString("exportedAt", MillisecondTime.Text(report.At));
        json.WritePropertyName("incident");
        Write(json, report.Incident);
        WriteClock(json, report.Clock);
        json.WriteStartArray("timeline");
        foreach (var line in report.Timeline)
        {
            json.WriteStartObject();
            json.WriteString("at", MillisecondTime.Text(line.At));
            json.WriteString("kind", line.KindWord);
            json.WriteString("text", line.Text);
            json.WriteString("evidence", line.Evidence);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        WriteReceipts(json, report.Receipts);
        json.WriteEndObject();
    });

    public static byte[] Outcome(IncidentOutcome outcome) => Bytes(Readable, json =>
    {
        json.WriteStartObject();
        json.WritePropertyName("incident");
        Write(json, outcome.Incident);
        WriteClock(json, outcome.Clock);
        WriteReceipts(json, outcome.Receipts);
        json.WriteStartArray("warnings");
        foreach (var warning in outcome.Warnings)
        {
            json.WriteStringValue(warning);
        }

        json.WriteEndArray();
        json.WriteEndObject();
    });

    public static void Write(Utf8JsonWriter json, Incident incident)
    {
        json.WriteStartObject();
        WriteFields(json, incident);
        json.WriteStartArray("updates");
        foreach (var entry in incident.Entries)
        {
            WriteEntry(json, entry);
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void WriteFields(Utf8JsonWriter json, Incident incident)
    {
        json.WriteString("id", incident.Id);
        json.WriteString("title", incident.Title);
        json.WriteString("publicTitle", incident.PublicTitle);
        json.WriteString("severity", IncidentWords.Of(incident.Severity));
        json.WriteString("status", IncidentWords.Of(incident.Status));
        json.WriteString("impact", IncidentWords.Of(incident.Impact));
        json.WriteBoolean("public", incident.IsPublic);
        json.WriteString("startedAt", MillisecondTime.Text(incident.StartedAt));
        json.WriteString("declaredAt", MillisecondTime.Text(incident.DeclaredAt));
        json.WriteString("updatedAt", MillisecondTime.Text(incident.UpdatedAt));
        WriteTime(json, "monitoringAt", incident.MonitoringAt);
        WriteTime(json, "resolvedAt", incident.ResolvedAt);
        WriteMap(json, "roles", incident.Roles, name => name);
        WriteMap(json, "components", incident.Components, IncidentWords.Of);
    }

    private static void WriteEntry(Utf8JsonWriter json, IncidentEntry entry)
    {
        json.WriteStartObject();
        json.WriteNumber("number", entry.Number);
        json.WriteString("at", MillisecondTime.Text(entry.At));
        json.WriteString("act", entry.Act.ToString().ToLowerInvariant());
        json.WriteString("by", entry.By);
        WriteText(json, "title", entry.Title);
        WriteText(json, "severity", entry.Severity is { } severity ? IncidentWords.Of(severity) : null);
        WriteText(json, "status", entry.Status is { } status ? IncidentWords.Of(status) : null);
        WriteText(json, "impact", entry.Impact is { } impact ? IncidentWords.Of(impact) : null);
        WriteMap(json, "roles", entry.Roles, name => name);
        WriteMap(json, "components", entry.Components, IncidentWords.Of);
        WriteText(json, "message", entry.Message);
        WriteText(json, "public", entry.Public);
        json.WriteEndObject();
    }

    private static void WriteClock(Utf8JsonWriter json, CommsClock clock)
    {
        json.WriteStartObject("comms");
        WriteTime(json, "nextPublicPostDue", clock.Due);
        json.WriteNumber("overdueSeconds", Math.Round(clock.Overdue.TotalSeconds));
        json.WriteNumber("targets", clock.Targets.Length);
        json.WriteNumber("targetsMet", clock.Targets.Count(target => target.WasMet));
        json.WriteEndObject();
    }

    private static void WriteReceipts(Utf8JsonWriter json, ImmutableArray<Receipt> receipts)
    {
        json.WriteStartArray("deliveries");
        foreach (var receipt in receipts)
        {
            WriteReceipt(json, receipt);
        }

        json.WriteEndArray();
    }

    private static void WriteReceipt(Utf8JsonWriter json, Receipt receipt)
    {
        json.WriteStartObject();
        json.WriteString("id", receipt.Id);
        json.WriteString("webhook", receipt.Webhook);
        json.WriteString("kind", receipt.Kind);
        json.WriteString("host", receipt.Host);
        json.WriteNumber("entry", receipt.Entry);
        json.WriteString("state", receipt.State);
        json.WriteNumber("tries", receipt.Tries);
        json.WriteString("queuedAt", MillisecondTime.Text(receipt.At));
        WriteTime(json, "finishedAt", receipt.FinishedAt);
        json.WriteString("result", receipt.Result);
        json.WriteEndObject();
    }

    private static void WriteMap<T>(
        Utf8JsonWriter json, string name, ImmutableSortedDictionary<string, T> map, Func<T, string> word)
    {
        json.WriteStartObject(name);
        foreach (var (key, value) in map)
        {
            json.WriteString(key, word(value));
        }

        json.WriteEndObject();
    }

    private static void WriteText(Utf8JsonWriter json, string name, string? text)
    {
        if (text is not null)
        {
            json.WriteString(name, text);
        }
    }

    private static void WriteTime(Utf8JsonWriter json, string name, DateTimeOffset? at)
    {
        if (at is { } known)
        {
            json.WriteString(name, MillisecondTime.Text(known));
        }
        else
        {
            json.WriteNull(name);
        }
    }

    private static byte[] Bytes(JsonWriterOptions options, Action<Utf8JsonWriter> write)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer, options))
        {
            write(json);
        }

        return buffer.WrittenSpan.ToArray();
    }
}
