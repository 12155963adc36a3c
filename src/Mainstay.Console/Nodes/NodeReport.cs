using System.Collections.Immutable;
using System.Text;
using System.Text.Json.Nodes;
using Mainstay.ConsoleSite.Checks;
using Mainstay.ConsoleSite.Signals;

namespace Mainstay.ConsoleSite.Nodes;

/// <summary>The verdicts as text and as JSON.</summary>
/// <param name="Nodes">by name</param>
/// <param name="Fault">why the API servers said nothing; empty when they did</param>
public sealed record NodeReport(ImmutableArray<NodeVerdict> Nodes, string Fault)
{
    public bool Success => Nodes.Length > 0 && Nodes.All(node => node.IsWell);

    public string ToText()
    {
        var text = new StringBuilder();
        foreach (var node in Nodes)
        {
            var zone = node.Zone.Length > 0 ? $"  {node.Zone}" : "";
            text.Append(Sign(node.Verdict)).Append(' ').Append(node.Verdict.PadRight(8)).Append(node.Name).Append(zone)
                .Append('\n');
            text.Append("    evidence  ")
                .AppendJoin(", ", node.Evidence.Select(fact => $"{fact.Name} {fact.Value}")).Append('\n');
            text.Append("    proofs    router ").Append(Told(node.RouterProof))
                .Append("; agent ").Append(Told(node.AgentProof)).Append('\n');
            foreach (var signal in node.Signals)
            {
                text.Append("    signal    ").Append(signal.Name).Append(": ").Append(signal.Reading.Summary).Append(
                    '\n');
            }

            text.Append("    restart?  ").Append(node.Restart.Helps).Append(": ").Append(node.Restart.Why).Append('\n');
        }

        return text.Append(Fault.Length > 0 ? $"note: the API servers said nothing: {Fault}\n" : "").ToString();
    }

    public JsonObject ToJson() => new()
    {
        ["success"] = Success,
        ["fault"] = Fault,
        ["nodes"] = new JsonArray([.. Nodes.Select(node => (JsonNode)new JsonObject
        {
            ["name"] = node.Name,
            ["zone"] = node.Zone,
            ["verdict"] = node.Verdict,
            ["restart"] = new JsonObject { ["helps"] = node.Restart.Helps, ["why"] = node.Restart.Why },
            ["evidence"] = new JsonObject(node.Evidence.Select(fact =>
                new KeyValuePair<string, JsonNode?>(fact.Name, fact.Value))),
            ["signals"] = new JsonArray([.. node.Signals.Select(signal => (JsonNode)new JsonObject
            {
                ["name"] = signal.Name,
                ["subject"] = signal.Subject,
                ["summary"] = signal.Reading.Summary,
            })]),
            ["proofs"] = new JsonObject { ["router"] = Json(node.RouterProof), ["agent"] = Json(node.AgentProof) },
        })]),
    };

    private static JsonObject? Json(PartProof? proof) => proof is null ? null : new JsonObject
    {
        ["result"] = proof.Result.Length > 0 ? proof.Result : "unknown",
        ["ageSeconds"] = proof.Age?.TotalSeconds,
        ["reason"] = proof.Reason,
    };

    private static string Told(PartProof? proof) => proof switch
    {
        null => "none",
        { Result: "" } => $"unknown ({proof.Reason})",
        { Age: { } age } => $"{proof.Result}, {SignalReportText.Span(age)} ago"
            + (proof.Reason.Length > 0 ? $" ({proof.Reason})" : ""),
        _ => $"{proof.Result} ({proof.Reason})",
    };

    private static char Sign(string verdict) => verdict switch
    {
        "well" => '✓',
        "look" => '!',
        "ill" => '✕',
        _ => '?',
    };
}
