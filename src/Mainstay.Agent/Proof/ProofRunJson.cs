using System.Collections.Immutable;
using System.Text.Json;
using Mainstay.Kernel.Proofs;
using Mainstay.Kube;

namespace Mainstay.Agent.Proof;

/// <summary>What an agent's runs have beside what every run of a proof has (<see cref="ProofJson"/>).</summary>
internal static class ProofRunJson
{
    public static void Write(Utf8JsonWriter json, ImmutableArray<ProofRun> runs)
    {
        foreach (var run in runs)
        {
            // An agent starts without any API server and routes nothing: server and figures are those of none.
            var reason = run.Worst is { } worst ? ProofReport.InWords(worst) : "";
            var head = new ProofRunHead(run.Kind, "", run.Result, reason)
            {
                Culprit = run.Worst is { } culprit ? ProofReport.CulpritOf(culprit) : null,
                Took = run.Took,
            };
            ProofJson.WriteRun(json, head, () => WriteOwn(json, run));
        }
    }

    /// <exception cref="JsonException">the line is no JSON</exception>
    /// <exception cref="MalformedObjectException">a field has the wrong type</exception>
    public static ImmutableArray<ProofRun> Read(ReadOnlyMemory<byte> line) => ProofJson.ReadRuns(line, (head, run) =>
        new ProofRun(
            head.Kind,
            (int)(run.Number("pods") ?? 0),
            (int)(run.Number("adopted") ?? 0),
            (int)(run.Number("startable") ?? 0),
            [.. run.Items("missing").Select(missing => new Missing(
                missing.Text("pod"), missing.Text("container"), missing.Text("reason"),
                missing.Flag("runsNow") ?? true))])
        {
            Took = head.Took,
        });

    private static void WriteOwn(Utf8JsonWriter json, ProofRun run)
    {
        json.WriteNumber("pods", run.Pods);
        json.WriteNumber("adopted", run.Adopted);
        json.WriteNumber("startable", run.Startable);
        json.WriteStartArray("missing");
        foreach (var missing in run.Missing)
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
}
