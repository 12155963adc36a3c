using Mainstay.ApiServer;
using Mainstay.ApiServer.Http;
using Mainstay.ApiServer.Watch;
using Microsoft.Extensions.Time.Testing;

namespace Mainstay.Tests.ApiServer.Watch;

public sealed class WatchCachesTests
{
    private readonly FakeTimeProvider _time = new();
    private readonly WatchCaches _caches;

    public WatchCachesTests() => _caches = new WatchCaches([Fakes.ConfigMaps], _time);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Who_comes_before_the_first_read_waits_for_it_and_is_not_sent_away()
    {
        var waiting = _caches.SyncedOfAsync(Fakes.ConfigMaps, Cancel);
        Assert.False(waiting.IsCompleted);

        _caches.Of(Fakes.ConfigMaps).Replace([], 1);

        Assert.Same(_caches.Of(Fakes.ConfigMaps), await waiting.WaitAsync(TimeSpan.FromSeconds(10), Cancel));
    }

    [Fact]
    public async Task Who_has_waited_for_too_long_is_refused_with_503()
    {
        var waiting = _caches.SyncedOfAsync(Fakes.ConfigMaps, Cancel);

        _time.Advance(Limits.FreshnessWait);

        var refused = await Assert.ThrowsAsync<RefusedException>(() => waiting);
        Assert.Equal(503, refused.Status.Code);
    }
}
