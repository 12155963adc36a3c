using System.Collections.Immutable;
using System.Text.Json;
using Mainstay.Kernel.Proofs;

namespace Mainstay.Router.Proof;

/// <summary>What a router's runs have beside what every run of a proof has (<see cref="ProofJson"/>).</summary>
internal static class ProofRunJson
{
    private const string Answered = "answered";

    public static void Write(Utf8JsonWriter json, ImmutableArray<ProofRun> runs)
    {
        foreach (var run in runs)
        {
            var head = new ProofRunHead(Word(run.Kind), run.Server, run.Result, run.Reason)
            {
                Culprit = run.Culprit,
                Services = run.Services,
                HeartbeatSequence = run.HeartbeatSequence,
                Took = run.Took,
            };
            ProofJson.WriteRun(json, head, () => json.WriteBoolean(Answered, run.Answered));
        }
    }

    /// <exception cref="JsonException">the line is no JSON</exception>
    public static ImmutableArray<ProofRun> Read(ReadOnlyMemory<byte> line) => ProofJson.ReadRuns(line, (head, run) =>
        new ProofRun(
            head.Kind == "warm" ? ProofKind.Warm : ProofKind.Cold,
            head.Server,
            head.Result == ProofResult.Safe ? ProofResult.Safe : ProofResult.Unsafe,
            head.Reason)
        {
            Answered = !(run.TryGetProperty(Answered, out var answered) && answered.ValueKind == JsonValueKind.False),
            Culprit = head.Culprit,
            Services = head.Services,
            HeartbeatSequence = head.HeartbeatSequence,
            Took = head.Took,
        });

    public static string Word(ProofKind kind) => kind == ProofKind.Cold ? "cold" : "warm";
}
