using Mainstay.Router.Discovery.Freshness;

namespace Mainstay.Tests.Router.Discovery.Freshness;

public sealed class ElectionCoreTests
{
    private readonly ElectionCore _election = new("router/a", TimeSpan.FromSeconds(5));

    [Fact]
    public void A_lease_is_taken_over_when_it_has_not_changed_for_its_duration_on_the_own_clock()
    {
        Assert.Equal(ElectionStep.Wait, Seen("router/b", "7", 100));
        Assert.Equal(ElectionStep.Wait, Seen("router/b", "7", 104.9));
        Assert.Equal(ElectionStep.TakeOver, Seen("router/b", "7", 105));
    }

    [Fact]
    public void A_lease_that_is_renewed_is_never_taken_over()
    {
        for (var second = 0; second < 60; second++)
        {
            Assert.Equal(ElectionStep.Wait, Seen("router/b", $"{second}", second));
        }
    }

    [Fact]
    public void A_lease_that_is_missing_given_up_or_the_own_needs_no_waiting()
    {
        Assert.Equal(ElectionStep.Create, _election.Seen(null, TimeSpan.Zero));
        Assert.Equal(ElectionStep.TakeOver, Seen("", "7", 0));
        Assert.Equal(ElectionStep.Renew, Seen("router/a", "8", 0));
    }

    private ElectionStep Seen(string holder, string version, double now) =>
        _election.Seen(new LeaseRecord(holder, version, 0), TimeSpan.FromSeconds(now));
}
