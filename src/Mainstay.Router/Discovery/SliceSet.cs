using System.Collections.Immutable;
using System.Text.Json;
using Mainstay.Kube;
using Mainstay.Router.Discovery.Freshness;

namespace Mainstay.Router.Discovery;

/// <summary>
/// What one object of the kind in use says of endpoints: an EndpointSlice one slice, an Endpoints one slice for each of
/// its subsets, the heartbeat none.
/// </summary>
internal sealed record SliceSet(ObjectKey Key, ImmutableArray<SliceObject> Slices) : IDiscoveryObject
{
    public Heartbeat? Heartbeat { get; init; }

    public string NullList { get; init; } = "";

    /// <summary>Whether the API server left endpoints out because there are too many for one object.</summary>
    public bool IsTruncated { get; init; }

    /// <exception cref="MalformedObjectException">naming the field that makes no sense</exception>
    public static SliceSet ReadSlice(JsonElement slice)
    {
        var key = ObjectKey.Of(slice);
        return key == Heartbeat.Key
            ? new SliceSet(key, []) { Heartbeat = Heartbeat.Read(slice), NullList = NullLists.FirstIn(slice) }
            : new SliceSet(key, [SliceObject.Read(slice)]) { NullList = NullLists.FirstIn(slice) };
    }
}
