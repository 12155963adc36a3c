using System.Collections.Immutable;
using Mainstay.Kube;

namespace Mainstay.ConsoleSite.Checks;

/// <summary>Whether a router started now could load everything from one API server.</summary>
/// <param name="Server">which</param>
/// <param name="Safe">it could</param>
/// <param name="Reason">why not; empty when it could</param>
/// <param name="Services">what it loaded</param>
public sealed record StartProofRun(string Server, bool Safe, string Reason, int Services);

/// <summary>
/// Tries what a router does at its start, against each API server. Reads only, writes nothing anywhere.
/// </summary>
public interface IStartProof
{
    Task<ImmutableArray<StartProofRun>> ProveAsync(Kubeconfig kubeconfig, CancellationToken cancellationToken);
}
