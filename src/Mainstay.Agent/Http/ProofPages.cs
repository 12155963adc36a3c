using Mainstay.Agent.Proof;
using Mainstay.Kernel.Proofs;
using Microsoft.AspNetCore.Http;

namespace Mainstay.Agent.Http;

/// <summary><c>GET /proof.json</c> and <c>POST /prove</c>, as docs/seams.md has them.</summary>
internal sealed class ProofPages(string node, Prover prover, TimeProvider time)
{
    public Task ShowAsync(HttpContext context)
    {
        var report = prover.Report;
        return AgentHttp.JsonAsync(context, ProofJson.Page(
            "agent", node, (report.Head, time.GetUtcNow()), json => ProofRunJson.Write(json, report.Runs)));
    }

    /// <summary>Who waits no longer does not stop the proof: others may have joined it.</summary>
    public async Task ProveAsync(HttpContext context)
    {
        try
        {
            await prover.ProveAsync().WaitAsync(Limits.ProofAsked, time, context.RequestAborted);
        }
        catch (TimeoutException)
        {
            context.Response.StatusCode = StatusCodes.Status504GatewayTimeout;
        }
        catch (OperationCanceledException)
        {
            return;
        }

        await ShowAsync(context);
    }
}
