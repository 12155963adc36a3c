using Mainstay.Agent.Api;
using Mainstay.Agent.Environments;

namespace Mainstay.Agent.Proof;

/// <summary>ConfigMaps and Secrets as they stand on disk, for a start that can ask no API server.</summary>
internal sealed class OfflineConfigs(ConfigReader copies) : IConfigSource
{
    public Task<ConfigEntries?> FindAsync(ConfigKey key, CancellationToken cancellationToken) =>
        Task.FromResult<ConfigEntries?>(copies.ReadKept(key)
            ?? throw ContainerStartException.Config($"{key} is not on disk, and would have to be asked for"));

    public Task<string> TokenAsync(TokenRequest request, CancellationToken cancellationToken) =>
        throw ContainerStartException.Config(
            $"a token of service account {request.Namespace}/{request.ServiceAccount} would have to be asked for");
}
