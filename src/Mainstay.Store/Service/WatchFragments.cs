using Mainstay.Etcd.Protocol;
using Mainstay.Store.Watch;

namespace Mainstay.Store.Service;

/// <summary>
/// Makes responses of events: one, unless the client allowed fragments and one would be larger than a message it
/// surely takes. All fragments but the last say that more of the same follows.
/// </summary>
internal static class WatchFragments
{
    public static IEnumerable<WatchResponse> Split(ResponseHeader header, WatchSpec spec, List<Event> events)
    {
        var response = new WatchResponse { Header = header, WatchId = spec.Id };
        if (!spec.Wishes.HasFlag(WatchWishes.Fragments))
        {
            response.Events.AddRange(events);
            yield return response;
            yield break;
        }

        var bytes = 0;
        foreach (var one in events)
        {
            var size = one.CalculateSize();
            if (bytes > 0 && bytes + size > Limits.RequestBytesMax)
            {
                response.Fragment = true;
                yield return response;
                response = new WatchResponse { Header = header, WatchId = spec.Id };
                bytes = 0;
            }

            response.Events.Add(one);
            bytes += size;
        }

        yield return response;
    }
}
