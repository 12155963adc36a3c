using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using Mainstay.Kube;
using Mainstay.Router.Discovery.Freshness;

namespace Mainstay.Router.Discovery;

/// <summary>
/// What is read of an Endpoints object, which is one for the service of its own name: subsets, each with ports and
/// addresses of their own. Absent, null and empty subsets are the same: nothing to route to.
/// </summary>
internal static class EndpointsObject
{
    private const string OverCapacity = "endpoints.kubernetes.io/over-capacity";

    /// <exception cref="MalformedObjectException">naming the field that makes no sense</exception>
    public static SliceSet Read(JsonElement endpoints)
    {
        var key = ObjectKey.Of(endpoints);
        if (key == Heartbeat.Key)
        {
            return new SliceSet(key, [])
            {
                Heartbeat = Heartbeat.Read(endpoints),
                NullList = NullLists.FirstIn(endpoints),
            };
        }

        var annotations = endpoints.Child("metadata")?.Map("annotations");
        return new SliceSet(key, [.. endpoints.Items("subsets").Select((subset, index) => Read(key, subset, index))])
        {
            NullList = NullLists.FirstIn(endpoints),
            IsTruncated = annotations?.GetValueOrDefault(OverCapacity) == "truncated",
        };
    }

    /// <summary>The name of a subset's slice: no name of an object has such a sign.</summary>
    public static ObjectKey SubsetKey(ObjectKey endpoints, int index) => new(
        endpoints.Namespace,
        index == 0 ? endpoints.Name : string.Create(CultureInfo.InvariantCulture, $"{endpoints.Name}#{index}"));

    /// <summary>Whether a slice is of this object, be it the slice itself or the slice of a subset.</summary>
    public static bool IsOf(ObjectKey slice, ObjectKey owner) => slice.Namespace == owner.Namespace
        && slice.Name.StartsWith(owner.Name, StringComparison.Ordinal)
        && (slice.Name.Length == owner.Name.Length || slice.Name[owner.Name.Length] == '#');

    private static SliceObject Read(ObjectKey key, JsonElement subset, int index) =>
        new(SubsetKey(key, index), key.Name)
        {
            Ports = SliceObject.ReadPorts(subset, "subsets[].ports[].port"),
            Addresses =
            [
                .. subset.Items("addresses").Select(address => Read(address, isReady: true)),
                .. subset.Items("notReadyAddresses").Select(address => Read(address, isReady: false)),
            ],
        };

    private static SliceAddress Read(JsonElement address, bool isReady)
    {
        var target = address.Child("targetRef");
        var isPod = target?.Text("kind") == "Pod";
        return new SliceAddress(SliceObject.AddressOf(address.Text("ip"), "subsets[].addresses[].ip"), isReady)
        {
            Node = address.Text("nodeName"),
            Pod = isPod ? target?.Text("name") ?? "" : "",
            Uid = isPod ? target?.Text("uid") ?? "" : "",
        };
    }
}
