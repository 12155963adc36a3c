using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using k8s;
using k8s.Models;
using Mainstay.Agent.Pods;
using Mainstay.Kube;
using Microsoft.Extensions.Logging;

namespace Mainstay.Agent.Manifests;

/// <summary>
/// The pods of a folder of manifests, one in each *.yaml, *.yml or *.json. They need no API server: a platform starts
/// from them. A file that makes no sense keeps its last good pod and is named in the log. Read again when inotify
/// says so, and now and then. One loop owns it; <see cref="Pods"/> may be read from any thread.
/// </summary>
internal sealed class StaticPods(StaticPodsOptions options, TimeProvider time, ILogger logger)
{
    private static readonly string[] Endings = [".yaml", ".yml", ".json"];
    private readonly Dictionary<string, ManifestFile> _files = new(StringComparer.Ordinal);
    private ImmutableArray<V1Pod> _pods = [];
    private ImmutableArray<RefusedManifest> _refused = [];
    private volatile bool _isRead;

    /// <summary>False until the folder was read once: absence means nothing before.</summary>
    public bool IsRead => _isRead;

    public ImmutableArray<V1Pod> Pods => ImmutableInterlocked.InterlockedCompareExchange(ref _pods, [], []);

    /// <summary>Files that make no sense now, and why; those with a last good pod keep it.</summary>
    public ImmutableArray<RefusedManifest> Refused =>
        ImmutableInterlocked.InterlockedCompareExchange(ref _refused, [], []);

    /// <param name="changed">called after each change of the pods, on this loop</param>
    /// <param name="cancellationToken">ends the loop</param>
    public async Task RunAsync(Action changed, CancellationToken cancellationToken)
    {
        if (options.Folder is not { } folder)
        {
            _isRead = true;
            changed();
            return;
        }

        Directory.CreateDirectory(folder);
        using var stirred = new SemaphoreSlim(0);
        using var watcher = new FileSystemWatcher(folder);
        watcher.Changed += (_, _) => stirred.Release();
        watcher.Created += (_, _) => stirred.Release();
        watcher.Deleted += (_, _) => stirred.Release();
        watcher.Renamed += (_, _) => stirred.Release();
        watcher.EnableRaisingEvents = true;
        try
        {
            while (true)
            {
                if (Read())
                {
                    changed();
                }

                if (await stirred.WaitAsync(Limits.ManifestPoll, cancellationToken))
                {
                    await Task.Delay(Limits.ManifestSettle, time, cancellationToken);
                }

                while (await stirred.WaitAsync(TimeSpan.Zero, cancellationToken))
                {
                }
            }
        }
        catch (OperationCanceledException)
        {
            // The agent ends; its static pods run on.
        }
    }

    /// <returns>true if the pods are others than before</returns>
    public bool Read()
    {
        if (!Directory.Exists(options.Folder))
        {
            // A folder that is gone is a mount or a mistake; to stop pods, one removes their files.
            return false;
        }

        var found = new HashSet<string>(StringComparer.Ordinal);
        foreach (var path in Directory.EnumerateFiles(options.Folder).Where(IsManifest))
        {
            found.Add(path);
            ReadFile(path);
        }

        foreach (var gone in _files.Keys.Where(path => !found.Contains(path)).ToList())
        {
            _files.Remove(gone);
        }

        ImmutableArray<V1Pod> pods = [.. Distinct()];
        var same = pods.Select(pod => pod.Metadata.Uid).SequenceEqual(Pods.Select(pod => pod.Metadata.Uid));
        ImmutableInterlocked.InterlockedExchange(ref _pods, pods);
        ImmutableInterlocked.InterlockedExchange(ref _refused, [..
            from file in _files
            let fault = file.Value.Fault
            where fault is not null
            orderby file.Key
            select new RefusedManifest(file.Key, fault, file.Value.Pod is not null)]);
        var isFirst = !_isRead;
        _isRead = true;
        return !same || isFirst;
    }

