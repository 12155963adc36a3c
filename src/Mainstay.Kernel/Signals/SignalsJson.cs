using System.Buffers;
using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;

namespace Mainstay.Kernel.Signals;

/// <summary>What one process says of itself: its signals, and how far it has seen the heartbeat.</summary>
/// <param name="Part">router, api, controllers, agent, console</param>
/// <param name="Instance">the node or the address; together with the part it is unique</param>
/// <param name="ObservedAt">when, by the clock of that process</param>
/// <param name="Signals">all that are active</param>
/// <param name="Hops">its places on the way of a change</param>
public sealed record SignalsReport(
    string Part,
    string Instance,
    DateTimeOffset ObservedAt,
    ImmutableArray<Signal> Signals,
    ImmutableArray<Hop> Hops);

/// <summary>
/// The JSON of <c>/signals.json</c>, as every part serves it; <c>docs/seams.md</c> has the format. Reading is tolerant:
/// what is absent is empty, what is unknown is ignored, a signal without a name is left out.
/// </summary>
public static class SignalsJson
{
    public static byte[] Write(SignalsReport report)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteString("part", report.Part);
            json.WriteString("instance", report.Instance);
            json.WriteString("observedAt", Time(report.ObservedAt));
            json.WriteStartArray("signals");
            foreach (var signal in report.Signals)
            {
                WriteSignal(json, signal);
            }

            json.WriteEndArray();
            json.WriteStartArray("hops");
            foreach (var hop in report.Hops)
            {
                WriteHop(json, hop);
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }

        return buffer.WrittenSpan.ToArray();
    }

    /// <summary>One signal as an object of its own, for documents that hold signals among other things.</summary>
    public static void WriteSignal(Utf8JsonWriter json, Signal signal)
    {
        json.WriteStartObject();
        WriteFields(json, signal);
        json.WriteEndObject();
    }

    /// <summary>The fields of a signal within an object that has others, too.</summary>
    public static void WriteFields(Utf8JsonWriter json, Signal signal)
    {
        json.WriteString("name", signal.Name);
        json.WriteString("severity", Word(signal.Severity));
        json.WriteString("subject", signal.Subject);
        json.WriteString("since", Time(signal.Since));
        json.WriteNumber("promise", signal.Definition.Promise);
        json.WriteString("summary", signal.Reading.Summary);
        json.WriteString("meaning", signal.Definition.Meaning);
        json.WriteString("advice", signal.Definition.Advice);
        json.WriteStartObject("evidence");
        foreach (var evidence in signal.Reading.Evidence)
        {
            json.WriteString(evidence.Name, evidence.Value);
        }

        json.WriteEndObject();
        if (signal.Reading.Culprit is { } at)
        {
            json.WriteStartObject("object");
            json.WriteString("kind", at.Kind);
            json.WriteString("namespace", at.Namespace);
            json.WriteString("name", at.Name);
            json.WriteEndObject();
        }

        WriteWords(json, "explainedBy", signal.Definition.ExplainedBy);
        WriteWords(json, "causedBy", signal.Reading.CausedBy);
    }

    /// <exception cref="JsonException">it is no JSON</exception>
    public static SignalsReport Read(ReadOnlyMemory<byte> text)
    {
        using var document = JsonDocument.Parse(text);
        return Read(document.RootElement);
    }

    public static SignalsReport Read(JsonElement root) => new(
        Text(root, "part"),
        Text(root, "instance"),
        Moment(root, "observedAt"),
        [.. Items(root, "signals").Select(ReadSignal).OfType<Signal>()],
        [.. Items(root, "hops").Select(ReadHop)]);

    /// <returns>null for what has no name</returns>
    public static Signal? ReadSignal(JsonElement element)
    {
        if (Text(element, "name") is not { Length: > 0 } name)
        {
            return null;
        }

        // A signal of a newer version, which this catalog does not have, is told in its own words.
        var definition = SignalCatalog.Find(name) ?? new SignalDefinition(
            name, SeverityOf(Text(element, "severity")), 0, Text(element, "meaning"), Text(element, "advice"))
        {
            ExplainedBy = Words(element, "explainedBy"),
        };
        var at = Child(element, "object");
        var reading = new SignalReading(Text(element, "summary"))
        {
            Evidence = Child(element, "evidence") is { ValueKind: JsonValueKind.Object } facts
                ? [.. facts.EnumerateObject().Select(fact => new Evidence(fact.Name, fact.Value.ToString()))]
                : [],
            Culprit = at.ValueKind == JsonValueKind.Object
                ? new ObjectReference(Text(at, "kind"), Text(at, "namespace"), Text(at, "name"))
                : null,
            CausedBy = Words(element, "causedBy"),
        };
        return new Signal(definition, Text(element, "subject"), Moment(element, "since"), reading);
    }

    /// <summary>The word of a severity in JSON, metrics and alerts.</summary>
    public static string Word(Severity severity) => severity switch
    {
        Severity.Critical => "critical",
        Severity.Warning => "warning",
        _ => "info",
    };

    public static void WriteHop(Utf8JsonWriter json, Hop hop)
    {
        json.WriteStartObject();
        json.WriteString("hop", hop.Name);
        json.WriteString("via", hop.Via);
        json.WriteNumber("sequence", hop.Sequence);
        if (hop.Age is { } age)
        {
            json.WriteNumber("ageSeconds", Math.Round(age.TotalSeconds, 3));
        }
        else
        {
            json.WriteNull("ageSeconds");
        }

        json.WriteEndObject();
    }

    private static Hop ReadHop(JsonElement element)
    {
        var age = Child(element, "ageSeconds");
        var sequence = Child(element, "sequence");
        return new Hop(
            Text(element, "hop"),
            Text(element, "via"),
            sequence.ValueKind == JsonValueKind.Number && sequence.TryGetInt64(out var number) ? number : -1,
            age.ValueKind == JsonValueKind.Number && age.GetDouble() is >= 0 and < 1e9 and var seconds
                ? TimeSpan.FromSeconds(seconds)
                : null);
    }

    private static void WriteWords(Utf8JsonWriter json, string name, ImmutableArray<string> words)
    {
        json.WriteStartArray(name);
        foreach (var word in words)
        {
            json.WriteStringValue(word);
        }

        json.WriteEndArray();
    }

    private static Severity SeverityOf(string word) => word switch
    {
        "critical" => Severity.Critical,
        "warning" => Severity.Warning,
        _ => Severity.Info,
    };

    private static string Time(DateTimeOffset at) =>
        at.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);

    private static JsonElement Child(JsonElement element, string name) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out var child) ? child : default;

    private static string Text(JsonElement element, string name) =>
        Child(element, name) is { ValueKind: JsonValueKind.String } text ? text.GetString() ?? "" : "";

    private static DateTimeOffset Moment(JsonElement element, string name) =>
        DateTimeOffset.TryParse(
            Text(element, name), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var at)
            ? at
            : DateTimeOffset.UnixEpoch;

    private static JsonElement.ArrayEnumerator Items(JsonElement element, string name) =>
        Child(element, name) is { ValueKind: JsonValueKind.Array } items ? items.EnumerateArray() : default;

    private static ImmutableArray<string> Words(JsonElement element, string name) =>
    [
        .. Items(element, name)
            .Where(word => word.ValueKind == JsonValueKind.String)
            .Select(word => word.GetString() ?? ""),
    ];
}
