using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using k8s;
using k8s.Models;
using Mainstay.Agent.Pods;

namespace Mainstay.Agent.State;

internal enum PodSource
{
    /// <summary>From a file of the manifests folder.</summary>
    Static,

    /// <summary>From the API server.</summary>
    Api,
}

/// <summary>A pod that this node is to run; changes seldom.</summary>
/// <param name="Ip">its own address; the node's for a host-network pod</param>
internal sealed record PodRecord(V1Pod Pod, PodSource Source, string Ip)
{
    public string Uid => Pod.Metadata.Uid;

    public string Namespace => Pod.Metadata.NamespaceProperty ?? "default";

    public string Name => Pod.Metadata.Name;

    public bool IsHostNetwork => Pod.Spec.HostNetwork == true;

    /// <summary>The name of its folder of logs.</summary>
    public string FolderName => $"{Namespace}_{Name}_{Uid}";
}

/// <summary>What became of a pod; changes with each start and end of a process.</summary>
/// <param name="Status">as it was reported last, so that times of transitions outlive the agent</param>
internal sealed record PodRun(PodState State, JsonNode? Status);

[JsonSourceGenerationOptions(
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull, UseStringEnumConverter = true, WriteIndented = false)]
[JsonSerializable(typeof(PodRun))]
internal sealed partial class StateJson : JsonSerializerContext;

/// <summary>
/// The known pods on disk, state/pods/UID/: pod.json (what to run; synced to disk) and run.json (its processes; a
/// power cut ends those anyway). What cannot be read is set aside under its name with .broken and harms no other pod.
/// One writer for each pod.
/// </summary>
internal sealed class PodFolder(string stateFolder)
{
    private const string PodFile = "pod.json";
    private const string RunFile = "run.json";

    /// <summary>A synced write of one file takes well below a second, but for a disk that is very busy.</summary>
    internal const int PeeksMax = 15;

    internal static readonly TimeSpan PeekPause = TimeSpan.FromMilliseconds(200);

    public string Root { get; } = Path.Combine(stateFolder, "pods");

    /// <summary>
    /// As <see cref="ReadAll"/>, beside the agent that writes here, and leaves everything where it is. A folder whose
    /// file is not there yet, or no more, is looked at again: its pod comes or goes at this moment.
    /// </summary>
    /// <param name="broken">is told the folder and the fault of each pod that cannot be read</param>
    /// <param name="time">waits for the agent, <see cref="PeekPause"/> times <see cref="PeeksMax"/> at most</param>
    /// <param name="cancellationToken">ends the wait</param>
    public async Task<IReadOnlyList<PodRecord>> PeekAsync(
        Action<string, string> broken, TimeProvider time, CancellationToken cancellationToken)
    {
        for (var looks = 1; ; looks++)
        {
            var faults = new List<(string Folder, string Fault)>();
            var records = Directory.Exists(Root) ? ReadEach((folder, fault) => faults.Add((folder, fault))) : [];
            if (faults.Count == 0 || looks == PeeksMax)
            {
                faults.ForEach(found => broken(found.Folder, found.Fault));
                return records;
            }

            await Task.Delay(PeekPause, time, cancellationToken);
        }
    }

    /// <param name="setAside">is told the folder and the fault of each pod that cannot be read</param>
    public IReadOnlyList<PodRecord> ReadAll(Action<string, string> setAside)
    {
        Directory.CreateDirectory(Root);
        return ReadEach((folder, fault) =>
        {
            setAside(folder, fault);
            Directory.Move(folder, $"{folder}.{Directory.GetDirectories(Root).Length}.broken");
        });
    }

    private List<PodRecord> ReadEach(Action<string, string> broken)
    {
        var records = new List<PodRecord>();
        foreach (var folder in Directory.EnumerateDirectories(Root))
        {
            if (folder.EndsWith(".broken", StringComparison.Ordinal))
            {
                continue;
            }

            try
            {
                records.Add(ReadRecord(folder));
            }
            catch (Exception e) when (e is JsonException or IOException or FormatException
                or InvalidOperationException or ArgumentException or UnauthorizedAccessException)
            {
                broken(folder, e.Message);
            }
        }

        return records;
    }

    public void Save(PodRecord record)
    {
        Directory.CreateDirectory(FolderOf(record.Uid));
        var json = new JsonObject
        {
            ["source"] = record.Source.ToString(),
            ["ip"] = record.Ip,
            ["pod"] = JsonNode.Parse(KubernetesJson.Serialize(record.Pod)),
        };
        AtomicFile.WriteText(Path.Combine(FolderOf(record.Uid), PodFile), json.ToJsonString(), durable: true);
    }

    public static byte[] ToBytes(PodRun run) => JsonSerializer.SerializeToUtf8Bytes(run, StateJson.Default.PodRun);

    public void SaveRun(string uid, ReadOnlySpan<byte> run) =>
        AtomicFile.Write(Path.Combine(FolderOf(uid), RunFile), run, durable: false);

    /// <returns>null if nothing was started yet, or nobody can tell any more</returns>
    public PodRun? ReadRun(string uid)
    {
        var file = Path.Combine(FolderOf(uid), RunFile);
        try
        {
            return File.Exists(file)
                ? JsonSerializer.Deserialize(File.ReadAllBytes(file), StateJson.Default.PodRun)
                : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>Whether something was written down of its processes, readable or not.</summary>
    public bool HasRun(string uid) => File.Exists(Path.Combine(FolderOf(uid), RunFile));

    public void Forget(string uid)
    {
        if (Directory.Exists(FolderOf(uid)))
        {
            Directory.Delete(FolderOf(uid), recursive: true);
        }
    }

    private static PodRecord ReadRecord(string folder)
    {
        var json = JsonNode.Parse(File.ReadAllText(Path.Combine(folder, PodFile)))
            ?? throw new JsonException("the file is empty");
        var pod = KubernetesJson.Deserialize<V1Pod>(json["pod"]?.ToJsonString() ?? "null");
        return pod?.Metadata?.Uid is null || pod.Spec?.Containers is not { Count: > 0 }
            ? throw new JsonException("the file holds no pod")
            : new PodRecord(pod, Enum.Parse<PodSource>((string?)json["source"] ?? ""), (string?)json["ip"] ?? "");
    }

    private string FolderOf(string uid) => Path.Combine(Root, uid);
}
