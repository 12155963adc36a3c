using System.Collections.Immutable;
using System.Globalization;
using k8s.Models;
using Mainstay.Controllers.Core;
using Mainstay.Kube;

namespace Mainstay.Controllers.Routed;

/// <summary>
/// A router as its Lease tells of it. One that has died or hangs, on a node that lives, stays in the list: its table is
/// what it was, and so it lags. Only a node that is lost excuses its router.
/// </summary>
/// <param name="Node">where it runs</param>
/// <param name="Applied">all slices up to this revision are in its table; null when the Lease says none</param>
/// <param name="IsNodeLost">its node is lost or gone: nobody calls through it</param>
internal sealed record RouterSeen(string Node, ulong? Applied, bool IsNodeLost)
{
    private const string PartLabel = "mainstay.dev/part";
    public const string Selector = PartLabel + "=router";
    private const string LeasePrefix = "mainstay-router-";
    private const string NodeAnnotation = "mainstay.dev/node";
    private const string AppliedAnnotation = "mainstay.dev/applied-revision";
    private const string KeptOutAnnotation = "mainstay.dev/kept-out";

    /// <summary>
    /// Objects that make no sense to it, so that their last word is not in its table whatever the revision says:
    /// KIND/NAMESPACE/NAME, or <c>*</c> for more than it could name.
    /// </summary>
    public ImmutableHashSet<string> KeptOut { get; init; } = [];

    /// <summary>The object that keeps what is demanded out of its table; null where there is none.</summary>
    public string? KeepsOut(RoutedDemand demand)
    {
        if (KeptOut.IsEmpty || demand.Slice is not { } slice)
        {
            return null;
        }

        string[] needed =
        [
            $"EndpointSlice/{slice}", $"Endpoints/{slice}", $"Service/{slice.Namespace}/{demand.Service}", "*",
        ];
        return needed.FirstOrDefault(KeptOut.Contains);
    }

    /// <summary>Whether the Lease is one router's own: those that routers share have the label, and other
    /// names.</summary>
    public static bool IsRouter(V1ObjectMeta lease) =>
        lease.Labels is { } labels && labels.TryGetValue(PartLabel, out var part) && part == "router"
        && lease.Name.StartsWith(LeasePrefix, StringComparison.Ordinal);

    public static ImmutableArray<RouterSeen> All(ClusterCaches caches) =>
        [.. caches.RouterLeases.All.Where(IsRouter).Select(lease => Read(lease, caches))
            .OrderBy(router => router.Node, StringComparer.Ordinal)];

    private static RouterSeen Read(V1ObjectMeta lease, ClusterCaches caches)
    {
        var node = Note(lease, NodeAnnotation) is { Length: > 0 } said ? said
            : lease.Name[LeasePrefix.Length..];
        // Zero is no revision of any store: such a Lease says nothing, and its router lags until it does.
        ulong? applied = ulong.TryParse(Note(lease, AppliedAnnotation), NumberStyles.None,
            CultureInfo.InvariantCulture, out var revision) && revision > 0 ? revision : null;
        return new RouterSeen(node, applied, IsLost(caches.Nodes.Get(new ObjectKey("", node))))
        {
            KeptOut = [.. (Note(lease, KeptOutAnnotation) ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries)],
        };
    }

    private static bool IsLost(V1Node? node) =>
        node is null || node.Status?.Conditions?.Any(c => c is { Type: "Ready", Status: "Unknown" }) == true;

    private static string? Note(V1ObjectMeta meta, string name) =>
        meta.Annotations is { } notes && notes.TryGetValue(name, out var value) ? value : null;
}
