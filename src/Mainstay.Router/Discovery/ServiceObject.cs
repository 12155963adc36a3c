using System.Collections.Immutable;
using System.Text.Json;
using Mainstay.Kube;
using Mainstay.Router.Discovery.Freshness;

namespace Mainstay.Router.Discovery;

/// <param name="Name">what a slice's port is matched by; empty for the only port of a service</param>
/// <param name="Port">the number callers use</param>
internal sealed record ServicePort(string Name, int Port);

/// <summary>What is read of a Service. Absent, null and empty are the same; what is unknown is not looked at.</summary>
internal sealed record ServiceObject(ObjectKey Key, ImmutableArray<ServicePort> Ports) : IDiscoveryObject
{
    public Heartbeat? Heartbeat { get; init; }

    public string NullList { get; init; } = "";

    /// <summary>At which it was read; empty from the snapshot.</summary>
    public string ResourceVersion { get; init; } = "";

    /// <summary>The labels of its pods; empty for a service whose endpoints somebody else writes.</summary>
    public ImmutableDictionary<string, string> Selector { get; init; } = ImmutableDictionary<string, string>.Empty;

    /// <summary>Who takes its calls when it cannot; null for nobody.</summary>
    public FallbackRoute? Fallback { get; init; }

    /// <summary>What is wrong with its annotations on the fallback; empty when nothing is.</summary>
    public string FallbackFault { get; init; } = "";

    /// <exception cref="MalformedObjectException">naming the field that makes no sense</exception>
    public static ServiceObject Read(JsonElement service)
    {
        var key = ObjectKey.Of(service);
        if (key == Heartbeat.Key)
        {
            return new ServiceObject(key, [])
            {
                Heartbeat = Heartbeat.Read(service),
                NullList = NullLists.FirstIn(service),
            };
        }

        var ports = ImmutableArray.CreateBuilder<ServicePort>();
        var spec = service.Child("spec");
        if (spec?.Text("type") == "ExternalName")
        {
            // A name outside of the cluster has no endpoints: nothing to route to.
            return new ServiceObject(key, []) { ResourceVersion = VersionOf(service) };
        }

        foreach (var port in spec?.Items("ports") ?? [])
        {
            if (IsTcp(port))
            {
                ports.Add(new ServicePort(port.Text("name"), PortNumber(port, "spec.ports[].port")));
            }
        }

        return new ServiceObject(key, ports.ToImmutable())
        {
            Fallback = FallbackRoute.Read(key, Annotations(service), out var fault),
            FallbackFault = fault,
            ResourceVersion = VersionOf(service),
            NullList = NullLists.FirstIn(service),
            Selector = spec?.Map("selector") ?? ImmutableDictionary<string, string>.Empty,
        };
    }

    /// <summary>Annotations are anybody's: one that is no text must not harm the routing of its service.</summary>
    private static ImmutableDictionary<string, string> Annotations(JsonElement service)
    {
        try
        {
            return service.Child("metadata")?.Map("annotations") ?? ImmutableDictionary<string, string>.Empty;
        }
        catch (MalformedObjectException)
        {
            return ImmutableDictionary<string, string>.Empty;
        }
    }

    private static string VersionOf(JsonElement service) =>
        service.Child("metadata")?.Text("resourceVersion") ?? "";

    internal static bool IsTcp(JsonElement port) => port.Text("protocol") is "" or "TCP";

    internal static int PortNumber(JsonElement port, string field) =>
        port.Number("port") is long number and > 0 and <= ushort.MaxValue ? (int)number
            : throw new MalformedObjectException($"{field}: a number from 1 to 65535 is expected");
}
