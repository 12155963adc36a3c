using System.Security.Cryptography;
using System.Text;
using Mainstay.Kernel.Signals;
using Mainstay.Kube;
using Mainstay.Router.Discovery;

namespace Mainstay.Router.Proof;

/// <summary>Puts the proofs of a serving router together.</summary>
internal sealed class ProofSetup : IDisposable
{
    private readonly KubeHttp _http;

    private ProofSetup(KubeHttp http, ProofLoop loop) => (_http, Loop) = (http, loop);

    public ProofLoop Loop { get; }

    /// <returns>null for a router with a static table, which loads nothing and has nothing to prove</returns>
    public static ProofSetup? Create(RouterOptions options, IDiscovery discovery, SignalBoard board, TimeProvider time)
    {
        if (options.Kubeconfig is not { } file)
        {
            return null;
        }

        var kubeconfig = Kubeconfig.Load(file);
        var http = KubeHttp.Create(kubeconfig, new KubeHttpOptions
        {
            UserAgent = "mainstay-proof",
            Time = time,
            RequestTimeout = ProofLimits.RequestDeadline,
        });
        SeenHeartbeats Seen() =>
            new(discovery.View.Hop?.Sequence ?? -1, discovery.View.ServicesHop?.Sequence ?? -1);
        var setting = new ProofSetting(options.Node, BuildOf(options, kubeconfig), Seen)
        {
            Fleet = new LeaseFleet(http, options.Node, time),
            Board = board,
            Time = time,
            Random = new Random(),
        };
        var warm = new ProofRequest(kubeconfig)
        {
            Kind = ProofKind.Warm, SnapshotPath = options.SnapshotPath, Time = time,
        };
        return new ProofSetup(http, new ProofLoop(new ProofProcess(warm, time), setting));
    }

    public void Dispose() => _http.Dispose();

    /// <summary>
    /// The program's bytes and what of its configuration decides whether it can load: a proof by one router holds for
    /// another with the same.
    /// </summary>
    internal static string BuildOf(RouterOptions options, Kubeconfig kubeconfig)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var own = Path.Combine(AppContext.BaseDirectory, "Mainstay.Router.dll");
        foreach (var program in (string[])[Environment.ProcessPath ?? "", own])
        {
            if (File.Exists(program))
            {
                hash.AppendData(SHA256.HashData(File.ReadAllBytes(program)));
            }
        }

        var configuration = string.Join(
            '\n', [ClusterIdentity.Of(kubeconfig), .. kubeconfig.Servers.Select(server => server.ToString()),
                options.ClusterDomain, options.DiscoveryKind, .. options.Protections.Off]);
        hash.AppendData(Encoding.UTF8.GetBytes(configuration));
        return Convert.ToHexStringLower(hash.GetHashAndReset().AsSpan(0, 16));
    }
}
