using System.Collections.Frozen;
using System.Collections.Immutable;
using System.Net;
using System.Text;
using Mainstay.Router.Linux;

namespace Mainstay.Router.Discovery;

/// <summary>One address of a service, ready or not. Two with the same values are the same endpoint.</summary>
internal sealed record Endpoint(string Address, int Port)
{
    private KernelAddress? _kernelAddress;

    public bool Ready { get; init; }

    public string Node { get; init; } = "";

    public string Zone { get; init; } = "";

    public string Pod { get; init; } = "";

    /// <summary>The pod's: the same address with another uid is another endpoint.</summary>
    public string Uid { get; init; } = "";

    /// <summary>Nobody lists it any more, and the brake keeps it in use.</summary>
    public bool Braked { get; init; }

    public KernelAddress KernelAddress =>
        _kernelAddress ??= KernelAddress.From(new IPEndPoint(IPAddress.Parse(Address), Port));

    public bool Equals(Endpoint? other) =>
        other is not null && Address == other.Address && Port == other.Port && Ready == other.Ready &&
        Node == other.Node && Zone == other.Zone && Pod == other.Pod && Uid == other.Uid &&
        Braked == other.Braked;

    public override int GetHashCode() => HashCode.Combine(Address, Port, Uid);
}

/// <summary>One port of a service, and where its calls go.</summary>
internal sealed record PortRoute(string Name, int Port, ImmutableArray<Endpoint> Endpoints)
{
    public bool Equals(PortRoute? other) =>
        other is not null && Name == other.Name && Port == other.Port &&
        Endpoints.AsSpan().SequenceEqual(other.Endpoints.AsSpan());

    public override int GetHashCode() => HashCode.Combine(Name, Port, Endpoints.Length);
}

/// <summary>One service, frozen; a change makes another.</summary>
internal sealed record ServiceRoute(string Namespace, string Name, ImmutableArray<PortRoute> Ports)
{
    /// <summary>Who takes its calls when it cannot; null for nobody.</summary>
    public FallbackRoute? Fallback { get; init; }

    /// <summary>What is wrong with the word on its fallback; empty when nothing is.</summary>
    public string FallbackFault { get; init; } = "";

    public bool Equals(ServiceRoute? other) =>
        other is not null && Namespace == other.Namespace && Name == other.Name &&
        Fallback == other.Fallback && FallbackFault == other.FallbackFault &&
        Ports.AsSpan().SequenceEqual(other.Ports.AsSpan());

    public override int GetHashCode() => HashCode.Combine(Namespace, Name);

    /// <param name="port">-1 when the caller named none: then 80, else the one called http, else the first</param>
    /// <returns>the place of the port, -1 for none</returns>
    public int PortIndex(int port)
    {
        var http = 0;
        for (var index = 0; index < Ports.Length; index++)
        {
            if (Ports[index].Port == (port < 0 ? 80 : port))
            {
                return index;
            }

            http = Ports[index].Name == "http" ? index : http;
        }

        return port < 0 && Ports.Length > 0 ? http : -1;
    }
}

/// <summary>
/// All that is routed on, frozen. A new one is swapped in whole; a service that did not change is the same object in
/// both,
/// which is how a loop knows what it may keep. Thread safe.
/// </summary>
internal sealed class RouteTable
{
    public static readonly RouteTable Empty = new([], 0);

    private readonly FrozenDictionary<string, int> _byName;
    private readonly FrozenDictionary<string, int>.AlternateLookup<ReadOnlySpan<char>> _bySpan;

    public RouteTable(ImmutableArray<ServiceRoute> services, long revision)
    {
        Services = services;
        Revision = revision;
        var places = new Dictionary<string, int>(services.Length, StringComparer.Ordinal);
        for (var index = 0; index < services.Length; index++)
        {
            places[services[index].Namespace + "/" + services[index].Name] = index;
        }

        _byName = places.ToFrozenDictionary(StringComparer.Ordinal);
        _bySpan = _byName.GetAlternateLookup<ReadOnlySpan<char>>();
    }

    public ImmutableArray<ServiceRoute> Services { get; }

    /// <summary>Counts the tables of this process.</summary>
    public long Revision { get; }

    /// <param name="service">lower case ASCII</param>
    /// <param name="scope">the namespace, lower case ASCII</param>
    /// <returns>the place of the service, -1 for none</returns>
    public int Find(ReadOnlySpan<byte> service, ReadOnlySpan<byte> scope)
    {
        const int NameCharsMax = 2 * 254;
        if (service.Length + scope.Length + 1 > NameCharsMax)
        {
            return -1;
        }

        Span<char> name = stackalloc char[NameCharsMax];
        Encoding.ASCII.GetChars(scope, name);
        name[scope.Length] = '/';
        Encoding.ASCII.GetChars(service, name[(scope.Length + 1)..]);
        return _bySpan.TryGetValue(name[..(scope.Length + 1 + service.Length)], out var index) ? index : -1;
    }
}
