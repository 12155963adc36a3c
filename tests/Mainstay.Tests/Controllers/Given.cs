using System.Text.Json;
using System.Text.Json.Nodes;
using k8s;
using k8s.Models;
using Mainstay.Controllers.Core;
using Mainstay.Kube;

namespace Mainstay.Tests.Controllers;

/// <summary>Caches filled from YAML, as a reflector would fill them from JSON.</summary>
internal static class Given
{
    public static readonly DateTimeOffset Now = new(2026, 6, 1, 12, 0, 0, TimeSpan.Zero);

    /// <summary>Objects in YAML; a uid not said is the name, a namespace not said is <c>n</c>.</summary>
    public static ClusterCaches Cluster(params string[] yaml)
    {
        var caches = new ClusterCaches();
        Add(caches, yaml);
        return caches;
    }

    public static void Add(ClusterCaches caches, params string[] yaml)
    {
        foreach (var node in yaml.SelectMany(Yaml.ParseAll))
        {
            Put(caches, (JsonObject)node);
        }
    }

    public static void Remove(ClusterCaches caches, string kind, string name)
    {
        var key = new ObjectKey(kind is "Node" or "Namespace" ? "" : "n", name);
        switch (kind)
        {
            case "Pod":
                caches.Pods.Objects.Deleted(key, "999");
                break;
            case "ReplicaSet":
                caches.ReplicaSets.Objects.Deleted(key, "999");
                break;
            case "Node":
                caches.Nodes.Objects.Deleted(key, "999");
                break;
            default:
                throw new ArgumentException(kind);
        }
    }

    public static string Node(string name, string zone = "zone-a", string more = "") => $$"""
        kind: Node
        metadata: {name: {{name}}, labels: {topology.kubernetes.io/zone: {{zone}}, kubernetes.io/hostname: {{name}} } }
        spec: { {{more}} }
        status:
          allocatable: {cpu: "4", memory: 8Gi, pods: "110"}
          conditions: [{type: Ready, status: "True", lastHeartbeatTime: "2026-06-01T11:00:00Z"}]
        """;

    /// <summary>A pod that runs and is ready, of an owner, on a node.</summary>
    public static string Pod(string name, string owner, string node = "node-1", string status = "") => $$"""
        kind: Pod
        metadata:
          name: {{name}}
          labels: {app: web}
          ownerReferences: [{apiVersion: apps/v1, kind: ReplicaSet, name: {{owner}}, uid: {{owner}}, controller: true}]
        spec: {nodeName: {{node}}, containers: [{name: c, image: i, ports: [{name: http, containerPort: 8080}]}]}
        status: {{(status.Length > 0 ? status : Ready("10.0.0." + (name.Sum(c => c) % 250)))}}
        """;

    public static string Ready(string address, string since = "2026-06-01T11:00:00Z") =>
        "{phase: Running, podIP: " + address + ", conditions: [{type: Ready, status: \"True\", lastTransitionTime: \""
        + since + "\"}]}";

    /// <summary>The Lease by which a router says what it has applied.</summary>
    public static string Router(string node, string applied) => $$"""
        kind: Lease
        metadata:
          name: mainstay-router-{{node}}
          namespace: kube-system
          labels: {mainstay.dev/part: router}
          annotations: {mainstay.dev/node: {{node}}, mainstay.dev/applied-revision: "{{applied}}"}
        """;

    private static void Put(ClusterCaches caches, JsonObject node)
    {
        var meta = (JsonObject)node["metadata"]!;
        var kind = node["kind"]!.ToString();
        var name = meta["name"]!.ToString();
        meta["uid"] ??= name;
        meta["resourceVersion"] ??= "5";
        if (kind is not ("Node" or "Namespace"))
        {
            meta["namespace"] ??= kind == "Lease" ? "kube-node-lease" : "n";
        }
        var key = new ObjectKey(meta["namespace"]?.ToString() ?? "", name);
        var element = JsonSerializer.SerializeToElement(node);
        switch (kind)
        {
            case "Pod":
                caches.Pods.Objects.Changed(key, KubernetesJson.Deserialize<V1Pod>(element), "5");
                break;
            case "Node":
                caches.Nodes.Objects.Changed(key, KubernetesJson.Deserialize<V1Node>(element), "5");
                break;
            case "Namespace":
                caches.Namespaces.Objects.Changed(key, KubernetesJson.Deserialize<V1Namespace>(element), "5");
                break;
            case "Service":
                caches.Services.Objects.Changed(key, KubernetesJson.Deserialize<V1Service>(element), "5");
                break;
            case "Lease" when meta["namespace"]!.ToString() == "kube-system":
                caches.RouterLeases.Objects.Changed(key, Bare.ReadMetaOnly(element), "5");
                break;
            case "Lease":
                caches.NodeLeases.Objects.Changed(key, KubernetesJson.Deserialize<V1Lease>(element), "5");
                break;
            case "Deployment":
                caches.Deployments.Objects.Changed(key, Kept<V1Deployment>.Read(element), "5");
                break;
            case "ReplicaSet":
                caches.ReplicaSets.Objects.Changed(key, Kept<V1ReplicaSet>.Read(element), "5");
                break;
            case "DaemonSet":
                caches.DaemonSets.Objects.Changed(key, Kept<V1DaemonSet>.Read(element), "5");
                break;
            case "Endpoints":
                caches.Endpoints.Objects.Changed(key, Bare.Read(element), "5");
                break;
            case "EndpointSlice":
                caches.EndpointSlices.Objects.Changed(key, Bare.Read(element), "5");
                break;
            case "ConfigMap":
                caches.ConfigMaps.Objects.Changed(key, Bare.ReadMetaOnly(element), "5");
                break;
            default:
                throw new ArgumentException(kind);
        }
    }
}
