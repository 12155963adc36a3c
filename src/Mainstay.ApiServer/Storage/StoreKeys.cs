using Google.Protobuf;
using Mainstay.Etcd;

namespace Mainstay.ApiServer.Storage;

/// <summary>
/// The keys that are no object's. Those of objects are kube-apiserver's: see ResourceType.StorageKey.
/// </summary>
internal static class StoreKeys
{
    /// <summary>A key that never exists: reading it by quorum tells where the store stands.</summary>
    public const string Probe = "/registry/mainstay.dev/probe";

    /// <summary>kube-apiserver's own name for it, so that the two take turns at compaction.</summary>
    public const string Compaction = "compact_rev_key";

    /// <summary>Before the address of each API server that lives; see <see cref="ApiServerLeases"/>.</summary>
    public const string ApiServers = "/registry/mainstay.dev/api-servers/";

    /// <summary>Every key there is; the empty key is none.</summary>
    public static readonly KeyRange Everything = KeyRange.From(ByteString.CopyFrom(0));

    /// <summary>Holds the name of the one service that has the address.</summary>
    public static string ServiceAddress(string address) => $"/registry/mainstay.dev/service-addresses/{address}";
}
