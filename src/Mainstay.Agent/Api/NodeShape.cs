using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.Json.Nodes;

namespace Mainstay.Agent.Api;

/// <summary>The Node object as this agent writes it: labels, capacity, addresses, conditions.</summary>
internal sealed class NodeShape(NodeAgentOptions options)
{
    private const string Version = "v1.32.0-mainstay";

    public string Name => options.Name;

    public JsonObject Object() => new()
    {
        ["apiVersion"] = "v1",
        ["kind"] = "Node",
        ["metadata"] = new JsonObject { ["name"] = options.Name, ["labels"] = Labels() },
        ["spec"] = new JsonObject
        {
            ["podCIDR"] = options.PodCidr,
            ["podCIDRs"] = new JsonArray(options.PodCidr),
        },
    };

    public JsonObject LabelsPatch() => new() { ["metadata"] = new JsonObject { ["labels"] = Labels() } };

    public JsonObject StatusPatch(DateTimeOffset now, DateTimeOffset readySince)
    {
        var resources = new JsonObject
        {
            ["cpu"] = Environment.ProcessorCount.ToString(CultureInfo.InvariantCulture),
            ["memory"] = $"{MemoryKibibytes()}Ki",
            ["pods"] = options.MaxPods.ToString(CultureInfo.InvariantCulture),
        };
        return new JsonObject
        {
            ["status"] = new JsonObject
            {
                ["capacity"] = resources,
                ["allocatable"] = resources.DeepClone(),
                ["conditions"] = new JsonArray(
                    Condition("MemoryPressure", holds: false, now, readySince),
                    Condition("DiskPressure", holds: false, now, readySince),
                    Condition("PIDPressure", holds: false, now, readySince),
                    Condition("Ready", holds: true, now, readySince)),
                ["addresses"] = new JsonArray(
                    new JsonObject { ["type"] = "InternalIP", ["address"] = options.Address },
                    new JsonObject { ["type"] = "Hostname", ["address"] = options.Name }),
                ["daemonEndpoints"] = new JsonObject
                {
                    ["kubeletEndpoint"] = new JsonObject { ["Port"] = options.Port },
                },
                ["nodeInfo"] = Info(),
            },
        };
    }

    public JsonObject Lease(DateTimeOffset now, string? nodeUid) => new()
    {
        ["apiVersion"] = "coordination.k8s.io/v1",
        ["kind"] = "Lease",
        ["metadata"] = new JsonObject
        {
            ["name"] = options.Name,
            ["namespace"] = "kube-node-lease",
            ["ownerReferences"] = nodeUid is null ? null : new JsonArray(new JsonObject
            {
                ["apiVersion"] = "v1",
                ["kind"] = "Node",
                ["name"] = options.Name,
                ["uid"] = nodeUid,
            }),
        },
        ["spec"] = new JsonObject
        {
            ["holderIdentity"] = options.Name,
            ["leaseDurationSeconds"] = Limits.LeaseDurationSeconds,
            ["renewTime"] = MicroTime(now),
        },
    };

    /// <summary>metav1.MicroTime: six digits and a Z, or a real API server refuses it.</summary>
    public static string MicroTime(DateTimeOffset at) =>
        at.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'", CultureInfo.InvariantCulture);

    public static string Time(DateTimeOffset at) =>
        at.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    private JsonObject Labels()
    {
        var labels = new JsonObject
        {
            ["kubernetes.io/hostname"] = options.Name,
            ["kubernetes.io/os"] = "linux",
            ["kubernetes.io/arch"] = Architecture(),
        };
        if (options.Zone is { Length: > 0 } zone)
        {
            labels["topology.kubernetes.io/zone"] = zone;
        }

        foreach (var (name, value) in options.Labels)
        {
            labels[name] = value;
        }

        return labels;
    }

    private static JsonObject Condition(string type, bool holds, DateTimeOffset now, DateTimeOffset since) => new()
    {
        ["type"] = type,
        ["status"] = holds ? "True" : "False",
        ["reason"] = holds ? "AgentReady" : $"AgentHasNo{type}",
        ["message"] = holds ? "the node agent reports" : $"the node has no {type}",
        ["lastHeartbeatTime"] = Time(now),
        ["lastTransitionTime"] = Time(since),
    };

    private static JsonObject Info() => new()
    {
        ["architecture"] = Architecture(),
        ["operatingSystem"] = "linux",
        ["kernelVersion"] = Environment.OSVersion.Version.ToString(),
        ["osImage"] = RuntimeInformation.OSDescription,
        ["containerRuntimeVersion"] = "mainstay://0.1.0",
        ["kubeletVersion"] = Version,
        ["kubeProxyVersion"] = Version,
        ["bootID"] = Processes.ProcFs.BootId,
        ["machineID"] = ReadLine("/etc/machine-id"),
        ["systemUUID"] = "",
    };

    private static string Architecture() => RuntimeInformation.OSArchitecture switch
    {
        System.Runtime.InteropServices.Architecture.X64 => "amd64",
        System.Runtime.InteropServices.Architecture.Arm64 => "arm64",
        var other => other.ToString().ToLowerInvariant(),
    };

    private static long MemoryKibibytes()
    {
        var line = File.ReadLines("/proc/meminfo").First();
        return long.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture);
    }

    private static string ReadLine(string file) => File.Exists(file) ? File.ReadAllText(file).Trim() : "";
}
