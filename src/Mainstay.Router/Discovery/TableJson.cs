using System.Collections.Immutable;
using System.Net;
using System.Text.Json;
using Mainstay.Kube;

namespace Mainstay.Router.Discovery;

/// <summary>
/// A static table in JSON, for tests and benchmarks.
///     {"services":[{"namespace":"bank","name":"payments","ports":[{"name":"http","port":80,"endpoints":[
///       {"address":"127.17.0.5","port":8080,"ready":true,"node":"node-1","zone":"zone-a","pod":"payments-x",
///        "uid":"..."}]}],"fallback":"standin","fallbackActive":false}]}
/// </summary>
internal static class TableJson
{
    /// <exception cref="MalformedObjectException">naming the field</exception>
    public static ImmutableArray<ServiceRoute> Read(JsonElement document) =>
        [.. document.Items("services").Select(ReadService)];

    private static ServiceRoute ReadService(JsonElement service)
    {
        var name = service.Text("name");
        if (name.Length == 0)
        {
            throw new MalformedObjectException("services[].name is missing");
        }

        var scope = service.Text("namespace");
        var annotations = ImmutableDictionary<string, string>.Empty
            .Add("mainstay.dev/fallback", service.Text("fallback"))
            .Add("mainstay.dev/fallback-active", service.Flag("fallbackActive") is true ? "true" : "");
        return new ServiceRoute(scope, name, [.. service.Items("ports").Select(ReadPort)])
        {
            Fallback = FallbackRoute.Read(new ObjectKey(scope, name), annotations, out var fault),
            FallbackFault = fault,
        };
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
