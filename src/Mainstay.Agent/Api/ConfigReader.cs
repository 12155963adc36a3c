using System.Collections.Immutable;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Mainstay.Agent.Environments;
using Mainstay.Agent.State;
using Mainstay.Kube;
using Microsoft.Extensions.Logging;

namespace Mainstay.Agent.Api;

/// <summary>
/// ConfigMaps and Secrets from the API server, each kept on disk (0600) as it was last seen. When the server is away
/// or hangs, the copy is taken: a container that crashes then must be able to come back. Thread safe.
/// </summary>
internal sealed class ConfigReader(ApiConnection connection, string folder, ILogger logger) : IConfigSource
{
    public async Task<ConfigEntries?> FindAsync(ConfigKey key, CancellationToken cancellationToken)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        deadline.CancelAfter(Limits.ConfigFetch);
        var fault = "there is no kubeconfig yet";
        if (connection.Current is { } http)
        {
            var server = http.Server;
            try
            {
                var plural = key.Kind == ConfigKind.ConfigMap ? "configmaps" : "secrets";
                using var answer = await http.GetAsync(
                    $"/api/v1/namespaces/{key.Namespace}/{plural}/{key.Name}", deadline.Token);
                var entries = Read(key.Kind, answer.RootElement);
                Keep(key, entries);
                return entries;
            }
            catch (KubeStatusException e) when (e.IsNotFound)
            {
                Drop(key);
                return null;
            }
            catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
            {
                fault = $"no answer from {server} within {Limits.ConfigFetch.TotalSeconds:0} s";
                http.Leave(server);
            }
            catch (Exception e) when (ApiConnection.IsOfTheWorld(e))
            {
                fault = e.Message;
                http.Leave(server);
            }
        }

        if (ReadKept(key) is { } kept)
        {
            AgentLog.ConfigFromDisk(logger, key.ToString(), fault);
            return kept;
        }

        throw ContainerStartException.Config($"{key} cannot be read and no copy is on disk: {fault}");
    }

    public async Task<string> TokenAsync(TokenRequest request, CancellationToken cancellationToken)
    {
        var body = new JsonObject
        {
            ["apiVersion"] = "authentication.k8s.io/v1",
            ["kind"] = "TokenRequest",
            ["spec"] = new JsonObject
            {
                ["audiences"] = request.Audience is null ? new JsonArray() : new JsonArray(request.Audience),
                ["expirationSeconds"] = request.Seconds,
                ["boundObjectRef"] = new JsonObject
                {
                    ["apiVersion"] = "v1",
                    ["kind"] = "Pod",
                    ["name"] = request.PodName,
                    ["uid"] = request.PodUid,
                },
            },
        };
        try
        {
            var http = connection.Current
                ?? throw ContainerStartException.Config(
                    "a service account token needs an API server; there is no kubeconfig yet");
            using var answer = await http.CreateAsync(
                $"/api/v1/namespaces/{request.Namespace}/serviceaccounts/{request.ServiceAccount}/token",
                body,
                cancellationToken);
            return answer.RootElement.GetProperty("status").GetProperty("token").GetString() ?? "";
        }
        catch (Exception e) when (ApiConnection.IsOfTheWorld(e) || e is KeyNotFoundException)
        {
            throw ContainerStartException.Config(
                $"no token for service account {request.Namespace}/{request.ServiceAccount}: {e.Message}");
        }
    }

    /// <summary>Copies that no pod of this node names any more go.</summary>
    public void KeepOnly(IEnumerable<ConfigKey> keys)
    {
        if (Directory.Exists(folder))
        {
            var wanted = keys.Select(FileOf).ToHashSet(StringComparer.Ordinal);
            foreach (var file in Directory.EnumerateFiles(folder).Where(file => !wanted.Contains(file)))
            {
                File.Delete(file);
            }
        }
    }

    private static ConfigEntries Read(ConfigKind kind, JsonElement json)
    {
        var entries = ImmutableSortedDictionary.CreateBuilder<string, ImmutableArray<byte>>(StringComparer.Ordinal);
        foreach (var (field, isBase64) in new[] { ("data", kind == ConfigKind.Secret), ("binaryData", true) })
        {
            if (json.TryGetProperty(field, out var map) && map.ValueKind == JsonValueKind.Object)
            {
                foreach (var entry in map.EnumerateObject())
                {
                    entries[entry.Name] = isBase64
                        ? [.. entry.Value.GetBytesFromBase64()]
                        : [.. Encoding.UTF8.GetBytes(entry.Value.GetString() ?? "")];
                }
            }
        }

        return new ConfigEntries(entries.ToImmutable());
    }

    private void Keep(ConfigKey key, ConfigEntries entries)
    {
        var json = new JsonObject();
        foreach (var (name, bytes) in entries.Entries)
        {
            json[name] = Convert.ToBase64String(bytes.AsSpan());
        }

        Directory.CreateDirectory(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        AtomicFile.WriteText(FileOf(key), json.ToJsonString(), durable: false);
    }

    private void Drop(ConfigKey key)
    {
        if (File.Exists(FileOf(key)))
        {
            File.Delete(FileOf(key));
        }
    }

    /// <returns>null if there is no copy, or none that can be read</returns>
    public ConfigEntries? ReadKept(ConfigKey key)
    {
        try
        {
            using var json = JsonDocument.Parse(File.ReadAllText(FileOf(key)));
            return new ConfigEntries(json.RootElement.EnumerateObject().ToImmutableSortedDictionary(
                entry => entry.Name,
                entry => ImmutableArray.Create(entry.Value.GetBytesFromBase64()),
                StringComparer.Ordinal));
        }
        catch (Exception e) when (e is IOException or JsonException or FormatException or InvalidOperationException)
        {
            return null;
        }
    }

    private string FileOf(ConfigKey key) => Path.Combine(
        folder, $"{key.Kind}_{Uri.EscapeDataString(key.Namespace)}_{Uri.EscapeDataString(key.Name)}.json");
}
