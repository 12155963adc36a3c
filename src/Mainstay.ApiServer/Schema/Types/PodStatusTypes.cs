using static Mainstay.ApiServer.Schema.Declare;

namespace Mainstay.ApiServer.Schema.Types;

/// <summary>What has become of a pod.</summary>
internal static class PodStatusTypes
{
    private static readonly ObjectSchema Waiting = Define("api.core.v1.ContainerStateWaiting",
        "It has not started yet.",
        Text("reason", "One word for why."),
        Text("message", "The same in a sentence."));

    private static readonly ObjectSchema Running = Define("api.core.v1.ContainerStateRunning",
        "It runs.",
        Time("startedAt", "When it started."));

    private static readonly ObjectSchema Terminated = Define("api.core.v1.ContainerStateTerminated",
        "It has ended.",
        Int32("exitCode", "Its exit code.").Always(),
        Int32("signal", "The signal that ended it."),
        Text("reason", "One word for why."),
        Text("message", "The same in a sentence."),
        Time("startedAt", "When it started."),
        Time("finishedAt", "When it ended."),
        Text("containerID", "The container it was."));

    private static readonly ObjectSchema ContainerState = Define("api.core.v1.ContainerState",
        "What a container does: one of these.",
        One("waiting", Waiting, "It has not started yet."),
        One("running", Running, "It runs."),
        One("terminated", Terminated, "It has ended."));

    private static readonly ObjectSchema ContainerStatus = Define("api.core.v1.ContainerStatus",
        "What has become of a container.",
        Text("name", "The container.").Always(),
        One("state", ContainerState, "What it does."),
        One("lastState", ContainerState, "What it did before it was restarted."),
        Flag("ready", "Whether it may get calls.").Always(),
        Int32("restartCount", "How many times it was restarted.").Always().AtLeast(0),
        Text("image", "The image it runs.").Always(),
        Text("imageID", "The very content of the image.").Always(),
        Text("containerID", "The container itself, as its runtime knows it."),
        Flag("started", "Whether its startup probe has succeeded."),
        QuantityMap("allocatedResources", "What the node keeps for it."),
        One("resources", ContainerTypes.ResourceRequirements, "What it really gets."));

    public static readonly ObjectSchema PodCondition = Define("api.core.v1.PodCondition",
        "One aspect of the state of a pod.",
        Text("type", "The aspect, such as Ready.").InGo("v1.PodConditionType").Always(),
        Int64("observedGeneration", "The generation of the pod that this was said of."),
        Text("status", "True, False or Unknown.").InGo("v1.ConditionStatus").Always(),
        Time("lastProbeTime", "When it was last looked at."),
        Time("lastTransitionTime", "When the status last changed."),
        Text("reason", "One word for why."),
        Text("message", "The same in a sentence."));

    private static readonly ObjectSchema PodIp = Define("api.core.v1.PodIP",
        "An address of a pod.",
        Text("ip", "The address."));

    private static readonly ObjectSchema HostIp = Define("api.core.v1.HostIP",
        "An address of a node.",
        Text("ip", "The address."));

    public static readonly ObjectSchema PodStatus = Define("api.core.v1.PodStatus",
        "What has become of a pod.",
        Int64("observedGeneration", "The generation of the pod that the node has seen."),
        Text("phase", "Pending, Running, Succeeded, Failed or Unknown.").InGo("v1.PodPhase").DefaultsTo("Pending"),
        Many("conditions", PodCondition, "Its state in more detail.").MergeBy("type"),
        Text("message", "Why it is as it is, in a sentence."),
        Text("reason", "The same in one word."),
        Text("nominatedNodeName", "The node where room is being made for it."),
        Text("hostIP", "The address of its node."),
        Many("hostIPs", HostIp, "The addresses of its node.").MergeBy("ip"),
        Text("podIP", "Its address."),
        Many("podIPs", PodIp, "Its addresses.").MergeBy("ip"),
        Time("startTime", "When its node took it on."),
        Many("initContainerStatuses", ContainerStatus, "What has become of its init containers."),
        Many("containerStatuses", ContainerStatus, "What has become of its containers."),
        Many("ephemeralContainerStatuses", ContainerStatus, "What has become of those added for a while."),
        Text("qosClass", "Guaranteed, Burstable or BestEffort, by its resources.").InGo("v1.PodQOSClass"),
        Text("resize", "How far a change of resources has come.").InGo("v1.PodResizeStatus"));
}
