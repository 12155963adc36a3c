using System.Text.Json.Nodes;
using static Mainstay.ApiServer.Schema.Declare;

namespace Mainstay.ApiServer.Schema.Types;

/// <summary>Nodes: what pods run on.</summary>
internal static class NodeTypes
{
    private static readonly ObjectSchema Taint = Define("api.core.v1.Taint",
        "Keeps pods away that do not tolerate it.",
        Text("key", "Its key.").Required().CheckedBy(Checks.Qualified),
        Text("value", "Its value.").CheckedBy(Checks.Named(NameRules.IsLabelValue)),
        Text("effect", "NoSchedule, PreferNoSchedule or NoExecute.").InGo("v1.TaintEffect").Required()
            .OneOf("NoSchedule", "PreferNoSchedule", "NoExecute"),
        Time("timeAdded", "When a NoExecute taint was put on."));

    private static readonly ObjectSchema NodeSpec = Define("api.core.v1.NodeSpec",
        "How a node is to be used.",
        Text("podCIDR", "The range its pods take their addresses from."),
        Texts("podCIDRs", "All such ranges.").MergedAsSet(),
        Text("providerID", "The machine, as its provider knows it."),
        Flag("unschedulable", "True: no new pods."),
        Many("taints", Taint, "What keeps pods away."),
        Text("externalID", "No longer used."));

    private static readonly ObjectSchema NodeAddress = Define("api.core.v1.NodeAddress",
        "An address of a node.",
        Text("type", "Hostname, InternalIP, ExternalIP, ...").InGo("v1.NodeAddressType").Always(),
        Text("address", "The address.").Always());

    private static readonly ObjectSchema NodeCondition = Define("api.core.v1.NodeCondition",
        "One aspect of the state of a node.",
        Text("type", "The aspect, such as Ready.").InGo("v1.NodeConditionType").Always(),
        Text("status", "True, False or Unknown.").InGo("v1.ConditionStatus").Always(),
        Time("lastHeartbeatTime", "When the node last said so."),
        Time("lastTransitionTime", "When the status last changed."),
        Text("reason", "One word for why."),
        Text("message", "The same in a sentence."));

    private static readonly ObjectSchema DaemonEndpoint = Define("api.core.v1.DaemonEndpoint",
        "A port.",
        Int32("Port", "Its number.").Always());

    private static readonly ObjectSchema NodeDaemonEndpoints = Define("api.core.v1.NodeDaemonEndpoints",
        "Where the agents of a node listen.",
        One("kubeletEndpoint", DaemonEndpoint, "The agent that runs the pods.")
            .DefaultsTo(new JsonObject { ["Port"] = 0 }));

    private static readonly ObjectSchema NodeSystemInfo = Define("api.core.v1.NodeSystemInfo",
        "What the machine is.",
        Text("machineID", "The machine's id.").Always().DefaultsTo(""),
        Text("systemUUID", "The hardware's id.").Always().DefaultsTo(""),
        Text("bootID", "New with each start of the machine.").Always().DefaultsTo(""),
        Text("kernelVersion", "The kernel.").Always().DefaultsTo(""),
        Text("osImage", "The system.").Always().DefaultsTo(""),
        Text("containerRuntimeVersion", "What runs the containers.").Always().DefaultsTo(""),
        Text("kubeletVersion", "The agent's version.").Always().DefaultsTo(""),
        Text("kubeProxyVersion", "The proxy's version.").Always().DefaultsTo(""),
        Text("operatingSystem", "linux or windows.").Always().DefaultsTo(""),
        Text("architecture", "amd64, arm64, ...").Always().DefaultsTo(""));

    private static readonly ObjectSchema ContainerImage = Define("api.core.v1.ContainerImage",
        "An image that is on a node.",
        Texts("names", "Its names."),
        Int64("sizeBytes", "Its size in bytes."));

    private static readonly ObjectSchema AttachedVolume = Define("api.core.v1.AttachedVolume",
        "A disk that is attached.",
        Text("name", "Its name.").InGo("v1.UniqueVolumeName").Always(),
        Text("devicePath", "Where.").Always());

    private static readonly ObjectSchema NodeStatus = Define("api.core.v1.NodeStatus",
        "What a node has and how it is.",
        QuantityMap("capacity", "What it has."),
        QuantityMap("allocatable", "What of it pods may use."),
        Text("phase", "No longer used.").InGo("v1.NodePhase"),
        Many("conditions", NodeCondition, "How it is.").MergeBy("type"),
        Many("addresses", NodeAddress, "Its addresses.").MergeBy("type"),
        One("daemonEndpoints", NodeDaemonEndpoints, "Where its agents listen.").DefaultsTo(new JsonObject()),
        One("nodeInfo", NodeSystemInfo, "What the machine is.").DefaultsTo(new JsonObject()),
        Many("images", ContainerImage, "Images it has."),
        Texts("volumesInUse", "Disks that are mounted.").InGo("v1.UniqueVolumeName"),
        Many("volumesAttached", AttachedVolume, "Disks that are attached."))
        .DefaultedBy(DefaultAllocatable);

    public static readonly ObjectSchema Node = MetaTypes.Root("api.core.v1.Node",
        "A machine, or a part of one, that pods run on.",
        One("spec", NodeSpec, "How it is to be used.").DefaultsTo(new JsonObject()),
        One("status", NodeStatus, "What it has and how it is.").DefaultsTo(new JsonObject()))
        .CheckedBy(CheckNode);

    private static void DefaultAllocatable(JsonObject status)
    {
        if (status["allocatable"] is null && status["capacity"] is { } capacity)
        {
            status["allocatable"] = capacity.DeepClone();
        }
    }

    private static void CheckNode(JsonObject node, FieldPath path, FieldErrors errors)
    {
        var taints = FieldPath.Root.Child("spec").Child("taints");
        var seen = new HashSet<string>(StringComparer.Ordinal);
        var index = 0;
        foreach (var taint in node["spec"].ObjectsAt("taints"))
        {
            if (!seen.Add($"{taint.TextIn("key")} {taint.TextIn("effect")}"))
            {
                errors.Add(FieldErrorType.Duplicate, taints.Index(index), taint,
                    "taints must be unique by key and effect pair");
            }

            index++;
        }
    }
}
