using System.Collections.Immutable;
using System.Text.Json;

namespace Mainstay.ConsoleSite.Checks;

/// <summary>
/// A kind of objects that a cluster may serve; <see cref="Path"/> lists all of them.
/// </summary>
public sealed record ListedKind(string Kind, string Path)
{
    public static readonly ListedKind Services = new("Service", "/api/v1/services");
    public static readonly ListedKind Endpoints = new("Endpoints", "/api/v1/endpoints");
    public static readonly ListedKind Slices = new("EndpointSlice", "/apis/discovery.k8s.io/v1/endpointslices");
    public static readonly ListedKind OldSlices = new("EndpointSlice", "/apis/discovery.k8s.io/v1beta1/endpointslices");
    public static readonly ListedKind Deployments = new("Deployment", "/apis/apps/v1/deployments");
    public static readonly ListedKind ReplicaSets = new("ReplicaSet", "/apis/apps/v1/replicasets");
    public static readonly ListedKind StatefulSets = new("StatefulSet", "/apis/apps/v1/statefulsets");
    public static readonly ListedKind DaemonSets = new("DaemonSet", "/apis/apps/v1/daemonsets");
    public static readonly ListedKind Leases = new(
        "Lease", "/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases");

    public string Plural => Kind.EndsWith('s') ? Kind : Kind + "s";
}

/// <summary>
/// What a list of one kind from one API server was: its items as they came, or why there are none. Not served (404) is
/// a state of its own; all else that fails is a reason not to know.
/// </summary>
public sealed record ObjectList(ListedKind Kind, ImmutableArray<JsonElement> Items, string Fault)
{
    /// <summary>The server does not know this kind.</summary>
    public bool NotServed { get; init; }

    /// <summary>The server answered and the list is what it has.</summary>
    public bool Known => Fault.Length == 0 && !NotServed;

    /// <summary>Items is no list at all: null or of another type; a strict reader fails on it.</summary>
    public string Shape { get; init; } = "";

    public static ObjectList Failed(ListedKind kind, string why) => new(kind, [], why);
}
