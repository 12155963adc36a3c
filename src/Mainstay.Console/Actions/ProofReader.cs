using System.Text.Json;
using Mainstay.Kernel.Signals;
using Mainstay.Kube;

namespace Mainstay.ConsoleSite.Actions;

/// <summary>Asks a part to prove afresh that it could start now, and reads <c>/proof.json</c>'s form.</summary>
public static class ProofReader
{
    /// <summary>The part answers within 60 s, or not at all.</summary>
    public static readonly TimeSpan Deadline = TimeSpan.FromSeconds(65);

    /// <param name="part">the address of its admin port or its agent's port</param>
    /// <param name="http">asks</param>
    /// <param name="cancellationToken">ends the question</param>
    public static async Task<UnitProof> ProveAsync(PartHttp http, Uri part, CancellationToken cancellationToken) =>
        Read(await http.AskAsync(HttpMethod.Post, new Uri(part, "/prove"), Deadline, cancellationToken), part);

    /// <summary>What is not clearly safe is not: an answer without a result is unproven.</summary>
    public static UnitProof Read(PartAnswer answer, Uri part)
    {
        using var document = answer.Json();
        if (document is null)
        {
            var why = answer.Succeeded ? "its answer is no JSON" : answer.Why;
            return UnitProof.Unproven($"{part.Authority} gives no proof: {why}");
        }

        try
        {
            return Read(document.RootElement);
        }
        catch (MalformedObjectException fault)
        {
            return UnitProof.Unproven($"the proof of {part.Authority} makes no sense: {fault.Message}");
        }
    }

    private static UnitProof Read(JsonElement root)
    {
        var result = root.Text("result") switch
        {
            "safe" => ProofResult.Safe,
            "unsafe" => ProofResult.Unsafe,
            _ => ProofResult.Unproven,
        };
        var failed = root.Items("runs").FirstOrDefault(run => run.Text("result") == "unsafe");
        var isFailed = failed.ValueKind == JsonValueKind.Object;
        var server = isFailed ? failed.Text("server") : "";
        var reason = root.Text("reason") is { Length: > 0 } words ? words : isFailed ? failed.Text("reason") : "";
        var culprit = root.Child("object") is { } at
            ? new ObjectReference(at.Text("kind"), at.Text("namespace"), at.Text("name"))
            : null;
        return new UnitProof(result, reason, server.Length > 0 ? $"api/{server}" : "", culprit);
    }
}
