using Mainstay.Kube;

namespace Mainstay.Controllers.Core;

/// <summary>A kind of object and where an API server keeps it.</summary>
internal sealed record KubeKind(string Group, string Version, string Plural, string Kind)
{
    public bool Namespaced { get; init; } = true;

    public string ApiVersion => Group.Length == 0 ? Version : $"{Group}/{Version}";

    public string Root => Group.Length == 0 ? $"/api/{Version}" : $"/apis/{Group}/{Version}";

    /// <summary>All of them, of every namespace.</summary>
    public string Everywhere => $"{Root}/{Plural}";

    public string In(string space) => Namespaced ? $"{Root}/namespaces/{space}/{Plural}" : Everywhere;

    public string PathOf(ObjectKey key, string subresource = "") =>
        $"{In(key.Namespace)}/{key.Name}{(subresource.Length == 0 ? "" : "/" + subresource)}";
}

/// <summary>Every kind that the controllers read or write.</summary>
internal static class Kinds
{
    public static readonly KubeKind Pod = new("", "v1", "pods", "Pod");
    public static readonly KubeKind Node = new("", "v1", "nodes", "Node") { Namespaced = false };
    public static readonly KubeKind Namespace = new("", "v1", "namespaces", "Namespace") { Namespaced = false };
    public static readonly KubeKind Service = new("", "v1", "services", "Service");
    public static readonly KubeKind Endpoints = new("", "v1", "endpoints", "Endpoints");
    public static readonly KubeKind ConfigMap = new("", "v1", "configmaps", "ConfigMap");
    public static readonly KubeKind Secret = new("", "v1", "secrets", "Secret");
    public static readonly KubeKind ServiceAccount = new("", "v1", "serviceaccounts", "ServiceAccount");
    public static readonly KubeKind Event = new("", "v1", "events", "Event");
    public static readonly KubeKind Deployment = new("apps", "v1", "deployments", "Deployment");
    public static readonly KubeKind ReplicaSet = new("apps", "v1", "replicasets", "ReplicaSet");
    public static readonly KubeKind DaemonSet = new("apps", "v1", "daemonsets", "DaemonSet");
    public static readonly KubeKind ControllerRevision = new("apps", "v1", "controllerrevisions", "ControllerRevision");
    public static readonly KubeKind EndpointSlice = new("discovery.k8s.io", "v1", "endpointslices", "EndpointSlice");
    public static readonly KubeKind Lease = new("coordination.k8s.io", "v1", "leases", "Lease");
}
