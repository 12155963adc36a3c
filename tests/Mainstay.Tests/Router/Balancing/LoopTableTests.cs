using Mainstay.Router;
using Mainstay.Router.Balancing;
using Mainstay.Router.Discovery;
using Mainstay.Router.Resilience;

namespace Mainstay.Tests.Router.Balancing;

public sealed class LoopTableTests
{
    private const long GoneMicros = Limits.ServiceGoneMilliseconds * 1000L;

    private readonly LoopTable _table = new(new Random(1), new FallbackAgreements());
    private long _revision;

    [Fact]
    public void A_service_that_goes_takes_its_fallback_with_it()
    {
        Follow(0, Service("a"), Service("b"));
        var gone = _table[0];
        Assert.Equal(FallbackChoice.Fallback, gone.Fallback?.Switch.Choose(hasLive: false, 0));
        Assert.True(gone.Fallback?.Switch.IsActive);

        Follow(1, Service("b"));

        Assert.Null(gone.Fallback);
    }

    [Fact]
    public void A_service_that_comes_back_soon_has_its_figures_and_later_begins_anew()
    {
        Follow(0, Service("a"), Service("b"));
        var before = _table[0];
        Follow(1, Service("b"));
        Follow(GoneMicros, Service("a"), Service("b"));
        Assert.Same(before, _table[0]);

        Follow(GoneMicros, Service("b"));
        Follow(2 * GoneMicros, Service("b"));
        Assert.Equal(["b"], Known());
        Follow(2 * GoneMicros, Service("a"), Service("b"));
        Assert.NotSame(before, _table[0]);
    }

    [Fact]
    public void A_service_with_a_call_that_is_out_is_kept_until_the_call_ends()
    {
        Follow(0, Service("a"), Service("b"));
        var busy = _table[0];
        busy.Counters.InFlight = 1;
        Follow(1, Service("b"));
        Follow(2 * GoneMicros, Service("b"));
        Assert.Equal(["a", "b"], Known());

        busy.Counters.InFlight = 0;
        Follow(2 * GoneMicros, Service("b"), Service("c"));
        Assert.Equal(["b", "c"], Known());
    }

    [Fact]
    public void Services_that_come_and_go_for_ever_leave_a_bounded_trace()
    {
        for (var day = 0; day < 200; day++)
        {
            Follow(day * GoneMicros, [.. Enumerable.Range(0, 10).Select(number => Service($"s-{day}-{number}"))]);
        }

        Assert.InRange(_table.Known.Length, 10, 30);
    }

    private string[] Known() => [.. _table.Known.ToArray().Select(state => state.Counters.Name).Order()];

    private void Follow(long nowMicros, params ServiceRoute[] services) =>
        _table.Follow(new RouteTable([.. services], ++_revision), FallbackWishes.None, nowMicros);

    private static ServiceRoute Service(string name) => new("bank", name, [new PortRoute("http", 80, [])])
    {
        Fallback = name == "b" ? null : new FallbackRoute("bank", "b", -1, ByHand: false),
    };
}
