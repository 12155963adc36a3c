using Mainstay.ApiServer;
using Mainstay.ApiServer.Watch;
using Microsoft.Extensions.Time.Testing;

namespace Mainstay.Tests.ApiServer.Watch;

public sealed class WatchCacheTests
{
    private readonly FakeTimeProvider _time = new();
    private readonly WatchCache _cache;

    public WatchCacheTests() => _cache = new WatchCache(Fakes.ConfigMaps, _time);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_slow_watcher_is_cut_and_the_others_go_on()
    {
        _cache.Replace([], 1);
        await using var slow = Subscribe(1);
        await using var quick = Subscribe(1);
        for (var i = 0; i <= Limits.WatchBacklogEventsMax; i++)
        {
            Put("a", i + 2);
            Assert.True(quick.Live.TryRead(out _));
        }

        Assert.Equal(WatchEnd.TooSlow, slow.End);
        Assert.True(slow.TooSlow.IsCancellationRequested);
        Assert.Null(quick.End);
        Assert.Equal(1, _cache.WatcherCount);
        Assert.Equal(1, _cache.CutTotal);
    }

    [Fact]
    public async Task A_backlog_that_just_fits_is_not_cut()
    {
        _cache.Replace([], 1);
        await using var watcher = Subscribe(1);
        for (var i = 0; i < Limits.WatchBacklogEventsMax; i++)
        {
            Put("a", i + 2);
        }

        Assert.Null(watcher.End);
    }

    [Fact]
    public async Task A_cache_that_starts_anew_ends_its_watches()
    {
        _cache.Replace([], 1);
        await using var watcher = Subscribe(1);

        _cache.Replace([], 9);

        Assert.Equal(WatchEnd.Replaced, watcher.End);
        Assert.False(await watcher.Live.WaitToReadAsync(Cancel));
        Assert.Null(_cache.Subscribe(5, "/", out var oldest));
        Assert.Equal(9, oldest);
    }

    [Fact]
    public async Task State_and_what_follows_have_no_gap_between_them()
    {
        _cache.Replace([Fakes.ConfigMap("a", 1)], 1);
        Put("b", 2);

        var (state, subscription) = _cache.SubscribeWithState(Fakes.ConfigMaps.StoragePrefix);
        await using var watcher = subscription;
        Put("c", 3);

        Assert.Equal(2, state.Objects.Count);
        Assert.Equal(2, state.Revision);
        Assert.True(watcher.Live.TryRead(out var change));
        Assert.Equal(3, change.Revision);
    }

    [Fact]
    public async Task A_watch_of_another_namespace_is_not_woken()
    {
        _cache.Replace([], 1);
        await using var watcher = _cache.Subscribe(1, Fakes.ConfigMaps.StorageListPrefix("other"), out _);

        Put("a", 2);

        Assert.NotNull(watcher);
        Assert.False(watcher.Live.TryRead(out _));
        Assert.Equal(2, watcher.CaughtUpTo());
    }

    [Fact]
    public async Task A_watcher_with_something_to_read_has_not_caught_up()
    {
        _cache.Replace([], 1);
        await using var watcher = Subscribe(1);
        Put("a", 2);

        Assert.Null(watcher.CaughtUpTo());
        watcher.Live.TryRead(out _);
        Assert.Equal(2, watcher.CaughtUpTo());
    }

    [Fact]
    public async Task A_reader_waits_until_the_cache_has_reached_its_revision()
    {
        _cache.Replace([], 1);
        var waiting = _cache.WaitForAsync(5, TimeSpan.FromSeconds(3), Cancel);
        Assert.False(waiting.IsCompleted);

        _cache.Advance(5);

        Assert.True(await waiting);
    }

    [Fact]
    public async Task A_reader_does_not_wait_for_ever()
    {
        _cache.Replace([], 1);
        var waiting = _cache.WaitForAsync(5, TimeSpan.FromSeconds(3), Cancel);

        _time.Advance(TimeSpan.FromSeconds(3));

        Assert.False(await waiting);
    }

    [Fact]
    public void Age_counts_from_the_last_proof_and_events_alone_prove_nothing()
    {
        Assert.Null(_cache.Age);
        _cache.Replace([], 1);
        _time.Advance(TimeSpan.FromSeconds(4));
        Put("a", 2);
        Assert.Equal(TimeSpan.FromSeconds(4), _cache.Age);

        _cache.Confirm(3, _time.GetTimestamp());
        Assert.Equal(TimeSpan.FromSeconds(4), _cache.Age);

        _cache.Confirm(2, _time.GetTimestamp());
        Assert.Equal(TimeSpan.Zero, _cache.Age);
    }

    private WatchSubscription Subscribe(long after) =>
        _cache.Subscribe(after, Fakes.ConfigMaps.StoragePrefix, out _)
            ?? throw new InvalidOperationException("too old");

    private void Put(string name, long revision) =>
        _cache.Apply([new CacheChange(Fakes.Key(name), revision, Fakes.ConfigMap(name, revision))], revision);
}
