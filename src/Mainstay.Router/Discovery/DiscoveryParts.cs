using System.Collections.Immutable;
using Mainstay.Kernel.Signals;
using Mainstay.Router.Discovery.Freshness;
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

    /// <summary>Where this router's admin pages are; empty for none.</summary>
    public string AdminUrl { get; init; } = "";

    /// <summary>One line of JSON on the last restart proof, for the router's Lease; null for none.</summary>
    public Func<string?> Proof { get; init; } = () => null;

    /// <summary>How long silence is borne.</summary>
    public FreshnessOptions Freshness { get; init; } = new();

    /// <summary>The table on the disk; null keeps none.</summary>
    public SnapshotFile? Snapshot { get; init; }

    /// <summary>Between what the sources say and what is routed on, in this order.</summary>
    public ImmutableArray<IObjectStage> Stages { get; init; } = [];

    /// <summary>auto, endpointslices or endpoints: which kind the endpoints are read from.</summary>
    public string DiscoveryKind { get; init; } = "auto";

    public RouterProtections Protections { get; init; } = RouterProtections.All;
}