    private void ReadFile(string path)
    {
        try
        {
            if (new FileInfo(path).Length > Limits.ManifestBytesMax)
            {
                throw new FormatException($"the file is longer than {Limits.ManifestBytesMax} bytes");
            }

            var text = File.ReadAllText(path);
            var known = _files.GetValueOrDefault(path);
            if (known?.Text == text)
            {
                return;
            }

            // Remembered before it is understood: a broken file is named once, not at each look.
            _files[path] = new ManifestFile(text, known?.Pod);
            var pod = Parse(text, options.NodeName, path);
            _files[path] = new ManifestFile(text, pod);
            AgentLog.StaticPod(logger, pod.Metadata.NamespaceProperty, pod.Metadata.Name, path);
        }
        catch (Exception e)
        {
            // Whatever a file holds, even what trips over a bug of ours: one bad file harms one pod.
            _files[path] = (_files.GetValueOrDefault(path) ?? new ManifestFile("", null)) with { Fault = e.Message };
            AgentLog.ManifestRefused(logger, path, e.Message);
        }
    }

    /// <summary>Of two files with a pod of one name the first by file name counts.</summary>
    private IEnumerable<V1Pod> Distinct() =>
        _files.OrderBy(pair => pair.Key, StringComparer.Ordinal)
            .Select(pair => pair.Value.Pod)
            .OfType<V1Pod>()
            .DistinctBy(pod => (pod.Metadata.NamespaceProperty, pod.Metadata.Name));

    private static bool IsManifest(string path) =>
        Endings.Contains(Path.GetExtension(path), StringComparer.Ordinal) && !Path.GetFileName(path).StartsWith('.');

    /// <summary>
    /// A pod as this node runs it: named with the node's name at its end, its uid made from its content, so that the
    /// same file is the same pod after a restart and another content another pod.
    /// </summary>
    internal static V1Pod Parse(string text, string nodeName, string path)
    {
        var json = Yaml.ParseSingle(text) ?? throw new FormatException("the file is empty");
        var pod = KubernetesJson.Deserialize<V1Pod>(json.ToJsonString());
        if (pod is not { Kind: "Pod", ApiVersion: "v1" })
        {
            throw new FormatException($"the file holds {pod?.ApiVersion}/{pod?.Kind}, not a v1 Pod");
        }

        if (pod.Metadata?.Name is not { Length: > 0 } || pod.Spec?.Containers is not { Count: > 0 } containers)
        {
            throw new FormatException("metadata.name and spec.containers are required");
        }

        if (containers.Any(
            container => container.Name is not { Length: > 0 } || container.Image is not { Length: > 0 }))
        {
            throw new FormatException("each of spec.containers needs a name and an image");
        }

        var all = containers.Concat(pod.Spec.InitContainers ?? []).ToList();
        if (all.DistinctBy(container => container.Name).Count() != all.Count)
        {
            throw new FormatException("two of spec.containers have the same name");
        }

        var hash = Convert.ToHexStringLower(
            SHA256.HashData(Encoding.UTF8.GetBytes($"{nodeName}\0{path}\0{json.ToJsonString()}")))[..32];
        pod.Metadata.Name = $"{pod.Metadata.Name}-{nodeName}";
        pod.Metadata.NamespaceProperty ??= "default";
        pod.Metadata.Uid = hash;
        pod.Metadata.Annotations = new Dictionary<string, string>(
            pod.Metadata.Annotations ?? new Dictionary<string, string>())
        {
            [MirrorAnnotations.Hash] = hash,
            [MirrorAnnotations.Source] = "file",
        };
        pod.Spec.NodeName = nodeName;
        _ = PodShape.Of(pod);
        return pod;
    }

    private sealed record ManifestFile(string Text, V1Pod? Pod)
    {
        public string? Fault { get; init; }
    }
}

/// <param name="HasLastGood">a pod from before the fault is still in use</param>
internal sealed record RefusedManifest(string Path, string Fault, bool HasLastGood);

/// <param name="Folder">null: there are no static pods</param>
internal sealed record StaticPodsOptions(string? Folder, string NodeName);

/// <summary>By which Kubernetes knows static pods and their mirrors.</summary>
internal static class MirrorAnnotations
{
    public const string Mirror = "kubernetes.io/config.mirror";
    public const string Hash = "kubernetes.io/config.hash";
    public const string Source = "kubernetes.io/config.source";

    /// <summary>
    /// While one static pod takes over from another, both have one name, and the mirror is of one of them.
    /// </summary>
    public static bool IsMirrorOf(V1Pod pod, string uid) =>
        pod.Metadata.Annotations?.TryGetValue(Mirror, out var of) == true && of == uid;

    public static bool IsMirror(V1Pod pod) => pod.Metadata.Annotations?.ContainsKey(Mirror) == true;
}
