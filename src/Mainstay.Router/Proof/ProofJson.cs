using System.Buffers;
using System.Collections.Immutable;
using System.Text.Json;
using Mainstay.Kernel.Signals;
using Mainstay.Kube;

namespace Mainstay.Router.Proof;

/// <summary>
/// Proofs as JSON: the page <c>/proof.json</c> (<c>docs/seams.md</c>) and the one line that a throw-away instance
/// prints.
/// </summary>
public static class ProofJson
{
    /// <param name="report">what is known</param>
    /// <param name="part">router</param>
    /// <param name="instance">the node</param>
    /// <param name="now">for the age</param>
    public static byte[] Write(ProofReport report, string part, string instance, DateTimeOffset now)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteString("part", part);
            json.WriteString("instance", instance);
            json.WriteString("result", Word(report.Result));
            if (report.At is { } at)
            {
                json.WriteString("at", at.UtcDateTime);
                json.WriteNumber("ageSeconds", Math.Round((now - at).TotalSeconds, 3));
            }
            else
            {
                json.WriteNull("at");
                json.WriteNull("ageSeconds");
            }

            json.WriteString("reason", report.Reason);
            WriteObject(json, report.Culprit);
            WriteRuns(json, report.Runs);
            json.WriteEndObject();
        }

        return buffer.WrittenSpan.ToArray();
    }

    /// <summary>The annotation <c>mainstay.dev/proof</c> of a router's Lease.</summary>
    /// <param name="report">what is known</param>
    /// <param name="build">which binary and configuration it holds for</param>
    public static string WriteLine(ProofReport report, string build)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteString("result", Word(report.Result));
            json.WriteString("at", (report.At ?? DateTimeOffset.UnixEpoch).UtcDateTime);
            json.WriteString("reason", report.Reason);
            json.WriteString("build", build);
            json.WriteEndObject();
        }

        return System.Text.Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    /// <summary>The line of a throw-away instance.</summary>
    public static byte[] Write(ImmutableArray<ProofRun> runs)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            WriteRuns(json, runs);
            json.WriteEndObject();
        }

        return buffer.WrittenSpan.ToArray();
    }

    /// <exception cref="JsonException">the line is no JSON</exception>
    /// <exception cref="MalformedObjectException">a field has the wrong type</exception>
    public static ImmutableArray<ProofRun> ReadRuns(ReadOnlyMemory<byte> line)
    {
        using var document = JsonDocument.Parse(line);
        return [.. document.RootElement.Items("runs").Select(ReadRun)];
    }

    internal static string Word(ProofResult result) => result switch
    {
        ProofResult.Safe => "safe",
        ProofResult.Unsafe => "unsafe",
        _ => "unproven",
    };

    internal static string Word(ProofKind kind) => kind == ProofKind.Cold ? "cold" : "warm";

    private static ProofRun ReadRun(JsonElement run) => new(
        run.Text("kind") == "warm" ? ProofKind.Warm : ProofKind.Cold,
        run.Text("server"),
        run.Text("result") == "safe" ? ProofResult.Safe : ProofResult.Unsafe,
        run.Text("reason"))
    {
        Answered = run.Flag("answered") ?? true,
        Culprit = run.Child("object") is { } at
            ? new ObjectReference(at.Text("kind"), at.Text("namespace"), at.Text("name"))
            : null,
        Services = (int)(run.Number("services") ?? 0),
        HeartbeatSequence = run.Number("heartbeatSequence") ?? -1,
        Took = run.Field("tookSeconds") is { ValueKind: JsonValueKind.Number } took
            ? TimeSpan.FromSeconds(Math.Clamp(took.GetDouble(), 0, 3600))
            : TimeSpan.Zero,
    };

    private static void WriteRuns(Utf8JsonWriter json, ImmutableArray<ProofRun> runs)
    {
        json.WriteStartArray("runs");
        foreach (var run in runs)
        {
            json.WriteStartObject();
            json.WriteString("kind", Word(run.Kind));
            json.WriteString("server", run.Server);
            json.WriteString("result", Word(run.Result));
            json.WriteBoolean("answered", run.Answered);
            json.WriteString("reason", run.Reason);
            WriteObject(json, run.Culprit);
            json.WriteNumber("services", run.Services);
            json.WriteNumber("heartbeatSequence", run.HeartbeatSequence);
            json.WriteNumber("tookSeconds", Math.Round(run.Took.TotalSeconds, 3));
            json.WriteEndObject();
        }

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
}
