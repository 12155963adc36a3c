using Google.Protobuf;
using Mainstay.Etcd.Protocol;
using Mainstay.Store.Mvcc;

namespace Mainstay.Store.Watch;

/// <summary>
/// Whoever sends the events of some watchers to a client; woken when one of them has something to send.
/// </summary>
internal interface IWatchSink
{
    /// <summary>Called inside the hub's lock: it may only note the watcher down.</summary>
    void Wake(Watcher watcher);
}

/// <param name="Id">the number that the stream knows the watcher by</param>
/// <param name="StartRevision">nothing below is sent; 0 is from now on</param>
internal sealed record WatchSpec(
    long Id, ByteString Key, ByteString RangeEnd, long StartRevision, WatchWishes Wishes)
{
    public KeyInterval Interval => new(Key, RangeEnd);
}

[Flags]
internal enum WatchWishes
{
    None = 0,
    PreviousValue = 1,
    NoPuts = 2,
    NoDeletes = 4,
    Progress = 8,
    Fragments = 16,
}

/// <summary>
/// One watch. It keeps no events, only the revision that it has to look at next: what happened is read from the
/// history when the client is ready for it, so a slow client costs nothing but its own delay. In sync it has nothing
/// to look at; the first change that concerns it puts it behind at that change's revision.
/// </summary>
internal sealed class Watcher(WatchSpec spec, IWatchSink sink, long nextRevision, bool isBehind)
{
    public WatchSpec Spec { get; } = spec;

    public IWatchSink Sink { get; } = sink;

    /// <summary>
    /// While behind: where to look next. In sync: the first revision that may be sent. The hub's lock guards it.
    /// </summary>
    public long NextRevision { get; set; } = nextRevision;

    /// <summary>The hub's lock guards it.</summary>
    public bool IsBehind { get; set; } = isBehind;
}
