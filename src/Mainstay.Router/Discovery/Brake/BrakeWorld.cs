using Mainstay.Kube;

namespace Mainstay.Router.Discovery.Brake;

/// <summary>What is heard now, arranged for the questions that the brake asks of it. Frozen; no I/O.</summary>
internal sealed class BrakeWorld
{
    private readonly DiscoveredObjects _heard;
    private readonly ILookup<(ObjectKey Service, string Address), SliceAddress> _listed;
    private readonly ILookup<string, SliceAddress> _byAddress;
    private readonly HashSet<ObjectKey> _withReady;

    public BrakeWorld(DiscoveredObjects heard)
    {
        _heard = heard;
        var all = heard.Slices.Values
            .SelectMany(slice => slice.Addresses.Select(address =>
                (Service: new ObjectKey(slice.Key.Namespace, slice.Service), Address: address)))
            .ToArray();
        _listed = all.ToLookup(one => (one.Service, one.Address.Address), one => one.Address);
        _byAddress = all.ToLookup(one => one.Address.Address, one => one.Address);
        _withReady = [.. all.Where(one => one.Address.Ready).Select(one => one.Service)];
    }

    public bool Has(ServiceObject service) => _heard.Services.ContainsKey(service.Key);

    /// <summary>Whether a service lists the address for the same pod, in whatever state.</summary>
    public bool Lists(ObjectKey service, SliceAddress address) =>
        _listed[(service, address.Address)].Any(listed => IsSame(listed, address));

    /// <summary>
    /// Whether it may stay in use: it is listed by nobody, and its address is not another's. A service without a
    /// selector has its endpoints from a person, whose word is a statement, as long as the Service is there.
    /// </summary>
    public bool MayHold(HeldEndpoint endpoint) =>
        OfNow(endpoint).Service.Selector.Count > 0 &&
        !Lists(endpoint.Service.Key, endpoint.Address) &&
        !_byAddress[endpoint.Address.Address].Any(listed => !IsSame(listed, endpoint.Address));

    /// <summary>Whether its service is still there, and nobody that is ready with it.</summary>
    public bool IsOfEmpty(HeldEndpoint endpoint) =>
        !_withReady.Contains(endpoint.Service.Key) && Has(endpoint.Service);

    /// <summary>With its Service as it is heard now: another selector means other pods.</summary>
    public HeldEndpoint OfNow(HeldEndpoint endpoint) =>
        _heard.Services.TryGetValue(endpoint.Service.Key, out var now) && !ReferenceEquals(now, endpoint.Service)
            ? endpoint with { Service = now }
            : endpoint;

    private static bool IsSame(SliceAddress one, SliceAddress other) =>
        one.Uid == other.Uid || one.Uid.Length == 0 || other.Uid.Length == 0;
}
