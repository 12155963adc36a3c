using System.Collections.Immutable;

namespace Mainstay.Drills.Stage;

/// <summary>What a drill's platform is raised with.</summary>
internal sealed record StageOptions
{
    /// <summary>The program <c>mainstay</c>.</summary>
    public required string Mainstay { get; init; }

    /// <summary>The data folder of the platform; the stage makes it and removes it.</summary>
    public required string DataFolder { get; init; }

    public required ImmutableArray<string> Without { get; init; }

    /// <summary>Added to every port, so that a drill runs beside a platform.</summary>
    public required int PortOffset { get; init; }

    /// <summary>Added to the second number of every node's address.</summary>
    public required int NodeOffset { get; init; }

    /// <summary>Nodes, zones, first members of the store and API servers: one of each in every zone.</summary>
    public int Zones { get; init; } = 3;

    /// <summary>Leave the platform running at the end.</summary>
    public bool Keep { get; init; }
}
