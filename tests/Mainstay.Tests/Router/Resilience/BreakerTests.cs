using Mainstay.Router.Resilience;

namespace Mainstay.Tests.Router.Resilience;

public sealed class BreakerTests
{
    private const long Second = 1_000_000;

    [Fact]
    public void Five_failures_in_a_row_open_it_and_probes_go_out_ever_more_rarely()
    {
        var breaker = default(Breaker);
        for (var failure = 0; failure < 4; failure++)
        {
            breaker.Failed(0);
        }

        Assert.True(breaker.Admits(0));
        breaker.Failed(0);
        Assert.False(breaker.Admits(0));
        Assert.False(breaker.Admits(Second - 1));

        var now = Second;
        foreach (var wait in new long[] { 2, 4, 8, 16, 30, 30 })
        {
            Assert.True(breaker.Admits(now));
            breaker.Started(now);
            Assert.False(breaker.Admits(now));
            breaker.Failed(now);
            Assert.False(breaker.Admits(now + (wait * Second) - 1));
            now += wait * Second;
        }
    }

    [Fact]
    public void A_probe_that_is_answered_closes_it_and_one_that_is_cancelled_leaves_the_next_call_to_probe()
    {
        var breaker = default(Breaker);
        for (var failure = 0; failure < 5; failure++)
        {
            breaker.Failed(0);
        }

        breaker.Started(Second);
        breaker.Cancelled();
        Assert.True(breaker.Admits(Second));
        breaker.Started(Second);
        breaker.Succeeded();

        Assert.Equal(BreakerState.Closed, breaker.State);
        breaker.Failed(Second);
        Assert.True(breaker.Admits(Second));
    }

    [Fact]
    public void A_success_between_failures_starts_the_count_again()
    {
        var breaker = default(Breaker);
        for (var turn = 0; turn < 20; turn++)
        {
            breaker.Failed(turn);
            breaker.Failed(turn);
            breaker.Succeeded();
        }

        Assert.True(breaker.Admits(20));
    }
}
