using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Net;
using System.Text.Json.Nodes;
using Mainstay.ApiServer.Http;
using Mainstay.ApiServer.Registry;
using Mainstay.ApiServer.Schema;
using Mainstay.ApiServer.Storage;
using Mainstay.ApiServer.Watch;

namespace Mainstay.ApiServer.Admission;

/// <summary>
/// Cluster addresses of services. A service holds its address by a key of the store that is written and deleted in the
/// very transaction that writes or deletes the service: no two services share an address, whichever server made them,
/// and
/// none is lost.
/// </summary>
internal sealed class ServiceAddresses(IPNetwork range, WatchCaches caches, Ids ids)
{
    private const string Headless = "None";

    private readonly uint _first = BinaryPrimitives.ReadUInt32BigEndian(range.BaseAddress.GetAddressBytes());

    // The first address is the network's and the last its broadcast.
    private readonly uint _count = (uint)((1UL << (32 - range.PrefixLength)) - 2);

    /// <summary>The address of the service that stands for the API servers.</summary>
    public string OfKubernetes => At(0);

    /// <summary>The first address of a range, known before there is a server.</summary>
    public static string FirstOf(IPNetwork range)
    {
        var bytes = range.BaseAddress.GetAddressBytes();
        bytes[^1]++;
        return new IPAddress(bytes).ToString();
    }

    public static bool AppliesTo(ResourceType type) => type.Kind == "Service" && type.Group.Length == 0;

    /// <summary>The address that a service has or asks for; empty when it has none.</summary>
    public static string Of(JsonObject? service)
    {
        var address = service?["spec"].TextAt("clusterIP") ?? "";
        return address == Headless || service.TextIn("spec", "type") == "ExternalName" ? "" : address;
    }

    /// <summary>Whether the service is to be given an address.</summary>
    public static bool Wants(JsonObject service) =>
        service.TextIn("spec", "clusterIP").Length == 0 && service.TextIn("spec", "type") != "ExternalName";

    /// <summary>Gives the service an address that is likely free; the transaction proves it.</summary>
    public void Assign(JsonObject service)
    {
        var spec = service.Ensure("spec");
        var address = Pick();
        spec["clusterIP"] = address;
        spec["clusterIPs"] = new JsonArray(address);
    }

    /// <summary>What the change of a service takes and releases.</summary>
    public (ImmutableArray<Claim> Take, ImmutableArray<string> Release) Claims(JsonObject? next, JsonObject? old)
    {
        var (now, before) = (Of(next), Of(old));
        if (now == before)
        {
            return ([], []);
        }

        ImmutableArray<Claim> take = now.Length == 0
            ? []
            : [new Claim(StoreKeys.ServiceAddress(Checked(next, now)), HolderOf(next))];
        return (take, before.Length == 0 ? [] : [StoreKeys.ServiceAddress(before)]);
    }

    public static RefusedException Taken(JsonObject service) => Refuse(service, "provided IP is already allocated");

    private string Checked(JsonObject? service, string address) =>
        IPAddress.TryParse(address, out var parsed) && range.Contains(parsed)
            ? address
            : throw Refuse(
                service, $"provided IP is not in the valid range. The range of valid IPs is {range}");

    private static RefusedException Refuse(JsonObject? service, string why)
    {
        var address = Of(service);
        var cause = new StatusCause(
            "FieldValueInvalid",
            $"Invalid value: []string{{\"{address}\"}}: failed to allocate IP {address}: {why}",
            "spec.clusterIPs");
        return new RefusedException(KubeStatus.Invalid(
            new Subject("", "services", "Service", service.TextIn("metadata", "name")), [cause]));
    }

    private string Pick()
    {
        var type = ResourceTable.Find("", "v1", "services");
        var taken = type is null
            ? []
            : caches.Of(type).Snapshot().Objects.Values
                .Select(one => Of(one.ToTree())).ToHashSet(StringComparer.Ordinal);
        var start = ids.Below(_count);
        for (uint step = 0; step < _count; step++)
        {
            var offset = (start + step) % _count;
            if (offset != 0 && !taken.Contains(At(offset)))
            {
                return At(offset);
            }
        }

        throw new RefusedException(KubeStatus.Internal("failed to allocate a serviceIP: range is full"));
    }

    private string At(uint offset)
    {
        Span<byte> bytes = stackalloc byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(bytes, _first + 1 + offset);
        return new IPAddress(bytes).ToString();
    }

    private static string HolderOf(JsonObject? service) =>
        $"{service.TextIn("metadata", "namespace")}/{service.TextIn("metadata", "name")}";
}
