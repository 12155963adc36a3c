using System.Net;
using Mainstay.Kernel;

namespace Mainstay.Controllers;

/// <summary>What the controllers are told at their start.</summary>
public sealed class ControllersOptions
{
    /// <summary>The kubeconfig that says where the API server is and who the controllers are there.</summary>
    public required string KubeconfigPath { get; init; }

    /// <summary>Where /healthz, /readyz and /metrics are served.</summary>
    public string Listen { get; init; } = "127.0.0.1:10257";

    /// <summary>Seconds that a pod without tolerations of its own stays bound to a lost node; from 0. Default
    /// 300.</summary>
    public int PodEvictionSeconds { get; init; } = 300;

    /// <summary>Seconds without a renewed Lease after which a node counts as lost; from 5. Default 40.</summary>
    public int NodeGraceSeconds { get; init; } = 40;

    /// <summary>Whether several instances agree, by a Lease, which one acts. Off where there is only one.</summary>
    public bool LeaderElect { get; init; }

    /// <summary>Protections switched off by name, for drills; <c>gate</c>, or <c>all</c>.</summary>
    public IReadOnlyList<string> Without { get; init; } = [];

    /// <summary>Whether new pods get the readiness gate and rollouts wait for the routers.</summary>
    internal bool HasGate => !Without.Any(name => name is "gate" or "all");

    /// <summary>The validated address of <see cref="Listen"/>.</summary>
    internal IPEndPoint Validate()
    {
        var faults = new List<string>();
        if (!IPEndPoint.TryParse(Listen, out var endpoint))
        {
            faults.Add($"--listen: \"{Listen}\" is no address:port");
        }
        if (PodEvictionSeconds < 0)
        {
            faults.Add($"--pod-eviction-seconds: {PodEvictionSeconds} is below 0");
        }
        if (NodeGraceSeconds < 5)
        {
            faults.Add($"--node-grace-seconds: {NodeGraceSeconds} is below 5");
        }
        if (KubeconfigPath.Length == 0)
        {
            faults.Add("--kubeconfig is missing");
        }
        faults.AddRange(Without.Where(name => name is not ("gate" or "all"))
            .Select(name => $"--without: \"{name}\" is no protection of the controllers: there are gate and all"));
        return faults.Count == 0 && endpoint is not null ? endpoint
            : throw new StartException(string.Join("; ", faults), "see mainstay controllers --help", ExitCodes.Usage);
    }
}
