using Mainstay.Etcd.Protocol;
using Mainstay.Store.Mvcc;

namespace Mainstay.Store.Watch;

/// <param name="Events">the changes that concern the watcher, whole revisions in order</param>
/// <param name="NextRevision">where to go on</param>
/// <param name="IsCompacted">history was taken away where the watcher stood</param>
internal readonly record struct WatchScanned(List<Event> Events, long NextRevision, bool IsCompacted);

/// <summary>Reads from the history what a watcher has to be told. No I/O, no lock.</summary>
internal static class WatchScan
{
    // An empty store is at revision 1, which changed nothing.
    private const long FirstPossible = 1;

    /// <summary>From a revision on, up to the view's or until there is enough for one response.</summary>
    public static WatchScanned Collect(MvccView view, WatchSpec spec, long from)
    {
        var events = new List<Event>();
        var interval = spec.Interval;
        long bytes = 0;
        var revision = from;
        var last = Math.Min(view.Revision, from + Limits.WatchScanRevisions - 1);
        for (; revision <= last && bytes < Limits.WatchResponseBytes; revision++)
        {
            var change = view.History.At(revision);
            if (revision < view.CompactRevision || (change is null && revision > FirstPossible))
            {
                return new WatchScanned(events, revision, IsCompacted: true);
            }

            for (; change is not null; change = change.NextInRevision)
            {
                if (Concerns(spec, interval, change))
                {
                    events.Add(ToEvent(spec, change));
                    bytes += change.Bytes;
                }
            }
        }

        return new WatchScanned(events, revision, IsCompacted: false);
    }

    public static bool Concerns(WatchSpec spec, in KeyInterval interval, KeyVersion change) =>
        interval.Contains(change.Key)
        && !spec.Wishes.HasFlag(change.IsDeletion ? WatchWishes.NoDeletes : WatchWishes.NoPuts);

    private static Event ToEvent(WatchSpec spec, KeyVersion change)
    {
        var told = new Event
        {
            Type = change.IsDeletion ? Event.Types.EventType.Delete : Event.Types.EventType.Put,
            Kv = change.Kv,
        };
        if (spec.Wishes.HasFlag(WatchWishes.PreviousValue) && change.Previous is { IsDeletion: false } previous)
        {
            told.PrevKv = previous.Kv;
        }

        return told;
    }
}
