using System.Net;
using System.Net.Sockets;
using System.Text.RegularExpressions;
using Mainstay.Agent.Addresses;
using Mainstay.Agent.Proof;

namespace Mainstay.Agent;

/// <summary>What a node agent is told. Paths may be relative to the working directory.</summary>
public sealed partial class NodeAgentOptions
{
    public const int PortDefault = 10250;
    public const int MaxPodsDefault = 110;

    /// <summary>The node's name, such as node-1.</summary>
    public required string Name { get; init; }

    /// <summary>The node's own IPv4 address; the agent serves HTTP there.</summary>
    public required string Address { get; init; }

    /// <summary>Where the pods' addresses come from, such as 127.17.0.0/16.</summary>
    public required string PodCidr { get; init; }

    /// <summary>The value of the label topology.kubernetes.io/zone; none if null.</summary>
    public string? Zone { get; init; }

    /// <summary>The agent's own folder: state/ and pods/ lie in it.</summary>
    public required string DataFolder { get; init; }

    /// <summary>The image store.</summary>
    public required string ImagesFolder { get; init; }

    /// <summary>Where hostPath /x is x.</summary>
    public required string VolumesFolder { get; init; }

    /// <summary>Static pods; none if null.</summary>
    public string? ManifestsFolder { get; init; }

    /// <summary>The way to the API server; null: static pods only. Need not exist yet.</summary>
    public string? KubeconfigFile { get; init; }

    /// <summary>0 lets the system choose, which tests want.</summary>
    public int Port { get; init; } = PortDefault;

    public int MaxPods { get; init; } = MaxPodsDefault;

    public IReadOnlyDictionary<string, string> Labels { get; init; } = new Dictionary<string, string>();

    /// <summary>
    /// What every container finds in its environment unless its image or pod says otherwise: PATH, HOME, ...
    /// </summary>
    public IReadOnlyDictionary<string, string> HostEnvironment { get; init; } = new Dictionary<string, string>();

    /// <summary>How to start another agent like this one, for proofs; null: restarts stay unproven.</summary>
    public ThrowAwayCommand? ThrowAway { get; init; }

    /// <summary>Every fault at once, each naming its option.</summary>
    public IReadOnlyList<string> Faults()
    {
        var faults = new List<string>();
        if (!NodeName().IsMatch(Name))
        {
            faults.Add($"--name \"{Name}\" must be a lower-case name such as node-1");
        }

        if (!IPAddress.TryParse(Address, out var address) || address.AddressFamily != AddressFamily.InterNetwork)
        {
            faults.Add($"--address \"{Address}\" must be an IPv4 address");
        }

        if (Addresses.PodCidr.Parse(PodCidr, out var fault) is null)
        {
            faults.Add($"--pod-cidr: {fault}");
        }

        if (Port is < 0 or > 65535)
        {
            faults.Add($"--port {Port} must be from 0 to 65535");
        }

        if (MaxPods is < 1 or > 10_000)
        {
            faults.Add($"--max-pods {MaxPods} must be from 1 to 10000");
        }

        return faults;
    }

    [GeneratedRegex(@"^[a-z0-9]([-a-z0-9.]{0,61}[a-z0-9])?\z")]
    private static partial Regex NodeName();
}
