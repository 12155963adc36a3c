using System.Buffers;
using System.Collections.Immutable;
using System.Text.Json;
using Mainstay.Kernel.Signals;

namespace Mainstay.Kernel.Proofs;

/// <summary>What a proof says about a restart.</summary>
public enum ProofResult
{
    /// <summary>Nobody has tried, or it is too long ago, or the try came to no end.</summary>
    Unproven,

    /// <summary>A throw-away instance did what a start does, to its end.</summary>
    Safe,

    /// <summary>It could not; the reason says why.</summary>
    Unsafe,
}

/// <summary>What is known about restarting one part now, but for its runs.</summary>
/// <param name="At">when the proof ended; null where there was none</param>
/// <param name="Reason">one line; empty when there is nothing to say</param>
/// <param name="Culprit">the object at fault, where there is one</param>
public sealed record ProofHead(ProofResult Result, DateTimeOffset? At, string Reason, ObjectReference? Culprit);

/// <summary>What every run of a proof tells, whatever part it is of.</summary>
/// <param name="Kind">cold or warm</param>
/// <param name="Server">the API server's address; empty where none was asked</param>
/// <param name="Reason">why not; for a safe one what is worth knowing, or empty</param>
public sealed record ProofRunHead(string Kind, string Server, ProofResult Result, string Reason)
{
    public ObjectReference? Culprit { get; init; }

    /// <summary>Services in the table that it built.</summary>
    public int Services { get; init; }

    /// <summary>The sequence of the heartbeat that it found; -1 for none.</summary>
    public long HeartbeatSequence { get; init; } = -1;

    public TimeSpan Took { get; init; }
}

/// <summary>
/// Proofs as JSON: the page <c>/proof.json</c> (<c>docs/seams.md</c>) and the one line that a throw-away instance
/// prints. A part adds fields of its own to its runs. Reading is tolerant: what is absent or of a wrong type is as if
/// it were not there.
/// </summary>
public static class ProofJson
{
    private const double TookSecondsMax = 3600;

    /// <param name="part">router or agent</param>
    /// <param name="instance">the node</param>
    /// <param name="head">what is known, with the moment that its age is counted to</param>
    /// <param name="runs">writes the runs, each by <see cref="WriteRun"/></param>
    public static byte[] Page(
        string part, string instance, (ProofHead Proof, DateTimeOffset Now) head, Action<Utf8JsonWriter> runs) =>
        Write(json =>
        {
            json.WriteString("part", part);
            json.WriteString("instance", instance);
            json.WriteString("result", Word(head.Proof.Result));
            if (head.Proof.At is { } at)
            {
                json.WriteString("at", at.UtcDateTime);
                json.WriteNumber("ageSeconds", Math.Round((head.Now - at).TotalSeconds, 3));
            }
            else
            {
                json.WriteNull("at");
                json.WriteNull("ageSeconds");
            }

            json.WriteString("reason", head.Proof.Reason);
            WriteObject(json, head.Proof.Culprit);
            WriteRuns(json, runs);
        });

    /// <summary>The line of a throw-away instance.</summary>
    public static byte[] Line(Action<Utf8JsonWriter> runs) => Write(json => WriteRuns(json, runs));

    /// <summary>The annotation <c>mainstay.dev/proof</c> of a router's Lease.</summary>
    /// <param name="proof">what is known</param>
    /// <param name="build">which binary and configuration it holds for</param>
    public static string Annotation(ProofHead proof, string build) => System.Text.Encoding.UTF8.GetString(Write(json =>
    {
        json.WriteString("result", Word(proof.Result));
        json.WriteString("at", (proof.At ?? DateTimeOffset.UnixEpoch).UtcDateTime);
        json.WriteString("reason", proof.Reason);
        json.WriteString("build", build);
    }));

