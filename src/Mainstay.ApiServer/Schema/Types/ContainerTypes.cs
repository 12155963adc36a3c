using System.Text.Json.Nodes;
using static Mainstay.ApiServer.Schema.Declare;
using static Mainstay.ApiServer.Schema.Types.SecurityTypes;
using static Mainstay.ApiServer.Schema.Types.VolumeTypes;

namespace Mainstay.ApiServer.Schema.Types;

/// <summary>The containers of a pod.</summary>
internal static class ContainerTypes
{
    public static readonly ObjectSchema ContainerPort = Define("api.core.v1.ContainerPort",
        "A port that a container listens on.",
        Text("name", "A name that services can use for it.").CheckedBy(Checks.PortName),
        Int32("hostPort", "The port of the node that leads to it.").CheckedBy(NoneOrPort),
        Int32("containerPort", "The port.").Required().ZeroIsUnset().CheckedBy(Checks.Port),
        Text("protocol", "TCP, UDP or SCTP.").InGo("v1.Protocol").OneOf("SCTP", "TCP", "UDP").DefaultsTo("TCP"),
        Text("hostIP", "The address of the node that leads to it."));

    private static readonly ObjectSchema ResourceClaim = Define("api.core.v1.ResourceClaim",
        "A claim of the pod that a container uses.",
        Text("name", "The claim.").Required(),
        Text("request", "The part of it."));

    public static readonly ObjectSchema ResourceRequirements = Define("api.core.v1.ResourceRequirements",
        "How much of the machine a container gets.",
        QuantityMap("limits", "The most it may use."),
        QuantityMap("requests", "What is kept for it; the limits where there is none."),
        Many("claims", ResourceClaim, "Claims of the pod that it uses."))
        .CheckedBy(ResourceRules.Check);

    private static readonly ObjectSchema ContainerResizePolicy = Define("api.core.v1.ContainerResizePolicy",
        "What a change of a resource asks for.",
        Text("resourceName", "The resource.").InGo("v1.ResourceName").Required(),
        Text("restartPolicy", "NotRequired or RestartContainer.").InGo("v1.ResourceResizeRestartPolicy").Required());

    /// <summary>What containers and ephemeral containers have in common, in the order of validation.</summary>
    private static readonly Field[] Common =
    [
        Text("name", "Its name, unique in the pod.").Required().CheckedBy(Checks.Label),
        Text("image", "The image it runs.").NotEmpty(),
        Texts("command", "The program, in place of the image's entrypoint; no shell is involved."),
        Texts("args", "The arguments, in place of the image's."),
        Text("workingDir", "The folder it starts in; the image's where there is none."),
        One("lifecycle", ProbeTypes.Lifecycle, "What is done around its life."),
        One("livenessProbe", ProbeTypes.Probe, "It is restarted when this fails."),
        One("startupProbe", ProbeTypes.Probe, "The other probes wait until this succeeds."),
        Text("terminationMessagePath", "The file in which it leaves its last words.")
            .DefaultsTo("/dev/termination-log"),
        Text("terminationMessagePolicy", "File, or FallbackToLogsOnError.").InGo("v1.TerminationMessagePolicy")
            .DefaultsTo("File").CheckedBy(CheckMessagePolicy),
        One("readinessProbe", ProbeTypes.Probe, "It gets no calls while this fails."),
        Many("ports", ContainerPort, "The ports it listens on.").MergeBy("containerPort"),
        Many("env", EnvTypes.EnvVar, "The variables of its environment.").MergeBy("name"),
        Many("envFrom", EnvTypes.EnvFromSource, "ConfigMaps and Secrets that become variables."),
        Many("volumeMounts", VolumeMount, "The volumes it sees.").MergeBy("mountPath"),
        Many("volumeDevices", VolumeDevice, "The disks it sees.").MergeBy("devicePath"),
        Text("imagePullPolicy", "Always, Never or IfNotPresent.").InGo("v1.PullPolicy")
            .OneOf("Always", "IfNotPresent", "Never"),
        One("resources", ResourceRequirements, "How much of the machine it gets.").DefaultsTo(new JsonObject()),
        One("securityContext", SecurityContext, "What it may do."),
        Many("resizePolicy", ContainerResizePolicy, "What a change of its resources asks for."),
        Text("restartPolicy", "Always makes an init container run beside the others.")
            .InGo("v1.ContainerRestartPolicy"),
        Flag("stdin", "True: keep its standard input open."),
        Flag("stdinOnce", "True: close it after the first to attach has left."),
        Flag("tty", "True: give it a terminal."),
    ];

    public static readonly ObjectSchema Container = Define("api.core.v1.Container",
        "A program that runs in a pod.", Common)
        .DefaultedBy(SetPullPolicy)
        .CheckedBy(CheckContainer);

    public static readonly ObjectSchema EphemeralContainer = Define("api.core.v1.EphemeralContainer",
        "A program that is run in a pod for a while, to look into it.",
        [.. Common, Text("targetContainerName", "The container whose processes it sees.")])
        .DefaultedBy(SetPullPolicy);

    private static void NoneOrPort(JsonNode value, FieldPath path, FieldErrors errors)
    {
        if (value.AsNumber() != 0)
        {
            Checks.Port(value, path, errors);
        }
    }

    private static void CheckMessagePolicy(JsonNode value, FieldPath path, FieldErrors errors)
    {
        if (value.AsText() is not ("File" or "FallbackToLogsOnError"))
        {
            errors.Invalid(path, value, "must be 'File' or 'FallbackToLogsOnError'");
        }
    }

    /// <summary>What has no tag, or the tag latest, may change at any time.</summary>
    private static void SetPullPolicy(JsonObject container)
    {
        if (container.TextIn("imagePullPolicy").Length > 0)
        {
            return;
        }

        var image = container.TextIn("image");
        var tag = image.LastIndexOf(':');
        var hasTag = tag > image.LastIndexOf('/');
        var isPinned = image.Contains('@', StringComparison.Ordinal) || (hasTag && image[tag..] != ":latest");
        container["imagePullPolicy"] = isPinned ? "IfNotPresent" : "Always";
    }

    private static void CheckContainer(JsonObject container, FieldPath path, FieldErrors errors)
    {
        foreach (var probe in (ReadOnlySpan<string>)["livenessProbe", "startupProbe"])
        {
            if (container[probe].NumberAt("successThreshold") is { } threshold and not 1)
            {
                errors.Invalid(path.Child(probe).Child("successThreshold"), threshold, "must be 1");
            }
        }

        Checks.Unique(container, "ports", "name", (path, errors));
        CheckMountPaths(container, path.Child("volumeMounts"), errors);
    }

    private static void CheckMountPaths(JsonObject container, FieldPath path, FieldErrors errors)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        var index = 0;
        foreach (var mount in container.ObjectsAt("volumeMounts"))
        {
            var mountPath = mount.TextIn("mountPath");
            if (!seen.Add(mountPath))
            {
                errors.Invalid(path.Index(index).Child("mountPath"), mountPath, "must be unique");
            }

            if (mount.TextIn("subPath").Length > 0 && mount.TextIn("subPathExpr").Length > 0)
            {
                errors.Invalid(path.Index(index).Child("subPathExpr"), mount.TextIn("subPathExpr"),
                    "subPathExpr and subPath are mutually exclusive");
            }

            index++;
        }
    }
}
