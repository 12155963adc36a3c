using k8s.Models;

namespace Mainstay.Agent.Environments;

/// <summary>Where a pod is: what it and its fieldRefs are told of their own place.</summary>
/// <param name="Ip">the pod's address; the node's for a host-network pod</param>
internal sealed record PodPlace(V1Pod Pod, string Ip, string HostIp, string NodeName)
{
    /// <summary>The value of a fieldRef.</summary>
    /// <exception cref="ContainerStartException">there is no such field, or it is not offered</exception>
    public string Field(string path)
    {
        var metadata = Pod.Metadata;
        return path switch
        {
            "metadata.name" => metadata.Name,
            "metadata.namespace" => metadata.NamespaceProperty ?? "default",
            "metadata.uid" => metadata.Uid ?? "",
            "spec.nodeName" => NodeName,
            "spec.serviceAccountName" => Pod.Spec.ServiceAccountName ?? "default",
            "status.podIP" or "status.podIPs" => Ip,
            "status.hostIP" or "status.hostIPs" => HostIp,
            "metadata.labels" => Lines(metadata.Labels),
            "metadata.annotations" => Lines(metadata.Annotations),
            _ when Subscript(path, "metadata.labels") is { } key => Value(metadata.Labels, key),
            _ when Subscript(path, "metadata.annotations") is { } key => Value(metadata.Annotations, key),
            _ => throw ContainerStartException.Config($"fieldRef.fieldPath \"{path}\" is not supported"),
        };
    }

    private static string? Subscript(string path, string field) =>
        path.StartsWith(field + "['", StringComparison.Ordinal) && path.EndsWith("']", StringComparison.Ordinal)
            ? path[(field.Length + 2)..^2]
            : null;

    private static string Value(IDictionary<string, string>? map, string key) =>
        map is not null && map.TryGetValue(key, out var value) ? value : "";

    private static string Lines(IDictionary<string, string>? map) => string.Join(
        '\n',
        (map ?? new Dictionary<string, string>())
            .OrderBy(pair => pair.Key, StringComparer.Ordinal)
            .Select(pair => $"{pair.Key}=\"{pair.Value.Replace("\"", "\\\"", StringComparison.Ordinal)}\""));
}
