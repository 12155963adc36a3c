using System.Collections.Immutable;
using Mainstay.Kube;

namespace Mainstay.Router.Discovery;

/// <summary>The objects that a table is made of; frozen.</summary>
internal sealed record DiscoveredObjects(
    ImmutableDictionary<ObjectKey, ServiceObject> Services, ImmutableDictionary<ObjectKey, SliceObject> Slices)
{
    /// <summary>Where the agent of each node is, as far as it may be asked; for the snapshot.</summary>
    public ImmutableDictionary<string, Uri> Agents { get; init; } = ImmutableDictionary<string, Uri>.Empty;

    public static readonly DiscoveredObjects None = new(
        ImmutableDictionary<ObjectKey, ServiceObject>.Empty, ImmutableDictionary<ObjectKey, SliceObject>.Empty);
}
