using System.Collections.Immutable;
using Mainstay.Kube;
using Mainstay.Router.Discovery;

namespace Mainstay.Tests.Router.Discovery.Brake;

/// <summary>Discovered objects in short words: services of the namespace bank, with addresses 10.0.0.N.</summary>
internal static class Cluster
{
    public static DiscoveredObjects Of(params ReadOnlySpan<(string Service, int[] Ready)> services)
    {
        var objects = DiscoveredObjects.None;
        foreach (var (name, ready) in services)
        {
            objects = objects.With(Service(name)).With(Slice(name, [.. ready.Select(number => Address(number))]));
        }

        return objects;
    }

    public static ServiceObject Service(string name) =>
        new(new ObjectKey("bank", name), [new ServicePort("http", 80)])
        {
            Selector = ImmutableDictionary<string, string>.Empty.Add("app", name),
        };

    public static SliceObject Slice(string service, params SliceAddress[] addresses) =>
        new(new ObjectKey("bank", $"{service}-1"), service)
        {
            Ports = [new ServicePort("http", 8080)],
            Addresses = [.. addresses],
        };

    public static SliceAddress Address(int number, bool ready = true, string? uid = null) =>
        new($"10.0.0.{number}", ready) { Uid = uid ?? $"uid-{number}", Node = "node-1", Pod = $"pod-{number}" };

    public static DiscoveredObjects With(this DiscoveredObjects objects, ServiceObject service) =>
        objects with { Services = objects.Services.SetItem(service.Key, service) };

    public static DiscoveredObjects With(this DiscoveredObjects objects, SliceObject slice) =>
        objects with { Slices = objects.Slices.SetItem(slice.Key, slice) };

    public static DiscoveredObjects Without(this DiscoveredObjects objects, string service) => new(
        objects.Services.Remove(new ObjectKey("bank", service)),
        objects.Slices.Remove(new ObjectKey("bank", $"{service}-1")));

    /// <summary>What a table of these would route a service's calls to.</summary>
    public static string Routed(this DiscoveredObjects objects, string service)
    {
        var table = TableBuilder.Build(objects, RouteTable.Empty);
        return string.Join(' ', table.Services
            .Where(route => route.Name == service)
            .SelectMany(route => route.Ports.SelectMany(port => port.Endpoints))
            .Where(endpoint => endpoint.Ready)
            .Select(endpoint => endpoint.Address[7..] + (endpoint.Braked ? "b" : "")));
    }

    public static PodObject Pod(string service, int number, bool alive = true) =>
        new(new ObjectKey("bank", $"pod-{number}"), $"uid-{number}")
        {
            Ip = $"10.0.0.{number}",
            Labels = ImmutableDictionary<string, string>.Empty.Add("app", service),
            IsAlive = alive,
            Ready = alive,
        };
}
