using System.Text.Json.Nodes;
using static Mainstay.ApiServer.Schema.Declare;

namespace Mainstay.ApiServer.Schema.Types;

/// <summary>Services: a name for pods that do the same.</summary>
internal static class ServiceTypes
{
    private const int NodePortMax = 65535;
    private const int AffinitySecondsMax = 86_400;

    private static readonly ObjectSchema ServicePort = Define("api.core.v1.ServicePort",
        "A port of a service.",
        Text("name", "Its name; needed where there are several.").CheckedBy(Checks.Label),
        Text("protocol", "TCP, UDP or SCTP.").InGo("v1.Protocol").OneOf("SCTP", "TCP", "UDP").DefaultsTo("TCP"),
        Text("appProtocol", "What is spoken on it, such as http.").CheckedBy(Checks.Qualified),
        Int32("port", "The port that callers use.").Always().CheckedBy(Checks.Port),
        IntOrString("targetPort", "The port of the pods, by number or name; the same where there is none.")
            .CheckedBy(Checks.PortNumberOrName),
        Int32("nodePort", "The port of every node that leads to it.").CheckedBy(Checks.Between(0, NodePortMax)))
        .DefaultedBy(DefaultTarget);

    private static readonly ObjectSchema ClientIpConfig = Define("api.core.v1.ClientIPConfig",
        "Keeps a caller with one pod by its address.",
        Int32("timeoutSeconds", "For how many seconds.").CheckedBy(Checks.Between(1, AffinitySecondsMax)));

    private static readonly ObjectSchema SessionAffinityConfig = Define("api.core.v1.SessionAffinityConfig",
        "How a caller is kept with one pod.",
        One("clientIP", ClientIpConfig, "By its address."));

    private static readonly ObjectSchema ServiceSpec = Define("api.core.v1.ServiceSpec",
        "Which pods, and how to reach them.",
        Many("ports", ServicePort, "Its ports.").MergeBy("port"),
        TextMap("selector", "The labels of its pods; with none its endpoints are kept by someone else.")
            .CheckedBy(CheckSelector),
        Text("clusterIP", "Its address; None for no address, only its pods'."),
        Texts("clusterIPs", "The same as a list."),
        Text("type", "ClusterIP, NodePort, LoadBalancer or ExternalName.").InGo("v1.ServiceType")
            .OneOf("ClusterIP", "ExternalName", "LoadBalancer", "NodePort").DefaultsTo("ClusterIP"),
        Texts("externalIPs", "Addresses of nodes that also take calls for it.").CheckedBy(Checks.IpAddress),
        Text("sessionAffinity", "None, or ClientIP to keep a caller with one pod.").InGo("v1.ServiceAffinity")
            .OneOf("ClientIP", "None").DefaultsTo("None"),
        Text("loadBalancerIP", "The address to ask the load balancer for."),
        Texts("loadBalancerSourceRanges", "The addresses that the load balancer lets in."),
        Text("loadBalancerClass", "The load balancer that serves it."),
        Text("externalName", "The name it stands for, with type ExternalName."),
        Text("externalTrafficPolicy", "Cluster, or Local for pods of the same node only.")
            .InGo("v1.ServiceExternalTrafficPolicyType").OneOf("Cluster", "Local"),
        Text("internalTrafficPolicy", "Cluster, or Local for pods of the same node only.")
            .InGo("v1.ServiceInternalTrafficPolicyType").OneOf("Cluster", "Local"),
        Int32("healthCheckNodePort", "The port by which nodes tell whether they have pods of it."),
        Flag("publishNotReadyAddresses", "True: pods count as ready whatever they say."),
        One("sessionAffinityConfig", SessionAffinityConfig, "How a caller is kept with one pod."),
        Texts("topologyKeys", "No longer used."),
        Text("ipFamilyPolicy", "SingleStack, PreferDualStack or RequireDualStack.").InGo("v1.IPFamilyPolicyType")
            .OneOf("PreferDualStack", "RequireDualStack", "SingleStack"),
        Texts("ipFamilies", "IPv4 and IPv6.").InGo("v1.IPFamily").OneOf("IPv4", "IPv6"),
        Flag("allocateLoadBalancerNodePorts", "False: no ports of the nodes are taken for the load balancer."),
        Text("trafficDistribution", "Which endpoints are rather taken, such as PreferClose."))
        .DefaultedBy(DefaultSpec);

    private static readonly ObjectSchema PortStatus = Define("api.core.v1.PortStatus",
        "A port of a load balancer.",
        Int32("port", "The port.").Always(),
        Text("protocol", "TCP, UDP or SCTP.").InGo("v1.Protocol").Always(),
        Text("error", "What is wrong with it."));

    private static readonly ObjectSchema LoadBalancerIngress = Define("api.core.v1.LoadBalancerIngress",
        "A way in.",
        Text("ip", "Its address."),
        Text("hostname", "Its name."),
        Text("ipMode", "VIP or Proxy.").InGo("v1.LoadBalancerIPMode"),
        Many("ports", PortStatus, "Its ports."));

    private static readonly ObjectSchema LoadBalancerStatus = Define("api.core.v1.LoadBalancerStatus",
        "What the load balancer has done.",
        Many("ingress", LoadBalancerIngress, "The ways in."));

    private static readonly ObjectSchema ServiceStatus = Define("api.core.v1.ServiceStatus",
        "What is known of a service.",
        One("loadBalancer", LoadBalancerStatus, "What the load balancer has done.").DefaultsTo(new JsonObject()),
        Many("conditions", MetaTypes.Condition, "Its state.").MergeBy("type"));

    public static readonly ObjectSchema Service = MetaTypes.Root("api.core.v1.Service",
        "A name for pods that do the same, and the way to them.",
        One("spec", ServiceSpec, "Which pods, and how to reach them.").DefaultsTo(new JsonObject()),
        One("status", ServiceStatus, "What is known of it.").DefaultsTo(new JsonObject()));

    private static void CheckSelector(JsonNode value, FieldPath path, FieldErrors errors) =>
        LabelRules.CheckLabels(value, path, errors);

    private static void DefaultTarget(JsonObject port)
    {
        var target = port["targetPort"];
        if ((target is null || target.AsNumber() == 0 || target.AsText() is "") && port["port"] is { } number)
        {
            port["targetPort"] = number.DeepClone();
        }
    }

    private static void DefaultSpec(JsonObject spec)
    {
        const int affinitySeconds = 10_800;
        if (spec.TextIn("sessionAffinity") == "None")
        {
            spec.Remove("sessionAffinityConfig");
        }
        else if (spec["sessionAffinityConfig"]?["clientIP"]?["timeoutSeconds"] is null)
        {
            spec["sessionAffinityConfig"] =
                new JsonObject { ["clientIP"] = new JsonObject { ["timeoutSeconds"] = affinitySeconds } };
        }

        if (spec.TextIn("type") is "NodePort" or "LoadBalancer" && spec.TextIn("externalTrafficPolicy").Length == 0)
        {
            spec["externalTrafficPolicy"] = "Cluster";
        }
    }
}
