using System.Collections.Immutable;
using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using Mainstay.Kube;

namespace Mainstay.Router.Discovery;

/// <summary>One address of a slice, before it meets its port.</summary>
internal sealed record SliceAddress(string Address, bool Ready)
{
    public string Node { get; init; } = "";

    public string Zone { get; init; } = "";

    public string Pod { get; init; } = "";

    public string Uid { get; init; } = "";

    /// <summary>Nobody lists it any more, and the brake keeps it in use.</summary>
    public bool Braked { get; init; }
}

/// <summary>
/// What is read of an EndpointSlice. A slice without a service's label belongs to none and is kept unused.
/// </summary>
internal sealed record SliceObject(ObjectKey Key, string Service)
{
    private const string ServiceLabel = "kubernetes.io/service-name";

    public ImmutableArray<ServicePort> Ports { get; init; } = [];

    public ImmutableArray<SliceAddress> Addresses { get; init; } = [];

    /// <exception cref="MalformedObjectException">naming the field that makes no sense</exception>
    public static SliceObject Read(JsonElement slice)
    {
        var key = ObjectKey.Of(slice);
        var service = slice.Child("metadata")?.Map("labels").GetValueOrDefault(ServiceLabel) ?? "";
        if (slice.Text("addressType") is not ("IPv4" or "IPv6" or ""))
        {
            // FQDN, or a kind of address that is yet to be invented.
            return new SliceObject(key, service);
        }

        return new SliceObject(key, service)
        {
            Ports = ReadPorts(slice, "ports[].port"),
            Addresses = [.. slice.Items("endpoints").SelectMany(ReadEndpoint)],
        };
    }

    /// <summary>A port without a number means "all ports", which says nothing about where to connect.</summary>
    internal static ImmutableArray<ServicePort> ReadPorts(JsonElement owner, string field) =>
    [
        .. owner.Items("ports")
            .Where(port => ServiceObject.IsTcp(port) && port.Field("port") is not null)
            .Select(port => new ServicePort(port.Text("name"), ServiceObject.PortNumber(port, field))),
    ];

    /// <exception cref="MalformedObjectException">it is no address</exception>
    internal static string AddressOf(string text, string field) => IsAddress(text)
        ? text
        : throw new MalformedObjectException($"{field}: \"{text}\" is no IP address");

    private static IEnumerable<SliceAddress> ReadEndpoint(JsonElement endpoint)
    {
        var target = endpoint.Child("targetRef");
        // v1beta1 had these two among the labels of the topology.
        var topology = endpoint.Map("topology");
        var isPod = target?.Text("kind") == "Pod";
        // The API says that an unknown readiness is to be taken for ready.
        var ready = endpoint.Child("conditions")?.Flag("ready") ?? true;
        foreach (var address in endpoint.Texts("addresses"))
        {
            yield return new SliceAddress(AddressOf(address, "endpoints[].addresses[]"), ready)
            {
                Node = FirstOf(endpoint.Text("nodeName"), topology.GetValueOrDefault("kubernetes.io/hostname")),
                Zone = FirstOf(endpoint.Text("zone"), topology.GetValueOrDefault("topology.kubernetes.io/zone")),
                Pod = isPod ? target?.Text("name") ?? "" : "",
                Uid = isPod ? target?.Text("uid") ?? "" : "",
            };
        }
    }

    private static string FirstOf(string text, string? other) => text.Length > 0 ? text : other ?? "";

    /// <summary>The parser of addresses also takes "1" and "0x7f.1"; nobody means those.</summary>
    private static bool IsAddress(string text) => IPAddress.TryParse(text, out var address) &&
        (address.AddressFamily == AddressFamily.InterNetworkV6 || address.ToString() == text);
}
