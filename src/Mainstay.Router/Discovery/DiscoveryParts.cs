using System.Collections.Immutable;
using Mainstay.Kernel.Signals;
using Mainstay.Router.Pipeline;
using Microsoft.Extensions.Logging;

namespace Mainstay.Router.Discovery;

/// <summary>What discovery needs of the world.</summary>
internal sealed record DiscoveryWorld(ILogger Logger, TimeProvider Time, Random Random);

/// <summary>What discovery is put together from.</summary>
/// <param name="Tables">where tables go</param>
/// <param name="Signals">the router's one board</param>
internal sealed record DiscoveryParts(TableSource Tables, SignalBoard Signals)
{
    /// <summary>The node that the router serves.</summary>
    public string Node { get; init; } = "node";

    /// <summary>The table on the disk; null keeps none.</summary>
    public SnapshotFile? Snapshot { get; init; }

    /// <summary>Between what the sources say and what is routed on, in this order.</summary>
    public ImmutableArray<IObjectStage> Stages { get; init; } = [];

    public RouterProtections Protections { get; init; } = RouterProtections.All;
}
