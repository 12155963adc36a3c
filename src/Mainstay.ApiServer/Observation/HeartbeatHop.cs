using System.Globalization;
using System.Text.Json.Nodes;
using Mainstay.ApiServer.Registry;
using Mainstay.ApiServer.Storage;
using Mainstay.ApiServer.Watch;
using Mainstay.Kernel.Signals;

namespace Mainstay.ApiServer.Observation;

/// <summary>
/// This server as a hop on the way of a change: the heartbeat as it stands in the very cache that the watches of
/// EndpointSlices are served from. The age is time on this process's own clock since the sequence advanced.
/// </summary>
internal sealed class HeartbeatHop(string subject, WatchCaches caches, TimeProvider time)
{
    private const string Namespace = "kube-system";
    private const string Name = "mainstay-heartbeat";
    private const string SequenceAnnotation = "mainstay.dev/sequence";

    private readonly WatchCache? _slices = CacheOf(caches, "discovery.k8s.io", "endpointslices");
    private volatile Seen _seen = new(-1, -1, null);

    public Hop Hop
    {
        get
        {
            var seen = _seen;
            TimeSpan? age = seen.AdvancedAt is { } at ? time.GetElapsedTime(at) : null;
            return new Hop(subject, "store", seen.Sequence, age);
        }
    }

    /// <summary>Looks into the cache each fifth of a second: cheap, and near enough for an age in seconds.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            Look();
            await Task.Delay(Limits.HeartbeatLookInterval, time, cancellationToken);
        }
    }

    public void Look()
    {
        if (_slices is not { IsSynced: true }
            || !_slices.Snapshot().Objects.TryGetValue(_slices.Type.StorageKey(Namespace, Name), out var slice)
            || slice.Revision == _seen.Revision)
        {
            return;
        }

        var seen = _seen;
        var sequence = SequenceOf(slice);
        // A first sight is an advance only if a second follows: the object may be old.
        var advanced = sequence > seen.Sequence && seen.Sequence >= 0;
        _seen = new Seen(
            slice.Revision, Math.Max(sequence, seen.Sequence), advanced ? time.GetTimestamp() : seen.AdvancedAt);
    }

    private static long SequenceOf(StoredObject slice)
    {
        var text = (slice.ToTree()["metadata"]?["annotations"] as JsonObject)?[SequenceAnnotation]?.ToString();
        return long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : -1;
    }

    private static WatchCache? CacheOf(WatchCaches caches, string group, string plural) =>
        ResourceTable.Find(group, "v1", plural) is { } type ? caches.Of(type) : null;

    private sealed record Seen(long Revision, long Sequence, long? AdvancedAt);
}
