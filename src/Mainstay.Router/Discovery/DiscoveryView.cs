using System.Collections.Immutable;
using Mainstay.Kernel.Signals;
using Mainstay.Kube;

namespace Mainstay.Router.Discovery;

/// <summary>Where the table in use comes from.</summary>
internal enum SourceState
{
    /// <summary>Nothing yet, from anywhere.</summary>
    Connecting,

    /// <summary>From the disk, while nobody has been heard.</summary>
    Snapshot,

    /// <summary>From the source, which is heard.</summary>
    Live,
}

/// <summary>What discovery says about itself, for the admin pages. Frozen; a new one is made for each look.</summary>
/// <param name="Server">the source: the API server's address or a file</param>
/// <param name="State">where the table is from</param>
/// <param name="HeardAgo">time since the source was last heard; null when never</param>
/// <param name="SnapshotAge">age of what is on the disk; null when there is nothing</param>
/// <param name="Quarantined">objects that are kept out</param>
internal sealed record DiscoveryView(
    string Server,
    SourceState State,
    TimeSpan? HeardAgo,
    TimeSpan? SnapshotAge,
    IReadOnlyList<QuarantinedObject> Quarantined)
{
    /// <summary>How far each watch has brought the heartbeat, the endpoints' first; empty where none is read.</summary>
    public ImmutableArray<Hop> Hops { get; init; } = [];

    /// <summary>How far the watch of the endpoints has brought it; null where none is read.</summary>
    public Hop? Hop => Hops is [var endpoints, ..] ? endpoints : null;

    /// <summary>How far the watch of Services has brought it; null where it has brought none.</summary>
    public Hop? ServicesHop => Hops is [_, var services, ..] ? services : null;

    /// <summary>Objects of which a quorum list told what the watch had not, since the start.</summary>
    public long Repairs { get; init; }
}

/// <summary>Something that knows how discovery stands. Thread safe.</summary>
internal interface IDiscovery
{
    DiscoveryView View { get; }
}

/// <summary>A table from a file, read once: for tests and benchmarks.</summary>
internal sealed class StaticDiscovery(string file) : IDiscovery
{
    public DiscoveryView View => new(file, SourceState.Live, TimeSpan.Zero, null, []);
}
