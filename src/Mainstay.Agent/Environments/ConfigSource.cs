using System.Collections.Immutable;

namespace Mainstay.Agent.Environments;

internal enum ConfigKind
{
    ConfigMap,
    Secret,
}

/// <summary>Which ConfigMap or Secret: <c>ConfigMap bank/settings</c>.</summary>
internal sealed record ConfigKey(ConfigKind Kind, string Namespace, string Name)
{
    public override string ToString() => $"{Kind} {Namespace}/{Name}";
}

/// <summary>The entries of a ConfigMap (data and binaryData) or a Secret.</summary>
internal sealed record ConfigEntries(ImmutableSortedDictionary<string, ImmutableArray<byte>> Entries);

/// <summary>Where containers get their ConfigMaps and Secrets from.</summary>
internal interface IConfigSource
{
    /// <returns>null if there is none: the API server says so</returns>
    /// <exception cref="ContainerStartException">the API server cannot be asked and no copy is on disk</exception>
    Task<ConfigEntries?> FindAsync(ConfigKey key, CancellationToken cancellationToken);

    /// <summary>A token of the service account, for a projected volume.</summary>
    /// <exception cref="ContainerStartException">the API server cannot be asked</exception>
    Task<string> TokenAsync(TokenRequest request, CancellationToken cancellationToken);
}

/// <param name="Seconds">how long it is to be good</param>
internal sealed record TokenRequest(
    string Namespace, string ServiceAccount, string PodName, string PodUid, string? Audience, long Seconds);
