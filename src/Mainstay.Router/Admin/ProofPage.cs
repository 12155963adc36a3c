using Mainstay.Kernel.Proofs;
using Mainstay.Router.Metrics;
using Mainstay.Router.Proof;

namespace Mainstay.Router.Admin;

/// <summary>The page /proof.json, and POST /prove, which answers as it when a proof has ended.</summary>
internal sealed class ProofPage(ProofLoop? loop, AdminIdentity identity, TimeProvider time)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private static readonly ProofReport Static = new(
        ProofResult.Unproven, null, "this router has a static table: there is nothing to load, and nothing to prove");

    public ReadOnlyMemory<byte> Render() => Render(loop?.Report ?? Static);

    public async Task<ReadOnlyMemory<byte>> ProveAsync()
    {
        if (loop is null)
        {
            return Render(Static);
        }

        try
        {
            return Render(await loop.ProveAsync().WaitAsync(Patience, time));
        }
        catch (TimeoutException)
        {
            return Render(loop.Report with
            {
                Result = ProofResult.Unproven,
                Reason = $"the proof did not end within {Patience.TotalSeconds:0} s",
            });
        }
    }

    public void WriteMetrics(PrometheusText text)
    {
        if (loop?.Report is not { At: { } at } report)
        {
            return;
        }

        text.Family("mainstay_restart_proof_age_seconds", "gauge", "Time since the last proof of a restart ended.")
            .Sample("mainstay_restart_proof_age_seconds", (time.GetUtcNow() - at).TotalSeconds);
        text.Family("mainstay_restart_safe", "gauge", "1 when this part was proven to be able to start.");
        foreach (var kind in Enum.GetValues<ProofKind>())
        {
            var isSafe = report.Result != ProofResult.Unproven && report.OfKind(kind) == ProofResult.Safe;
            text.Sample("mainstay_restart_safe", isSafe ? 1 : 0, ("kind", ProofRunJson.Word(kind)));
        }
    }

    private ReadOnlyMemory<byte> Render(ProofReport report) =>
        ProofJson.Page(
            "router", identity.Node, (report.Head, time.GetUtcNow()), json => ProofRunJson.Write(json, report.Runs));
}
