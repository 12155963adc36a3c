using System.Collections.Immutable;
using System.Text.Json;
using Mainstay.ConsoleSite.Checks;
using Mainstay.ConsoleSite.Signals;
using Mainstay.Kube;

namespace Mainstay.ConsoleSite.Nodes;

/// <summary>A pod of a node, as the API server has it.</summary>
/// <param name="Name">namespace/name</param>
public sealed record NodePod(string Name, string Node, bool Ready, long Restarts, string Waiting)
{
    /// <summary>It ends again and again.</summary>
    public bool Crashes => Waiting == "CrashLoopBackOff";

    public static NodePod? Read(JsonElement json)
    {
        var meta = ObjectMeta.Read(json);
        var status = json.Child("status");
        var containers = status?.Items("containerStatuses").ToList() ?? [];
        return status?.Text("phase") is "Succeeded" or "Failed" ? null : new NodePod(
            $"{meta.Key.Namespace}/{meta.Key.Name}",
            json.Child("spec")?.Text("nodeName") ?? "",
            status?.Items("conditions").Any(c => c.Text("type") == "Ready" && c.Text("status") == "True") ?? false,
            containers.Sum(container => container.Number("restartCount") ?? 0),
            containers.Select(container => container.Child("state")?.Child("waiting")?.Text("reason") ?? "")
                .FirstOrDefault(reason => reason.Length > 0) ?? "");
    }
}

/// <summary>A node as the API server has it.</summary>
/// <param name="Ready">its Ready condition: True, False or Unknown</param>
/// <param name="Renewed">of its Lease, by the node's own clock; null without one</param>
public sealed record ClusterNode(string Name, string Zone, string Ready, bool Cordoned, DateTimeOffset? Renewed);

/// <summary>All that a verdict on nodes rests on.</summary>
/// <param name="Signals">of the platform, roots first</param>
/// <param name="Proofs">of routers and agents</param>
/// <param name="Nodes">as the API server has them; empty where none answers</param>
/// <param name="Pods">all that run or should</param>
/// <param name="Fault">why nothing is known from the API servers; empty when it is</param>
public sealed record NodeFacts(
    SignalReport Signals, ImmutableArray<PartProof> Proofs, ImmutableArray<ClusterNode> Nodes,
    ImmutableArray<NodePod> Pods, string Fault);

/// <summary>Reads what is needed, side by side, each with a deadline.</summary>
public sealed class NodeReader(PlatformMap map, TimeProvider time)
{
    public async Task<NodeFacts> ReadAsync(CancellationToken cancellationToken)
    {
        var signals = SignalLook.OnceAsync(map, time, cancellationToken);
        var proofs = new PlatformReader(map, time).ReadProofsAsync(cancellationToken);
        var lists = new ApiLists(map, time).ListAsync(
            [
                new ListedKind("Node", "/api/v1/nodes"), new ListedKind("Pod", "/api/v1/pods"), ListedKind.Leases,
            ],
            cancellationToken);
        await Task.WhenAll(signals, proofs, lists);
        var (nodes, pods, leases) = ((await lists)[0], (await lists)[1], (await lists)[2]);
        return new NodeFacts(
            await signals,
            await proofs,
            [.. nodes.Items.SelectMany(node => Tolerantly(() => NodeOf(node, leases)))],
            [.. pods.Items.SelectMany(pod => Tolerantly(() => NodePod.Read(pod)))],
            nodes.Fault.Length > 0 ? nodes.Fault : pods.Fault);
    }

    private static ClusterNode NodeOf(JsonElement json, ObjectList leases)
    {
        var meta = ObjectMeta.Read(json);
        var ready = json.Child("status")?.Items("conditions").FirstOrDefault(c => c.Text("type") == "Ready");
        var lease = leases.Items.FirstOrDefault(item => ObjectScan.NameOf(item) == $"kube-node-lease/{meta.Key.Name}");
        return new ClusterNode(
            meta.Key.Name,
            meta.Labels.GetValueOrDefault("topology.kubernetes.io/zone", ""),
            ready?.Text("status") is { Length: > 0 } text ? text : "Unknown",
            json.Child("spec")?.Flag("unschedulable") ?? false,
            lease.ValueKind == JsonValueKind.Object ? lease.Child("spec")?.Time("renewTime") : null);
    }

    /// <summary>One object that makes no sense is left out, alone.</summary>
    private static IEnumerable<T> Tolerantly<T>(Func<T?> read)
        where T : class
    {
        try
        {
            return read() is { } value ? [value] : [];
        }
        catch (MalformedObjectException)
        {
            return [];
        }
    }
}
