using System.Collections.Immutable;
using Mainstay.ConsoleSite.Checks;
using Mainstay.Kernel.Proofs;
using Mainstay.Kube;
using Mainstay.Router.Proof;

namespace Mainstay.Commands;

/// <summary>
/// The router's own proof, run here: what a router does at its start against each API server, without a call to any
/// service and without anything written.
/// </summary>
internal sealed class RouterStartProof(TimeProvider time) : IStartProof
{
    public async Task<ImmutableArray<StartProofRun>> ProveAsync(
        Kubeconfig kubeconfig, CancellationToken cancellationToken)
    {
        var request = new ProofRequest(kubeconfig) { Calls = false, Time = time };
        var runs = await RouterProof.RunAsync(request, cancellationToken);
        return
        [
            .. runs.Select(run => new StartProofRun(
                run.Server, run.Result == ProofResult.Safe, run.Reason, run.Services)),
        ];
    }
}
