using System.Text.Json.Nodes;
using static Mainstay.ApiServer.Schema.Declare;
using static Mainstay.ApiServer.Schema.Types.ContainerTypes;
using static Mainstay.ApiServer.Schema.Types.SchedulingTypes;

namespace Mainstay.ApiServer.Schema.Types;

/// <summary>Pods: what runs.</summary>
internal static class PodTypes
{
    private static readonly ObjectSchema HostAlias = Define("api.core.v1.HostAlias",
        "A line of the hosts file.",
        Text("ip", "The address.").CheckedBy(Checks.IpAddress),
        Texts("hostnames", "The names for it.").CheckedBy(Checks.Subdomain));

    private static readonly ObjectSchema PodDnsConfigOption = Define("api.core.v1.PodDNSConfigOption",
        "An option of the resolver.",
        Text("name", "Its name."),
        Text("value", "Its value."));

    private static readonly ObjectSchema PodDnsConfig = Define("api.core.v1.PodDNSConfig",
        "How names are resolved, beside what the policy says.",
        Texts("nameservers", "The servers.").CheckedBy(Checks.IpAddress),
        Texts("searches", "The domains to search."),
        Many("options", PodDnsConfigOption, "Options of the resolver."));

    private static readonly ObjectSchema PodReadinessGate = Define("api.core.v1.PodReadinessGate",
        "A further condition of being ready.",
        Text("conditionType", "The condition of the pod that must be True.").InGo("v1.PodConditionType")
            .Always().CheckedBy(Checks.Qualified));

    private static readonly ObjectSchema PodSchedulingGate = Define("api.core.v1.PodSchedulingGate",
        "What the scheduler waits for.",
        Text("name", "Its name.").Required());

    private static readonly ObjectSchema PodOs = Define("api.core.v1.PodOS",
        "The system a pod needs.",
        Text("name", "linux or windows.").InGo("v1.OSName").Required());

    public static readonly ObjectSchema PodSpec = Define("api.core.v1.PodSpec",
        "What a pod runs, and how.",
        Many("volumes", VolumeTypes.Volume, "The folders its containers can mount.").MergeBy("name").RetainKeys(),
        Many("containers", Container, "The containers: they run side by side.").Required().MergeBy("name"),
        Many("initContainers", Container, "Containers that run one after the other before those.").MergeBy("name"),
        Many("ephemeralContainers", EphemeralContainer, "Containers added for a while.").MergeBy("name"),
        Text("restartPolicy", "What is done when a container ends: Always, OnFailure or Never.")
            .InGo("v1.RestartPolicy").OneOf("Always", "OnFailure", "Never").DefaultsTo("Always"),
        Int64("terminationGracePeriodSeconds", "The seconds it is given to end before it is killed.")
            .AtLeast(0).DefaultsTo(30L),
        Text("dnsPolicy", "How names are resolved.").InGo("v1.DNSPolicy")
            .OneOf("ClusterFirstWithHostNet", "ClusterFirst", "Default", "None").DefaultsTo("ClusterFirst"),
        TextMap("nodeSelector", "The labels a node must have.").CheckedBy(CheckNodeSelector),
        One("securityContext", SecurityTypes.PodSecurityContext, "What its containers may do.")
            .DefaultsTo(new JsonObject()),
        Many("imagePullSecrets", ReferenceTypes.LocalObjectReference, "Secrets to fetch images with.").MergeBy("name"),
        One("affinity", Affinity, "Which nodes and neighbours it wants."),
        One("dnsConfig", PodDnsConfig, "How names are resolved, beside the policy."),
        Many("readinessGates", PodReadinessGate, "Further conditions of being ready."),
        Many("topologySpreadConstraints", TopologySpreadConstraint, "How evenly such pods spread.")
            .MergeBy("topologyKey"),
        Text("serviceAccountName", "The account it acts as.").CheckedBy(Checks.Subdomain),
        Text("serviceAccount", "The same by its old name."),
        Flag("automountServiceAccountToken", "False: it gets no token of the account."),
        Text("nodeName", "The node it runs on; set by the scheduler.").CheckedBy(Checks.Subdomain),
        Int64("activeDeadlineSeconds", "The seconds after which it has failed.")
            .CheckedBy(Checks.Between(1, int.MaxValue)),
        Text("hostname", "Its host name; the pod's name where there is none.").CheckedBy(Checks.Label),
        Text("subdomain", "The domain below the namespace's.").CheckedBy(Checks.Label),
        Flag("setHostnameAsFQDN", "True: the host name includes the domain."),
        Flag("hostNetwork", "True: it uses the node's network."),
        Flag("hostPID", "True: it sees the node's processes."),
        Flag("hostIPC", "True: it shares the node's IPC."),
        Flag("hostUsers", "False: it has users of its own."),
        Flag("shareProcessNamespace", "True: its containers see each other's processes."),
        Text("schedulerName", "The scheduler that places it.").DefaultsTo("default-scheduler"),
        Many("tolerations", Toleration, "Taints of nodes that it bears."),
        Many("hostAliases", HostAlias, "Lines of its hosts file.").MergeBy("ip"),
        Text("priorityClassName", "Its class of priority.").CheckedBy(Checks.Subdomain),
        Int32("priority", "Its priority, from its class."),
        Text("preemptionPolicy", "Whether it may drive out others: PreemptLowerPriority or Never.")
            .InGo("v1.PreemptionPolicy").OneOf("PreemptLowerPriority", "Never"),
        Text("runtimeClassName", "The runtime it needs.").CheckedBy(Checks.Subdomain),
        Flag("enableServiceLinks", "False: it gets no variables about services."),
        QuantityMap("overhead", "What the runtime itself uses."),
        One("os", PodOs, "The system it needs."),
        Many("schedulingGates", PodSchedulingGate, "What the scheduler waits for.").MergeBy("name"))
        .DefaultedBy(DefaultSpec)
        .CheckedBy(PodRules.CheckSpec);

