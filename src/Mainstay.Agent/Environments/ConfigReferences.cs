using k8s.Models;

namespace Mainstay.Agent.Environments;

/// <summary>Which ConfigMaps and Secrets a pod names: the copies of these are kept.</summary>
internal static class ConfigReferences
{
    public static IEnumerable<ConfigKey> Of(V1Pod pod)
    {
        var @namespace = pod.Metadata.NamespaceProperty ?? "default";
        var containers = pod.Spec.Containers.Concat(pod.Spec.InitContainers ?? []);
        var names = containers.SelectMany(OfContainer).Concat((pod.Spec.Volumes ?? []).SelectMany(OfVolume));
        return names
            .Where(name => name.Name is { Length: > 0 })
            .Select(name => new ConfigKey(name.Kind, @namespace, name.Name ?? ""));
    }

    private static IEnumerable<(ConfigKind Kind, string? Name)> OfContainer(V1Container container)
    {
        foreach (var source in container.EnvFrom ?? [])
        {
            yield return (ConfigKind.ConfigMap, source.ConfigMapRef?.Name);
            yield return (ConfigKind.Secret, source.SecretRef?.Name);
        }

        foreach (var variable in container.Env ?? [])
        {
            yield return (ConfigKind.ConfigMap, variable.ValueFrom?.ConfigMapKeyRef?.Name);
            yield return (ConfigKind.Secret, variable.ValueFrom?.SecretKeyRef?.Name);
        }
    }

    private static IEnumerable<(ConfigKind Kind, string? Name)> OfVolume(V1Volume volume)
    {
        yield return (ConfigKind.ConfigMap, volume.ConfigMap?.Name);
        yield return (ConfigKind.Secret, volume.Secret?.SecretName);
        foreach (var source in volume.Projected?.Sources ?? [])
        {
            yield return (ConfigKind.ConfigMap, source.ConfigMap?.Name);
            yield return (ConfigKind.Secret, source.Secret?.Name);
        }
    }
}
