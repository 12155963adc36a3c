using Mainstay.Kernel;

namespace Mainstay.Up;

/// <summary>Which store stands behind the API server.</summary>
internal enum StoreKind
{
    /// <summary>Our own, one process.</summary>
    Embedded,

    /// <summary>Debian's etcd, one process per member.</summary>
    Etcd,
}

/// <summary>What a person asked of <c>mainstay up</c>.</summary>
internal sealed record UpOptions
{
    /// <summary>Node agents on this machine, 1 to <see cref="NodesMax"/>.</summary>
    public required int Nodes { get; init; }

    /// <summary>Zones that the nodes are spread over, 1 to 26 and at most the nodes.</summary>
    public required int Zones { get; init; }

    public required StoreKind Store { get; init; }

    /// <summary>Members of etcd, 1 to 9; our own store is always one.</summary>
    public required int Members { get; init; }

    /// <summary>API servers, 1 to the number of nodes: number i stands on node i.</summary>
    public int ApiServers { get; init; } = 1;

    /// <summary>The data folder, absolute.</summary>
    public required string DataFolder { get; init; }

    /// <summary>Added to every port on 127.0.0.1, so that two platforms run side by side.</summary>
    public required int PortOffset { get; init; }

    /// <summary>Added to the second number of every node's address.</summary>
    public required int NodeOffset { get; init; }

    /// <summary>The sample to deploy, or none.</summary>
    public required bool WithBank { get; init; }

    /// <summary>Protections that are switched off, for drills only: names of <see cref="Protections"/>.</summary>
    public IReadOnlyList<string> Without { get; init; } = [];

    /// <summary>Node n has 127.(16+n).0.0/16, so that the second number ends at 255.</summary>
    public const int NodesMax = 200;

    /// <summary>All that is wrong with the options together, in words; empty when nothing is.</summary>
    public IEnumerable<string> Faults()
    {
        if (Nodes is < 1 or > NodesMax)
        {
            yield return $"--nodes is {Nodes}; give 1 to {NodesMax}";
        }

        if (Zones is < 1 or > 26 || Zones > Nodes)
        {
            yield return $"--zones is {Zones}; give 1 to 26, and not more zones than nodes ({Nodes})";
        }

        if (Members is < 1 or > 9)
        {
            yield return $"--members is {Members}; give 1 to 9";
        }

        if (ApiServers < 1 || ApiServers > Nodes)
        {
            yield return $"--api-servers is {ApiServers}; give 1 to the number of nodes ({Nodes})";
        }

        if (Store == StoreKind.Embedded && Members != 1)
        {
            yield return $"--members {Members} needs --store etcd; "
                + "the embedded store is one process and does not pretend to be a cluster";
        }

        foreach (var name in Without.Where(name => !Protections.All.Contains(name, StringComparer.Ordinal)))
        {
            yield return $"--without: there is no protection '{name}'; there are {string.Join(", ", Protections.All)}";
        }

        if (PortOffset is < 0 or > 40000)
        {
            yield return $"--port-offset is {PortOffset}; give 0 to 40000";
        }

        if (NodeOffset < 0 || NodeOffset + Nodes > 238)
        {
            yield return $"--node-offset {NodeOffset} with {Nodes} nodes leaves 127.0.0.0/8; give 0 to {238 - Nodes}";
        }
    }

    public void Check()
    {
        var faults = string.Join("; ", Faults());
        if (faults.Length > 0)
        {
            throw new StartException(faults, "'mainstay up --help' tells what each option takes", ExitCodes.Usage);
        }
    }
}
