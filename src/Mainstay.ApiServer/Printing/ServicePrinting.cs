using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json.Nodes;
using Mainstay.ApiServer.Schema;

namespace Mainstay.ApiServer.Printing;

/// <summary>What <c>kubectl get</c> says of services and of what is behind them. Pure.</summary>
internal static class ServicePrinting
{
    /// <summary>Endpoints shown before "+ N more...".</summary>
    private const int ShownMax = 3;

    public static ImmutableArray<Column> Service { get; } =
    [
        Column.ObjectName,
        Column.Text("Type", "How it is reached.", value => value.TextIn("spec", "type")),
        Column.Text("Cluster-IP", "Its address.", value => OrNone(value.TextIn("spec", "clusterIP"))),
        Column.Text("External-IP", "Its addresses for callers from outside.", ExternalIp),
        Column.Text("Port(s)", "Its ports.",
            value => OrNone(string.Join(",", value["spec"].ObjectsAt("ports").Select(Port)))),
        Column.ObjectAge,
        Column.Text("Selector", "The labels of its pods.",
            value => WorkloadPrinting.Labels(value["spec"]?["selector"])).Wide(),
    ];

    public static ImmutableArray<Column> Endpoints { get; } =
    [
        Column.ObjectName,
        Column.Text("Endpoints", "The addresses that are ready.", AddressList),
        Column.ObjectAge,
    ];

    public static ImmutableArray<Column> EndpointSlice { get; } =
    [
        Column.ObjectName,
        Column.Text("AddressType", "IPv4, IPv6 or FQDN.", value => value.TextIn("addressType")),
        Column.Text("Ports", "The ports of its endpoints.",
            value => Shorten([.. value.ObjectsAt("ports").Select(SlicePort)], "<unset>")),
        Column.Text("Endpoints", "The addresses of its endpoints.",
            value => Shorten([.. value.ObjectsAt("endpoints").SelectMany(one => one.TextsAt("addresses"))], "<unset>")),
        Column.ObjectAge,
    ];

    private static string OrNone(string text) => text.Length > 0 ? text : "<none>";

    private static string Port(JsonObject port)
    {
        var nodePort = port.NumberAt("nodePort") is { } number and > 0 ? ":" + Digits(number) : "";
        return $"{Digits(port.NumberAt("port") ?? 0)}{nodePort}/{port.TextIn("protocol")}";
    }

    private static string SlicePort(JsonObject port) =>
        port.NumberAt("port") is { } number ? Digits(number) : port.TextAt("name") ?? "*";

    private static string ExternalIp(JsonObject service)
    {
        var given = service["spec"].TextsAt("externalIPs");
        switch (service.TextIn("spec", "type"))
        {
            case "ExternalName":
                return service.TextIn("spec", "externalName");
            case "LoadBalancer":
                var ways = service["status"]?["loadBalancer"].ObjectsAt("ingress") ?? [];
                var found = ways.Select(way => way.TextIn("ip") is { Length: > 0 } ip ? ip : way.TextIn("hostname"))
                    .Order(StringComparer.Ordinal).Concat(given);
                return string.Join(",", found) is { Length: > 0 } text ? text : "<pending>";
            default:
                return OrNone(string.Join(",", given));
        }
    }

    private static string AddressList(JsonObject endpoints)
    {
        var all = new List<string>();
        foreach (var subset in endpoints.ObjectsAt("subsets"))
        {
            var addresses = subset.ObjectsAt("addresses").Select(address => address.TextIn("ip")).ToList();
            var ports = subset.ObjectsAt("ports").Select(port => port.NumberAt("port") ?? 0).ToList();
            all.AddRange(ports.Count == 0
                ? addresses
                : ports.SelectMany(port => addresses.Select(ip => HostPort(ip, port))));
        }

        return endpoints.ListAt("subsets") is { Count: > 0 } && all.Count == 0 ? "" : Shorten(all, "<none>");
    }

    private static string HostPort(string ip, long port) =>
        ip.Contains(':', StringComparison.Ordinal) ? $"[{ip}]:{Digits(port)}" : $"{ip}:{Digits(port)}";

    private static string Shorten(List<string> all, string none)
    {
        var shown = string.Join(",", all.Take(ShownMax));
        return all.Count switch
        {
            0 => none,
            <= ShownMax => shown,
            _ => $"{shown} + {all.Count - ShownMax} more...",
        };
    }

    private static string Digits(long number) => number.ToString(CultureInfo.InvariantCulture);
}
