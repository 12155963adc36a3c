using Mainstay.Agent.Proof;
using Microsoft.AspNetCore.Http;

namespace Mainstay.Agent.Http;

/// <summary><c>GET /proof.json</c> and <c>POST /prove</c>, as docs/seams.md has them.</summary>
internal sealed class ProofPages(string node, Prover prover, TimeProvider time)
{
    public Task ShowAsync(HttpContext context) =>
        AgentHttp.JsonAsync(context, ProofJson.Write(prover.Report, node, time.GetUtcNow()));

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
