using Google.Protobuf;
using Mainstay.Store.Mvcc;
using Mainstay.Store.Watch;

namespace Mainstay.Tests.Store.Watch;

public sealed class WatchHubTests : IWatchSink
{
    private readonly MvccDraft _draft = MvccDraft.Empty();
    private readonly WatchHub _hub;
    private readonly List<Watcher> _woken = [];

    public WatchHubTests()
    {
        _hub = new WatchHub(_draft.Publish());
    }

    void IWatchSink.Wake(Watcher watcher) => _woken.Add(watcher);

    [Fact]
    public void Only_a_change_that_concerns_a_watcher_wakes_it_and_it_begins_there()
    {
        var (watcher, _) = _hub.Add(Spec("b", "c"), this);
        Put("a", "1");
        Assert.Empty(_woken);

        Put("b", "2");

        Assert.Equal([watcher], _woken);
        Assert.Equal(3, _hub.Peek(watcher)!.Value.From);
        Assert.Equal(["b=2@3"], Collect(watcher));
        Assert.Null(_hub.Peek(watcher));
    }

    [Fact]
    public void A_watcher_from_the_past_is_told_everything_once_and_in_order()
    {
        Put("a", "1");
        Put("a", "2");
        var (watcher, revision) = _hub.Add(Spec("a", "", start: 2), this);
        Assert.Equal(3, revision);

        var told = Collect(watcher);
        Put("a", "3");

        Assert.Equal(["a=1@2", "a=2@3"], told);
        Assert.Equal(["a=3@4"], Collect(watcher));
    }

    [Fact]
    public void A_watcher_of_the_future_hears_nothing_before_its_revision()
    {
        var (watcher, _) = _hub.Add(Spec("a", "", start: 4), this);
        Put("a", "1");
        Put("a", "2");
        Assert.Empty(_woken);

        Put("a", "3");

        Assert.Equal(["a=3@4"], Collect(watcher));
    }

    [Fact]
    public void A_watcher_whose_next_revision_was_compacted_is_told_so()
    {
        var (watcher, _) = _hub.Add(Spec("a", ""), this);
        Put("a", "1");
        Put("a", "2");
        Put("a", "3");
        _draft.Compact(4);
        _hub.Dispatch(_draft.Publish());

        var work = _hub.Peek(watcher)!.Value;

        Assert.True(WatchScan.Collect(work.View, watcher.Spec, work.From).IsCompacted);
    }

    [Fact]
    public void A_watch_may_start_at_the_very_revision_that_was_compacted_at()
    {
        Put("a", "1");
        Put("a", "2");
        _draft.Compact(3);
        _draft.CompactSome(100);
        _hub.Dispatch(_draft.Publish());

        var (watcher, _) = _hub.Add(Spec("a", "", start: 3), this);

        Assert.Equal(["a=2@3"], Collect(watcher));
    }

    [Fact]
    public void Filters_and_previous_values_are_those_asked_for()
    {
        Put("a", "1");
        _draft.Delete(_draft.Find(ByteString.CopyFromUtf8("a"))!);
        _draft.EndTxn();
        _hub.Dispatch(_draft.Publish());
        var (deletes, _) = _hub.Add(Spec("a", "", 2, WatchWishes.NoPuts | WatchWishes.PreviousValue), this);
        var (puts, _) = _hub.Add(Spec("a", "", 2, WatchWishes.NoDeletes), this);

        var work = _hub.Peek(deletes)!.Value;
        var told = Assert.Single(WatchScan.Collect(work.View, deletes.Spec, work.From).Events);

        Assert.Equal("1", told.PrevKv.Value.ToStringUtf8());
        Assert.Equal(["a=1@2"], Collect(puts));
    }

    [Fact]
    public void Removing_one_watcher_of_a_key_leaves_the_others()
    {
        var (gone, _) = _hub.Add(Spec("a", "b"), this);
        var (single, _) = _hub.Add(Spec("a", ""), this);

        _hub.Remove(gone);
        Put("a", "1");

        Assert.Equal([single], _woken);
        Assert.Equal(1, _hub.Count);
    }

    [Fact]
    public void Progress_is_known_only_when_nobody_is_behind()
    {
        var (watcher, _) = _hub.Add(Spec("a", ""), this);
        Assert.Equal(1, _hub.RevisionIfAllInSync([watcher]));

        Put("a", "1");
        Assert.Null(_hub.RevisionIfAllInSync([watcher]));

        Collect(watcher);
        Assert.Equal(2, _hub.RevisionIfAllInSync([watcher]));
    }

    private static WatchSpec Spec(string key, string end, long start = 0, WatchWishes wishes = WatchWishes.None) =>
        new(1, ByteString.CopyFromUtf8(key), ByteString.CopyFromUtf8(end), start, wishes);

    private void Put(string key, string value)
    {
        _draft.Put(ByteString.CopyFromUtf8(key), ByteString.CopyFromUtf8(value), lease: 0);
        _draft.EndTxn();
        _hub.Dispatch(_draft.Publish());
    }

    private List<string> Collect(Watcher watcher)
    {
        var work = _hub.Peek(watcher)!.Value;
        var scanned = WatchScan.Collect(work.View, watcher.Spec, work.From);
        _hub.Advance(watcher, scanned.NextRevision);
        return scanned.Events.ConvertAll(
            one => $"{one.Kv.Key.ToStringUtf8()}={one.Kv.Value.ToStringUtf8()}@{one.Kv.ModRevision}");
    }
}