    /// <param name="json">within the array of runs</param>
    /// <param name="run">what every run tells</param>
    /// <param name="more">writes what only runs of this part tell</param>
    public static void WriteRun(Utf8JsonWriter json, ProofRunHead run, Action more)
    {
        json.WriteStartObject();
        json.WriteString("kind", run.Kind);
        json.WriteString("server", run.Server);
        json.WriteString("result", Word(run.Result));
        json.WriteString("reason", run.Reason);
        WriteObject(json, run.Culprit);
        json.WriteNumber("services", run.Services);
        json.WriteNumber("heartbeatSequence", run.HeartbeatSequence);
        json.WriteNumber("tookSeconds", Math.Round(run.Took.TotalSeconds, 3));
        more();
        json.WriteEndObject();
    }

    /// <param name="line">of a throw-away instance</param>
    /// <param name="read">makes a run of what every run tells and of the fields of the part's own</param>
    /// <exception cref="JsonException">the line is no JSON</exception>
    public static ImmutableArray<T> ReadRuns<T>(ReadOnlyMemory<byte> line, Func<ProofRunHead, JsonElement, T> read)
    {
        using var document = JsonDocument.Parse(line);
        var runs = Child(document.RootElement, "runs");
        return runs.ValueKind == JsonValueKind.Array
            ? [.. runs.EnumerateArray().Select(run => read(ReadRun(run), run))]
            : [];
    }

    /// <summary>The word of a result in JSON and in metrics.</summary>
    public static string Word(ProofResult result) => result switch
    {
        ProofResult.Safe => "safe",
        ProofResult.Unsafe => "unsafe",
        _ => "unproven",
    };

    /// <summary>What is not clearly safe or unsafe is unproven.</summary>
    public static ProofResult ResultOf(string word) => word switch
    {
        "safe" => ProofResult.Safe,
        "unsafe" => ProofResult.Unsafe,
        _ => ProofResult.Unproven,
    };

    /// <returns>null where it is no object</returns>
    public static ObjectReference? ReadObject(JsonElement at) => at.ValueKind == JsonValueKind.Object
        ? new ObjectReference(Text(at, "kind"), Text(at, "namespace"), Text(at, "name"))
        : null;

    private static ProofRunHead ReadRun(JsonElement run) => new(
        Text(run, "kind"), Text(run, "server"), ResultOf(Text(run, "result")), Text(run, "reason"))
    {
        Culprit = ReadObject(Child(run, "object")),
        Services = Number(run, "services") is { } services ? (int)Math.Clamp(services, 0, int.MaxValue) : 0,
        HeartbeatSequence = Child(run, "heartbeatSequence") is { ValueKind: JsonValueKind.Number } sequence
            && sequence.TryGetInt64(out var beat) ? beat : -1,
        Took = TimeSpan.FromMilliseconds(
            Math.Round(1000 * Math.Clamp(Number(run, "tookSeconds") ?? 0, 0, TookSecondsMax))),
    };

    private static byte[] Write(Action<Utf8JsonWriter> body)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            body(json);
            json.WriteEndObject();
        }

        return buffer.WrittenSpan.ToArray();
    }

    private static void WriteRuns(Utf8JsonWriter json, Action<Utf8JsonWriter> runs)
    {
        json.WriteStartArray("runs");
        runs(json);
        json.WriteEndArray();
    }

    private static void WriteObject(Utf8JsonWriter json, ObjectReference? culprit)
    {
        if (culprit is null)
        {
            json.WriteNull("object");
            return;
        }

        json.WriteStartObject("object");
        json.WriteString("kind", culprit.Kind);
        json.WriteString("namespace", culprit.Namespace);
        json.WriteString("name", culprit.Name);
        json.WriteEndObject();
    }

    private static JsonElement Child(JsonElement element, string name) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out var child) ? child : default;

    private static string Text(JsonElement element, string name) =>
        Child(element, name) is { ValueKind: JsonValueKind.String } text ? text.GetString() ?? "" : "";

    private static double? Number(JsonElement element, string name) =>
        Child(element, name) is { ValueKind: JsonValueKind.Number } number ? number.GetDouble() : null;
}
