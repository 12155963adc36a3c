using System.Buffers;
using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using Mainstay.Kernel.Signals;

namespace Mainstay.ConsoleSite.Signals;

/// <summary>
/// The JSON of <c>mainstay doctor -o json</c> and of the console's <c>/api/signals</c>; <c>docs/signals.md</c> has the
/// format. A root has the fields of a signal and, beside them, <c>title</c>, <c>subjects</c> and <c>explains</c>, whose
/// rows have the same but the last.
/// </summary>
public static class SignalReportJson
{
    public static byte[] Write(SignalReport report, bool indented = false)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer, new JsonWriterOptions { Indented = indented }))
        {
            WriteReport(json, report);
        }

        return buffer.WrittenSpan.ToArray();
    }

    /// <summary>The report as one object, for documents that hold it among other things.</summary>
    public static void WriteReport(Utf8JsonWriter json, SignalReport report)
    {
        json.WriteStartObject();
        json.WriteString("verdict", report.Verdict);
        json.WriteString("generatedAt", Time(report.GeneratedAt));
        json.WriteBoolean("well", report.Well);
        WriteRoots(json, report);
        WriteUnknown(json, report);
        json.WriteStartArray("notes");
        foreach (var note in report.Notes)
        {
            json.WriteStringValue(note);
        }

        json.WriteEndArray();
        json.WriteStartArray("hops");
        foreach (var hop in report.Hops)
        {
            SignalsJson.WriteHop(json, hop);
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void WriteRoots(Utf8JsonWriter json, SignalReport report)
    {
        json.WriteStartArray("roots");
        foreach (var root in report.Roots)
        {
            WriteRoot(json, root);
        }

        json.WriteEndArray();
    }

    /// <summary>One root by itself.</summary>
    internal static byte[] WriteRoot(SignalRoot root)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer))
        {
            WriteRoot(json, root);
        }

        return buffer.WrittenSpan.ToArray();
    }

    private static void WriteRoot(Utf8JsonWriter json, SignalRoot root)
    {
        json.WriteStartObject();
        WriteRow(json, root.Row);
        WriteRows(json, "explains", root.Explains);
        WriteRows(json, "context", root.Context);
        json.WriteEndObject();
    }

    private static void WriteRows(Utf8JsonWriter json, string name, ImmutableArray<SignalRow> rows)
    {
        json.WriteStartArray(name);
        foreach (var row in rows)
        {
            json.WriteStartObject();
            WriteRow(json, row);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static void WriteRow(Utf8JsonWriter json, SignalRow row)
    {
        json.WriteString("title", row.Title);
        json.WriteNumber("count", row.Signals.Length);
        if (row.Of is { } of)
        {
            json.WriteNumber("of", of);
        }

        json.WriteStartArray("subjects");
        foreach (var signal in row.Signals)
        {
            json.WriteStringValue(signal.Subject);
        }

        json.WriteEndArray();
        SignalsJson.WriteFields(json, row.First);
        if (row.Signals.Length > 1)
        {
            json.WriteStartArray("each");
            foreach (var signal in row.Signals)
            {
                SignalsJson.WriteSignal(json, signal);
            }

            json.WriteEndArray();
        }
    }

    private static void WriteUnknown(Utf8JsonWriter json, SignalReport report)
    {
        json.WriteStartArray("unknown");
        foreach (var part in report.Unknown)
        {
            json.WriteStartObject();
            json.WriteString("subject", part.Subject);
            if (part.HeardAt is { } at)
            {
                json.WriteString("heardAt", Time(at));
                json.WriteNumber("ageSeconds", Math.Round((report.GeneratedAt - at).TotalSeconds, 1));
            }
            else
            {
                json.WriteNull("heardAt");
                json.WriteNull("ageSeconds");
            }

            json.WriteString("reason", part.Reason);
            json.WriteStartArray("lastSaid");
            foreach (var name in part.LastSaid)
            {
                json.WriteStringValue(name);
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static string Time(DateTimeOffset at) =>
        at.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);
}
