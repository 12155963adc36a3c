using System.Collections.Immutable;
using System.Text.Json;
using Mainstay.Kube;

namespace Mainstay.Router.Discovery;

/// <summary>
/// The discovered objects as JSON, for the snapshot. They are kept one by one and not as the finished table, so that
/// the
/// last good value of an object that makes no sense outlives a restart of the router.
/// </summary>
internal static class SnapshotJson
{
    public static void Write(Utf8JsonWriter writer, DiscoveredObjects objects)
    {
        writer.WriteStartObject();
        writer.WriteStartArray("services");
        foreach (var service in objects.Services.Values)
        {
            writer.WriteStartObject();
            WriteKey(writer, service.Key);
            WritePorts(writer, service.Ports);
            WriteMap(writer, "selector", service.Selector);
            WriteFallback(writer, service.Fallback);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        WriteMap(writer, "agents", objects.Agents.ToImmutableDictionary(one => one.Key, one => one.Value.ToString()));
        writer.WriteStartArray("slices");
        foreach (var slice in objects.Slices.Values)
        {
            writer.WriteStartObject();
            WriteKey(writer, slice.Key);
            writer.WriteString("service", slice.Service);
            WritePorts(writer, slice.Ports);
            WriteAddresses(writer, slice.Addresses);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
    }

    /// <exception cref="MalformedObjectException">it was not written by this class</exception>
    public static DiscoveredObjects Read(JsonElement document) => new(
        document.Items("services").Select(ReadService).ToImmutableDictionary(service => service.Key),
        document.Items("slices").Select(ReadSlice).ToImmutableDictionary(slice => slice.Key))
    {
        Agents = document.Map("agents")
            .Where(agent => Uri.IsWellFormedUriString(agent.Value, UriKind.Absolute))
            .ToImmutableDictionary(agent => agent.Key, agent => new Uri(agent.Value)),
    };

    private static ServiceObject ReadService(JsonElement service) => new(ReadKey(service), ReadPorts(service))
    {
        Selector = service.Map("selector"),
        Fallback = service.Child("fallback") is { } fallback
            ? new FallbackRoute(
                fallback.Text("namespace"), fallback.Text("name"), (int)(fallback.Number("port") ?? -1),
                fallback.Flag("byHand") ?? false)
            : null,
    };

    private static SliceObject ReadSlice(JsonElement slice) => new(ReadKey(slice), slice.Text("service"))
    {
        Ports = ReadPorts(slice),
        Addresses = [.. slice.Items("addresses").Select(ReadAddress)],
    };

    private static SliceAddress ReadAddress(JsonElement address) =>
        new(address.Text("address"), address.Flag("ready") ?? false)
        {
            Node = address.Text("node"),
            Zone = address.Text("zone"),
            Pod = address.Text("pod"),
            Uid = address.Text("uid"),
            Braked = address.Flag("braked") ?? false,
        };

    private static ImmutableArray<ServicePort> ReadPorts(JsonElement owner) =>
        [.. owner.Items("ports").Select(port =>
            new ServicePort(port.Text("name"), ServiceObject.PortNumber(port, "ports[].port")))];

    private static ObjectKey ReadKey(JsonElement owner) => new(owner.Text("namespace"), owner.Text("name"));

    private static void WriteFallback(Utf8JsonWriter writer, FallbackRoute? fallback)
    {
        if (fallback is not null)
        {
            writer.WriteStartObject("fallback");
            WriteKey(writer, new ObjectKey(fallback.Namespace, fallback.Name));
            writer.WriteNumber("port", fallback.Port);
            writer.WriteBoolean("byHand", fallback.ByHand);
            writer.WriteEndObject();
        }
    }

    private static void WriteMap(Utf8JsonWriter writer, string name, ImmutableDictionary<string, string> map)
    {
        writer.WriteStartObject(name);
        foreach (var (key, value) in map)
        {
            writer.WriteString(key, value);
        }

        writer.WriteEndObject();
    }

    private static void WriteKey(Utf8JsonWriter writer, ObjectKey key)
    {
        writer.WriteString("namespace", key.Namespace);
        writer.WriteString("name", key.Name);
    }

    private static void WritePorts(Utf8JsonWriter writer, ImmutableArray<ServicePort> ports)
    {
        writer.WriteStartArray("ports");
        foreach (var port in ports)
        {
            writer.WriteStartObject();
            writer.WriteString("name", port.Name);
            writer.WriteNumber("port", port.Port);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    }

    private static void WriteAddresses(Utf8JsonWriter writer, ImmutableArray<SliceAddress> addresses)
    {
        writer.WriteStartArray("addresses");
        foreach (var address in addresses)
        {
            writer.WriteStartObject();
            writer.WriteString("address", address.Address);
            writer.WriteBoolean("ready", address.Ready);
            writer.WriteString("node", address.Node);
            writer.WriteString("zone", address.Zone);
            writer.WriteString("pod", address.Pod);
            writer.WriteString("uid", address.Uid);
            if (address.Braked)
            {
                writer.WriteBoolean("braked", true);
            }

            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    }
}
