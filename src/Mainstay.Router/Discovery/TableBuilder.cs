using System.Collections.Immutable;
using Mainstay.Kube;

namespace Mainstay.Router.Discovery;

/// <summary>
/// Services and slices together make the table. A service with no slices, or with slices that have no endpoints, is in
/// it
/// all the same, with nothing to route to: its callers get an answer at once, and no other service notices. What did
/// not
/// change is taken over from the table before, object for object.
/// </summary>
internal static class TableBuilder
{
    /// <returns>the table before, when nothing has changed</returns>
    public static RouteTable Build(DiscoveredObjects objects, RouteTable before)
    {
        var slices = objects.Slices.Values.ToLookup(slice => new ObjectKey(slice.Key.Namespace, slice.Service));
        var known = before.Services.ToDictionary(service => new ObjectKey(service.Namespace, service.Name));
        var services = ImmutableArray.CreateBuilder<ServiceRoute>(objects.Services.Count);
        var ordered = objects.Services.Values
            .OrderBy(service => service.Key.Namespace, StringComparer.Ordinal)
            .ThenBy(service => service.Key.Name, StringComparer.Ordinal);
        foreach (var service in ordered)
        {
            var route = RouteOf(service, [.. slices[service.Key]]);
            services.Add(known.TryGetValue(service.Key, out var same) && same == route ? same : route);
        }

        var isSame = before.Revision > 0 && services.Count == before.Services.Length &&
            services.Zip(before.Services).All(pair => ReferenceEquals(pair.First, pair.Second));
        return isSame ? before : new RouteTable(services.ToImmutable(), before.Revision + 1);
    }

    private static ServiceRoute RouteOf(ServiceObject service, IReadOnlyList<SliceObject> slices)
    {
        var ports = ImmutableArray.CreateBuilder<PortRoute>(service.Ports.Length);
        foreach (var port in service.Ports)
        {
            // The same address may stand in two slices while it moves from one to the other.
            var endpoints = slices
                .SelectMany(slice => EndpointsOf(slice, port.Name))
                .GroupBy(endpoint => (endpoint.Address, endpoint.Port))
                .Select(same => same.OrderByDescending(endpoint => endpoint.Ready).First())
                .OrderBy(endpoint => endpoint.Address, StringComparer.Ordinal)
                .ThenBy(endpoint => endpoint.Port);
            ports.Add(new PortRoute(port.Name, port.Port, [.. endpoints]));
        }

        return new ServiceRoute(service.Key.Namespace, service.Key.Name, ports.ToImmutable())
        {
            Fallback = service.Fallback,
            FallbackFault = service.FallbackFault,
        };
    }

    private static IEnumerable<Endpoint> EndpointsOf(SliceObject slice, string portName) =>
        from port in slice.Ports
        where port.Name == portName
        from address in slice.Addresses
        select new Endpoint(address.Address, port.Port)
        {
            Ready = address.Ready,
            Node = address.Node,
            Zone = address.Zone,
            Pod = address.Pod,
            Uid = address.Uid,
            Braked = address.Braked,
        };
}
