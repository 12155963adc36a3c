using System.Buffers;
using System.Collections.Immutable;
using System.Text.Json;
using Mainstay.Kernel.Signals;
using Mainstay.Kube;

namespace Mainstay.Agent.Proof;

internal enum ProofResult
{
    /// <summary>Nobody has tried, or too long ago, or the try came to no end.</summary>
    Unproven,
    Safe,
    Unsafe,
}

/// <summary>Something that a start would need and not have.</summary>
/// <param name="Pod">NAMESPACE/NAME; the node's own name for what concerns it all</param>
/// <param name="Reason">what is missing, by name</param>
/// <param name="RunsNow">whether the pod runs now, so that a restart would lose something</param>
internal sealed record Missing(string Pod, string Container, string Reason, bool RunsNow);

/// <summary>One way to start: cold, as after a boot; warm, beside the processes that run.</summary>
/// <param name="Pods">that were looked at</param>
/// <param name="Adopted">containers whose processes would be found again</param>
/// <param name="Startable">containers that would be started, and could be</param>
internal sealed record ProofRun(string Kind, int Pods, int Adopted, int Startable, ImmutableArray<Missing> Missing)
{
    public TimeSpan Took { get; init; }

    public ProofResult Result => Missing.Any(missing => missing.RunsNow) ? ProofResult.Unsafe : ProofResult.Safe;

    /// <summary>The first thing that a restart would lose; else the first that is missing anyway.</summary>
    public Missing? Worst => Missing.OrderByDescending(missing => missing.RunsNow).FirstOrDefault();
}

/// <summary>What is known of a restart of this agent.</summary>
/// <param name="At">when the throw-away instance ended; null: never</param>
/// <param name="Culprit">the pod at fault</param>
internal sealed record ProofReport(
    ProofResult Result, DateTimeOffset? At, string Reason, ObjectReference? Culprit, ImmutableArray<ProofRun> Runs)
{
    public static ProofReport None { get; } = new(ProofResult.Unproven, null, "no proof has been tried yet", null, []);

    public static ProofReport Of(ImmutableArray<ProofRun> runs, DateTimeOffset at)
    {
        var worst = runs.Where(run => run.Result == ProofResult.Unsafe).Select(run => (run.Kind, run.Worst))
            .FirstOrDefault();
        return worst.Worst is { } missing
            ? new ProofReport(ProofResult.Unsafe, at, $"{worst.Kind}: {InWords(missing)}", CulpritOf(missing), runs)
            : new ProofReport(ProofResult.Safe, at, "", null, runs);
    }

    /// <summary>As it counts now: what is too old proves nothing.</summary>
    /// <param name="age">since it ended, by a clock that nobody sets</param>
    public ProofReport Aged(TimeSpan age) => At is not null && age > Limits.ProofGood
        && Result != ProofResult.Unproven
            ? this with
            {
                Result = ProofResult.Unproven,
                Reason = $"the last proof is {age.TotalMinutes:0} minutes old",
            }
            : this;

    public static string InWords(Missing missing) =>
        missing.Container.Length == 0 ? $"{missing.Pod}: {missing.Reason}"
            : $"{missing.Pod} container {missing.Container}: {missing.Reason}";

    public static ObjectReference? CulpritOf(Missing missing) => missing.Pod.Split('/') is [var space, var name]
        ? new ObjectReference("Pod", space, name) : null;
}

/// <summary>Proofs as JSON: <c>/proof.json</c> (docs/seams.md) and the one line that a throw-away instance
/// prints.</summary>
internal static class ProofJson
{
    public static byte[] Write(ProofReport report, string node, DateTimeOffset now) => Write(json =>
    {
        json.WriteString("part", "agent");
        json.WriteString("instance", node);
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
    });

    /// <summary>The line of a throw-away instance.</summary>
    public static byte[] Write(ImmutableArray<ProofRun> runs) => Write(json => WriteRuns(json, runs));

    /// <exception cref="JsonException">the line is no JSON</exception>
    /// <exception cref="MalformedObjectException">a field has the wrong type</exception>
    public static ImmutableArray<ProofRun> ReadRuns(string line)
    {
        using var document = JsonDocument.Parse(line);
        return [.. document.RootElement.Items("runs").Select(ReadRun)];
    }

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

    private static string Word(ProofResult result) => result switch
    {
        ProofResult.Safe => "safe",
        ProofResult.Unsafe => "unsafe",
        _ => "unproven",
    };

    private static ProofRun ReadRun(JsonElement run) => new(
        run.Text("kind"),
        (int)(run.Number("pods") ?? 0),
        (int)(run.Number("adopted") ?? 0),
        (int)(run.Number("startable") ?? 0),
        [.. run.Items("missing").Select(missing => new Missing(
            missing.Text("pod"), missing.Text("container"), missing.Text("reason"),
            missing.Flag("runsNow") ?? true))])
    {
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
            json.WriteString("kind", run.Kind);
            // An agent starts without any API server; the field stands for those who read all proofs alike.
            json.WriteString("server", "");
            json.WriteString("result", Word(run.Result));
            json.WriteString("reason", run.Worst is { } worst ? ProofReport.InWords(worst) : "");
            WriteObject(json, run.Worst is { } culprit ? ProofReport.CulpritOf(culprit) : null);
            json.WriteNumber("services", 0);
            json.WriteNumber("heartbeatSequence", -1);
            json.WriteNumber("tookSeconds", Math.Round(run.Took.TotalSeconds, 3));
            json.WriteNumber("pods", run.Pods);
            json.WriteNumber("adopted", run.Adopted);
            json.WriteNumber("startable", run.Startable);
            WriteMissing(json, run.Missing);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static void WriteMissing(Utf8JsonWriter json, ImmutableArray<Missing> all)
    {
        json.WriteStartArray("missing");
        foreach (var missing in all)
        {
            json.WriteStartObject();
            json.WriteString("pod", missing.Pod);
            json.WriteString("container", missing.Container);
            json.WriteString("reason", missing.Reason);
            json.WriteBoolean("runsNow", missing.RunsNow);
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
