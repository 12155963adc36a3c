using System.Globalization;
using k8s.Models;
using Mainstay.Controllers.Core;
using Mainstay.Kernel.Signals;
using Mainstay.Kube;

namespace Mainstay.Controllers.Signals;

/// <summary>
/// How far the heartbeat got to the controllers: the sequence last seen in the cache that the pods' revisions come
/// from, and how long ago, by their own clock, it advanced. Thread safe.
/// </summary>
internal sealed class HeartbeatSeen(TimeProvider time, Func<Uri> server)
{
    private static readonly ObjectKey Key = new("kube-system", "mainstay-heartbeat");
    private const string SequenceAnnotation = "mainstay.dev/sequence";
    private Beat _last = new(-1, null);

    public void Wire(ClusterCaches caches, bool hasSlices)
    {
        ClusterCache<Bare> cache = hasSlices ? caches.EndpointSlices : caches.Endpoints;
        cache.AddMetaListener((_, fresh) =>
        {
            if (fresh is not null && fresh.Key() == Key)
            {
                Take(fresh);
            }
        });
    }

    /// <summary>A smaller number is a new beginning; one that is no number is not the heartbeat's.</summary>
    public void Take(V1ObjectMeta heartbeat)
    {
        if (heartbeat.Annotations is { } notes && notes.TryGetValue(SequenceAnnotation, out var text)
            && long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var sequence)
            && sequence != Volatile.Read(ref _last).Sequence)
        {
            Volatile.Write(ref _last, new Beat(sequence, time.GetTimestamp()));
        }
    }

    public Hop Hop
    {
        get
        {
            var (sequence, at) = Volatile.Read(ref _last);
            return new Hop("controllers", $"api/{server().AbsoluteUri.TrimEnd('/')}", sequence,
                at is { } since ? time.GetElapsedTime(since) : null);
        }
    }

    private sealed record Beat(long Sequence, long? At);
}
