using System.Text.Json.Nodes;
using static Mainstay.ApiServer.Schema.Declare;
using static Mainstay.ApiServer.Schema.Types.ReferenceTypes;

namespace Mainstay.ApiServer.Schema.Types;

/// <summary>Where the pods behind a service are: Endpoints, and the slices that came after them.</summary>
internal static class EndpointTypes
{
    private static readonly ObjectSchema EndpointAddress = Define("api.core.v1.EndpointAddress",
        "An address that serves.",
        Text("ip", "The address.").Always(),
        Text("hostname", "Its host name.").CheckedBy(Checks.Label),
        Text("nodeName", "The node it is on.").CheckedBy(Checks.Subdomain),
        One("targetRef", ObjectReference, "The object behind it."));

    private static readonly ObjectSchema EndpointPort = Define("api.core.v1.EndpointPort",
        "A port that serves.",
        Text("name", "The name of the service's port.").CheckedBy(Checks.Label),
        Int32("port", "The port.").Always().CheckedBy(Checks.Port),
        Text("protocol", "TCP, UDP or SCTP.").InGo("v1.Protocol").OneOf("SCTP", "TCP", "UDP").DefaultsTo("TCP"),
        Text("appProtocol", "What is spoken on it.").CheckedBy(Checks.Qualified));

    private static readonly ObjectSchema EndpointSubset = Define("api.core.v1.EndpointSubset",
        "Addresses that have the same ports.",
        Many("addresses", EndpointAddress, "Those that are ready."),
        Many("notReadyAddresses", EndpointAddress, "Those that are not."),
        Many("ports", EndpointPort, "The ports."))
        .CheckedBy(EndpointRules.CheckSubset);

    /// <summary>No subsets are written as an empty list: some readers take an absent one for a fault.</summary>
    public static readonly ObjectSchema Endpoints = MetaTypes.Root("api.core.v1.Endpoints",
        "The addresses behind a service of the same name.",
        Many("subsets", EndpointSubset, "The addresses.").DefaultsTo(new JsonArray()));

    private static readonly ObjectSchema EndpointConditions = Define("api.discovery.v1.EndpointConditions",
        "Whether an endpoint is to be used.",
        Flag("ready", "True: new calls may go there. Unknown counts as true."),
        Flag("serving", "As ready, but stays true while it ends."),
        Flag("terminating", "True: it is about to end."));

    private static readonly ObjectSchema ForZone = Define("api.discovery.v1.ForZone",
        "A zone that an endpoint is for.",
        Text("name", "The zone.").Required());

    private static readonly ObjectSchema ForNode = Define("api.discovery.v1.ForNode",
        "A node that an endpoint is for.",
        Text("name", "The node.").Required());

    private static readonly ObjectSchema EndpointHints = Define("api.discovery.v1.EndpointHints",
        "Who an endpoint is for.",
        Many("forZones", ForZone, "The zones."),
        Many("forNodes", ForNode, "The nodes."));

    private static readonly ObjectSchema SliceEndpoint = Define("api.discovery.v1.Endpoint",
        "One pod, or one thing of another kind, that serves.",
        Texts("addresses", "Its addresses; the first is used.").Always(),
        One("conditions", EndpointConditions, "Whether it is to be used.").DefaultsTo(new JsonObject()),
        Text("hostname", "Its host name.").CheckedBy(Checks.Label),
        One("targetRef", ObjectReference, "The object behind it."),
        TextMap("deprecatedTopology", "What the old version of this kind said of its place."),
        Text("nodeName", "The node it is on.").CheckedBy(Checks.Subdomain),
        Text("zone", "The zone it is in."),
        One("hints", EndpointHints, "Who it is for."));

    private static readonly ObjectSchema SlicePort = Define("api.discovery.v1.EndpointPort",
        "A port that serves.",
        Text("name", "The name of the service's port.").DefaultsTo(""),
        Text("protocol", "TCP, UDP or SCTP.").InGo("v1.Protocol").OneOf("SCTP", "TCP", "UDP").DefaultsTo("TCP"),
        Int32("port", "The port; any where there is none."),
        Text("appProtocol", "What is spoken on it.").CheckedBy(Checks.Qualified));

    public static readonly ObjectSchema EndpointSlice = MetaTypes.Root("api.discovery.v1.EndpointSlice",
        "Some of the endpoints of a service.",
        Text("addressType", "IPv4, IPv6 or FQDN; cannot be changed.").InGo("v1.AddressType").Required()
            .OneOf("FQDN", "IPv4", "IPv6"),
        Many("endpoints", SliceEndpoint, "The endpoints.").Always().DefaultsTo(new JsonArray()),
        Many("ports", SlicePort, "The ports that each of them has.").DefaultsTo(new JsonArray()))
        .CheckedBy(EndpointRules.CheckSlice);
}
