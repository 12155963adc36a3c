using System.Collections.Immutable;
using System.Text;
using k8s.Models;
using Mainstay.Agent.Environments;
using Mainstay.Agent.State;

namespace Mainstay.Agent.Volumes;

/// <summary>
/// Turns a pod's volumes into folders. A process sees no mount, so it is told the folder by MAINSTAY_MOUNT_NAME.
/// Folders of ConfigMaps and Secrets are written anew at each start of a container.
/// </summary>
/// <param name="place">the pod</param>
/// <param name="folder">the pod's own folder for volumes</param>
/// <param name="hostFolder">where hostPath /x is x</param>
/// <param name="configs">for ConfigMaps and Secrets</param>
internal sealed class PodVolumes(PodPlace place, string folder, string hostFolder, IConfigSource configs)
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
    private const long TokenSecondsDefault = 3600;

    /// <summary>Paths of the host are looked at and not made.</summary>
    public bool IsRehearsal { get; init; }

    /// <returns>MAINSTAY_MOUNT_NAME and the path, for each mount of the container</returns>
    public async Task<IReadOnlyList<KeyValuePair<string, string>>> PrepareAsync(
        V1Container container, CancellationToken cancellationToken)
    {
        var variables = new List<KeyValuePair<string, string>>();
        foreach (var mount in container.VolumeMounts ?? [])
        {
            var volume = (place.Pod.Spec.Volumes ?? []).FirstOrDefault(volume => volume.Name == mount.Name)
                ?? throw ContainerStartException.Config($"there is no volume \"{mount.Name}\"");
            var path = await PrepareAsync(volume, cancellationToken);
            variables.Add(new(VariableOf(mount.Name), mount.SubPath is { Length: > 0 } sub ? Below(path, sub) : path));
        }

        return variables;
    }

    public static string VariableOf(string volume) =>
        "MAINSTAY_MOUNT_" + volume.ToUpperInvariant().Replace('-', '_').Replace('.', '_');

    private async Task<string> PrepareAsync(V1Volume volume, CancellationToken cancellationToken)
    {
        if (volume.HostPath is { } hostPath)
        {
            return PrepareHostPath(volume.Name, hostPath);
        }

        var path = Path.Combine(folder, volume.Name);
        Directory.CreateDirectory(path, OwnerOnly);
        var files = new Dictionary<string, VolumeFile>(StringComparer.Ordinal);
        switch (volume)
        {
            case { EmptyDir: not null }:
                return path;
            case { ConfigMap: { } map }:
                await AddAsync(
                    new EntrySource(ConfigKind.ConfigMap, map.Name, map.Items, map.Optional), files, cancellationToken);
                break;
            case { Secret: { } secret }:
                await AddAsync(
                    new EntrySource(
                        ConfigKind.Secret, secret.SecretName, secret.Items, secret.Optional), files, cancellationToken);
                break;
            case { DownwardAPI: { } downward }:
                AddDownward(downward.Items, files);
                break;
            case { Projected: { } projected }:
                foreach (var source in projected.Sources ?? [])
                {
                    await AddAsync(source, files, cancellationToken);
                }

                break;
            default:
                throw ContainerStartException.Config($"volume \"{volume.Name}\" has a type that is not supported");
        }

        WriteFiles(path, files);
        return path;
    }

    private string PrepareHostPath(string name, V1HostPathVolumeSource hostPath)
    {
        var path = Below(hostFolder, hostPath.Path.TrimStart('/'));
        switch (hostPath.Type)
        {
            case "File" when !File.Exists(path):
                throw ContainerStartException.Config($"hostPath of volume \"{name}\": there is no file {path}");
            case "Directory" when !Directory.Exists(path):
                throw ContainerStartException.Config($"hostPath of volume \"{name}\": there is no folder {path}");
            case not ("File" or "Directory") when IsRehearsal:
                break;
            case "FileOrCreate" when !File.Exists(path):
                Directory.CreateDirectory(Path.GetDirectoryName(path) ?? hostFolder);
                File.WriteAllBytes(path, []);
                break;
            case null or "" or "DirectoryOrCreate" when !File.Exists(path):
                Directory.CreateDirectory(path);
                break;
        }

        return path;
    }

    private async Task AddAsync(
        V1VolumeProjection source, Dictionary<string, VolumeFile> files, CancellationToken cancellationToken)
    {
        switch (source)
        {
            case { ConfigMap: { } map }:
                await AddAsync(
                    new EntrySource(ConfigKind.ConfigMap, map.Name, map.Items, map.Optional), files, cancellationToken);
                break;
            case { Secret: { } secret }:
                await AddAsync(
                    new EntrySource(ConfigKind.Secret, secret.Name, secret.Items, secret.Optional),
                    files,
                    cancellationToken);
                break;
            case { DownwardAPI: { } downward }:
                AddDownward(downward.Items, files);
                break;
            case { ServiceAccountToken: { } token }:
                var request = new TokenRequest(
                    Namespace,
                    place.Pod.Spec.ServiceAccountName ?? "default",
                    place.Pod.Metadata.Name,
                    place.Pod.Metadata.Uid ?? "",
                    token.Audience,
                    token.ExpirationSeconds ?? TokenSecondsDefault);
                var text = await configs.TokenAsync(request, cancellationToken);
                files[token.Path] = new VolumeFile([.. Encoding.UTF8.GetBytes(text)]);
                break;
        }
    }

    private async Task AddAsync(
        EntrySource source, Dictionary<string, VolumeFile> files, CancellationToken cancellationToken)
    {
        var key = new ConfigKey(source.Kind, Namespace, source.Name);
        if (await configs.FindAsync(key, cancellationToken) is not { } found)
        {
            var word = source.Kind == ConfigKind.ConfigMap ? "configmap" : "secret";
            _ = source.Optional == true
                ? 0
                : throw ContainerStartException.Config($"{word} \"{source.Name}\" not found in namespace {Namespace}");
            return;
        }

        var all = found.Entries.Keys.Select(name => new V1KeyToPath { Key = name, Path = name });
        foreach (var item in source.Items?.AsEnumerable() ?? all)
        {
            if (found.Entries.TryGetValue(item.Key, out var bytes))
            {
                files[item.Path] = new VolumeFile(bytes);
            }
            else if (source.Optional != true)
            {
                throw ContainerStartException.Config($"couldn't find key {item.Key} in {key}");
            }
        }
    }

    private void AddDownward(IEnumerable<V1DownwardAPIVolumeFile>? items, Dictionary<string, VolumeFile> files)
    {
        foreach (var item in items ?? [])
        {
            var field = item.FieldRef
                ?? throw ContainerStartException.Config($"downwardAPI file {item.Path}: only fieldRef is supported");
            files[item.Path] = new VolumeFile([.. Encoding.UTF8.GetBytes(place.Field(field.FieldPath))]);
        }
    }

    /// <summary>File by file, each whole; what is no longer in the object goes.</summary>
    private static void WriteFiles(string path, Dictionary<string, VolumeFile> files)
    {
        var wanted = new HashSet<string>(StringComparer.Ordinal);
        foreach (var (name, file) in files)
        {
            var target = Below(path, name);
            Directory.CreateDirectory(Path.GetDirectoryName(target) ?? path);
            AtomicFile.Write(target, file.Bytes.AsSpan(), durable: false);
            wanted.Add(target);
        }

        foreach (var old in Directory.EnumerateFiles(path, "*", SearchOption.AllDirectories))
        {
            if (!wanted.Contains(old))
            {
                File.Delete(old);
            }
        }
    }

    /// <summary>A path of a manifest that stays below a folder of ours, whatever dots it has.</summary>
    private static string Below(string root, string relative)
    {
        var full = Path.GetFullPath(Path.Combine(root, relative.TrimStart('/')));
        return full == root || full.StartsWith(root + Path.DirectorySeparatorChar, StringComparison.Ordinal)
            ? full
            : throw ContainerStartException.Config($"path \"{relative}\" leaves its volume");
    }

    private string Namespace => place.Pod.Metadata.NamespaceProperty ?? "default";

    private sealed record EntrySource(ConfigKind Kind, string Name, IList<V1KeyToPath>? Items, bool? Optional);

    private sealed record VolumeFile(ImmutableArray<byte> Bytes);
}
