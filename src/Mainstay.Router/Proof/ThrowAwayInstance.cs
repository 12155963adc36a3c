using Mainstay.Kernel;
using Mainstay.Kernel.Proofs;
using Mainstay.Kube;

namespace Mainstay.Router.Proof;

/// <summary>
/// What runs under <c>--prove</c>: the same binary with the same flags, in an address space of its own, that starts as
/// a router starts, says in one line how far it got, and ends. It writes no snapshot, registers nowhere and listens on
/// a loopback port of the kernel's choice only.
/// </summary>
internal static class ThrowAwayInstance
{
    /// <exception cref="StartException">there is nothing to start from</exception>
    public static async Task RunAsync(RouterOptions options, ProofKind kind, CancellationToken cancellationToken)
    {
        if (options.Kubeconfig is not { } file)
        {
            throw new StartException(
                "--prove: a router with a static table has nothing to load", "name a --kubeconfig", ExitCodes.Usage);
        }

        try
        {
            var request = new ProofRequest(Kubeconfig.Load(file))
            {
                Kind = kind,
                SnapshotPath = options.SnapshotPath,
                HeartbeatAtLeast = options.ProveHeartbeat,
                ServicesHeartbeatAtLeast = options.ProveServicesHeartbeat,
                EndpointsFrom = options.DiscoveryKind,
                Strict = !options.Protections.Tolerance,
            };
            var runs = await RouterProof.RunAsync(request, cancellationToken);
            await using var output = Console.OpenStandardOutput();
            await output.WriteAsync(ProofJson.Line(json => ProofRunJson.Write(json, runs)), cancellationToken);
            await output.WriteAsync("\n"u8.ToArray(), cancellationToken);
        }
        catch (KubeconfigException fault)
        {
            throw new StartException(fault.Message, "name a good one by --kubeconfig");
        }
    }
}
