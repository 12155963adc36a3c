using System.Collections.Immutable;
using System.Text;
using k8s.Models;

namespace Mainstay.Agent.Environments;

/// <summary>What a container's process finds in its environment, in the order in which later ones win.</summary>
/// <param name="Host">PATH, HOME and the like, from the agent's own environment</param>
/// <param name="Image">what image.json sets</param>
/// <param name="Always">POD_IP, MAINSTAY_MOUNT_... and the mark of the container</param>
internal sealed record EnvironmentLayers(
    IEnumerable<KeyValuePair<string, string>> Host,
    IEnumerable<KeyValuePair<string, string>> Image,
    IEnumerable<KeyValuePair<string, string>> Always);

/// <summary>
/// Builds the environment: host, image, always, envFrom, env. A value may use $(NAME) of what stands before it.
/// </summary>
internal sealed class ContainerEnvironment(PodPlace place, IConfigSource configs)
{
    private static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false);
    private readonly Dictionary<string, string> _values = new(StringComparer.Ordinal);

    public async Task<IReadOnlyDictionary<string, string>> BuildAsync(
        V1Container container, EnvironmentLayers layers, CancellationToken cancellationToken)
    {
        _values.Clear();
        foreach (var (name, value) in layers.Host.Concat(layers.Image).Concat(layers.Always))
        {
            _values[name] = value;
        }

        foreach (var source in container.EnvFrom ?? [])
        {
            await AddAllAsync(source, cancellationToken);
        }

        foreach (var variable in container.Env ?? [])
        {
            if (await ValueAsync(variable, cancellationToken) is { } value)
            {
                _values[variable.Name] = value;
            }
        }

        // The mark is how a crashed start is found again: nothing may set it to something else.
        foreach (var (name, value) in layers.Always.Where(pair => pair.Key == Processes.Session.MarkName))
        {
            _values[name] = value;
        }

        return _values;
    }

    private async Task AddAllAsync(V1EnvFromSource source, CancellationToken cancellationToken)
    {
        var (kind, name, optional) = source switch
        {
            { ConfigMapRef: { } reference } => (ConfigKind.ConfigMap, reference.Name, reference.Optional),
            { SecretRef: { } reference } => (ConfigKind.Secret, reference.Name, reference.Optional),
            _ => throw ContainerStartException.Config(
                "an entry of envFrom names neither a configMapRef nor a secretRef"),
        };
        foreach (var (key, bytes) in await EntriesAsync(kind, name, optional == true, cancellationToken))
        {
            _values[source.Prefix + key] = Utf8.GetString(bytes.AsSpan());
        }
    }

    private async Task<string?> ValueAsync(V1EnvVar variable, CancellationToken cancellationToken) => variable switch
    {
        { ValueFrom: null } => VariableExpansion.Expand(variable.Value ?? "", _values),
        { ValueFrom.FieldRef: { } field } => place.Field(field.FieldPath),
        { ValueFrom.ConfigMapKeyRef: { } reference } => await EntryAsync(
            new EntryReference(ConfigKind.ConfigMap, reference.Name, reference.Key, reference.Optional == true),
            cancellationToken),
        { ValueFrom.SecretKeyRef: { } reference } => await EntryAsync(
            new EntryReference(ConfigKind.Secret, reference.Name, reference.Key, reference.Optional == true),
            cancellationToken),
        _ => throw ContainerStartException.Config(
            $"env {variable.Name}: of valueFrom, fieldRef, configMapKeyRef and secretKeyRef are supported"),
    };

    private async Task<string?> EntryAsync(EntryReference reference, CancellationToken cancellationToken)
    {
        var entries = await EntriesAsync(reference.Kind, reference.Name, reference.Optional, cancellationToken);
        if (entries.TryGetValue(reference.Key, out var bytes))
        {
            return Utf8.GetString(bytes.AsSpan());
        }

        return reference.Optional
            ? null
            : throw ContainerStartException.Config(
                $"couldn't find key {reference.Key} in {reference.Kind} {Namespace}/{reference.Name}");
    }

    private async Task<ImmutableSortedDictionary<string, ImmutableArray<byte>>> EntriesAsync(
        ConfigKind kind, string name, bool optional, CancellationToken cancellationToken)
    {
        if (await configs.FindAsync(new ConfigKey(kind, Namespace, name), cancellationToken) is { } found)
        {
            return found.Entries;
        }

        var word = kind == ConfigKind.ConfigMap ? "configmap" : "secret";
        return optional
            ? ImmutableSortedDictionary<string, ImmutableArray<byte>>.Empty
            : throw ContainerStartException.Config($"{word} \"{name}\" not found in namespace {Namespace}");
    }

    private string Namespace => place.Pod.Metadata.NamespaceProperty ?? "default";

    private sealed record EntryReference(ConfigKind Kind, string Name, string Key, bool Optional);
}
