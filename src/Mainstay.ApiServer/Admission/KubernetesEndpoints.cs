using System.Collections.Immutable;
using System.Globalization;
using System.Net;
using System.Text.Json.Nodes;

namespace Mainstay.ApiServer.Admission;

/// <summary>
/// The endpoints of the service <c>kubernetes</c>, made of the API servers that live. Servers on one port share a
/// subset and a slice; the slice of the port that most have is called <c>kubernetes</c>, any other
/// <c>kubernetes-PORT</c>. Pure: every server makes the same of the same addresses.
/// </summary>
internal static class KubernetesEndpoints
{
    public const string Name = "kubernetes";

    private const string PortPrefix = "kubernetes-";

    public static JsonObject Endpoints(ImmutableArray<IPEndPoint> servers) => new()
    {
        ["metadata"] = new JsonObject { ["name"] = Name },
        ["subsets"] = new JsonArray([.. ByPort(servers).Select(JsonNode (port) => new JsonObject
        {
            ["addresses"] = new JsonArray(
                [.. port.Select(JsonNode (server) => new JsonObject { ["ip"] = Ip(server) })]),
            ["ports"] = Ports(port.Key),
        })]),
    };

    /// <summary>At least one, also where no server lives: then it has no endpoint.</summary>
    public static ImmutableArray<JsonObject> Slices(ImmutableArray<IPEndPoint> servers)
    {
        var ports = ByPort(servers);
        return ports.Count == 0
            ? [Slice(Name, [], new JsonArray())]
            : [.. ports.Select((port, index) => Slice(
                index == 0 ? Name : PortPrefix + port.Key.ToString(CultureInfo.InvariantCulture), port,
                Ports(port.Key)))];
    }

    /// <summary>Whether a slice of this name is one that <see cref="Slices"/> makes for some servers.</summary>
    public static bool IsOurs(string name) => name == Name
        || (name.StartsWith(PortPrefix, StringComparison.Ordinal)
            && ushort.TryParse(name.AsSpan(PortPrefix.Length), CultureInfo.InvariantCulture, out _));

    private static List<IGrouping<int, IPEndPoint>> ByPort(ImmutableArray<IPEndPoint> servers) =>
        [.. servers.GroupBy(server => server.Port).OrderByDescending(port => port.Count()).ThenBy(port => port.Key)];

    private static JsonObject Slice(string name, IEnumerable<IPEndPoint> servers, JsonArray ports) => new()
    {
        ["metadata"] = new JsonObject
        {
            ["name"] = name,
            ["labels"] = new JsonObject { ["kubernetes.io/service-name"] = Name },
        },
        ["addressType"] = "IPv4",
        ["endpoints"] = new JsonArray([.. servers.Select(JsonNode (server) => new JsonObject
        {
            ["addresses"] = new JsonArray(Ip(server)),
            ["conditions"] = new JsonObject { ["ready"] = true },
        })]),
        ["ports"] = ports,
    };

    private static JsonArray Ports(int port) =>
        [new JsonObject { ["name"] = "https", ["port"] = port, ["protocol"] = "TCP" }];

    private static string Ip(IPEndPoint server) => server.Address.ToString();
}