    public static readonly ObjectSchema PodTemplateSpec = Define("api.core.v1.PodTemplateSpec",
        "The pods that are made from it.",
        One("metadata", MetaTypes.ObjectMeta, "Their labels and annotations.").DefaultsTo(new JsonObject()),
        One("spec", PodSpec, "What they run.").DefaultsTo(new JsonObject()))
        .CheckedBy(PodRules.CheckTemplate);

    public static readonly ObjectSchema Pod = MetaTypes.Root("api.core.v1.Pod",
        "Containers that run together on one node, at one address.",
        One("spec", PodSpec, "What it runs.").DefaultsTo(new JsonObject()),
        One("status", PodStatusTypes.PodStatus, "What has become of it.").DefaultsTo(new JsonObject()))
        .DefaultedBy(DefaultPod);

    private static void CheckNodeSelector(JsonNode value, FieldPath path, FieldErrors errors) =>
        LabelRules.CheckLabels(value, path, errors);

    private static void DefaultSpec(JsonObject spec)
    {
        // the two names of the account are one field
        if (spec.TextIn("serviceAccountName") is { Length: > 0 } account)
        {
            spec["serviceAccount"] = account;
        }
        else if (spec.TextIn("serviceAccount") is { Length: > 0 } old)
        {
            spec["serviceAccountName"] = old;
        }

        if (!spec.FlagAt("hostNetwork"))
        {
            return;
        }

        foreach (var port in spec.ObjectsAt("containers").Concat(spec.ObjectsAt("initContainers"))
            .SelectMany(container => container.ObjectsAt("ports")))
        {
            if ((port.NumberAt("hostPort") ?? 0) == 0 && port["containerPort"] is { } number)
            {
                port["hostPort"] = number.DeepClone();
            }
        }
    }

    /// <summary>What only pods get, and not the templates of pods.</summary>
    private static void DefaultPod(JsonObject pod)
    {
        var spec = pod.Ensure("spec");
        spec["enableServiceLinks"] ??= true;
        foreach (var container in spec.ObjectsAt("containers").Concat(spec.ObjectsAt("initContainers")))
        {
            ResourceRules.DefaultRequests(container);
        }
    }
}
