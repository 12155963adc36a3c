using System.Collections.Immutable;
using System.Net;
using System.Text.Json;
using Mainstay.Kube;

namespace Mainstay.Router.Discovery;

/// <summary>
/// A static table in JSON, for tests and benchmarks.
///     {"services":[{"namespace":"bank","name":"payments","ports":[{"name":"http","port":80,"endpoints":[
///       {"address":"127.17.0.5","port":8080,"ready":true,"node":"node-1","zone":"zone-a","pod":"payments-x",
///        "uid":"..."}]}]}]}
/// </summary>
internal static class TableJson
{
    /// <exception cref="MalformedObjectException">naming the field</exception>
    public static ImmutableArray<ServiceRoute> Read(JsonElement document) =>
        [.. document.Items("services").Select(ReadService)];

    private static ServiceRoute ReadService(JsonElement service)
    {
        var name = service.Text("name");
        return name.Length > 0
            ? new ServiceRoute(service.Text("namespace"), name, [.. service.Items("ports").Select(ReadPort)])
            : throw new MalformedObjectException("services[].name is missing");
    }

    private static PortRoute ReadPort(JsonElement port) =>
        new(port.Text("name"), PortNumber(port), [.. port.Items("endpoints").Select(ReadEndpoint)]);

    private static Endpoint ReadEndpoint(JsonElement endpoint)
    {
        var address = endpoint.Text("address");
        if (!IPAddress.TryParse(address, out _))
        {
            throw new MalformedObjectException($"endpoints[].address: \"{address}\" is no IP address");
        }

        return new Endpoint(address, PortNumber(endpoint))
        {
            Ready = endpoint.Flag("ready") ?? true,
            Node = endpoint.Text("node"),
            Zone = endpoint.Text("zone"),
            Pod = endpoint.Text("pod"),
            Uid = endpoint.Text("uid"),
        };
    }

    private static int PortNumber(JsonElement element) =>
        element.Number("port") is long port and > 0 and <= ushort.MaxValue ? (int)port
        : throw new MalformedObjectException("port: a number from 1 to 65535 is expected");
}
