using Mainstay.Store.Lease;

namespace Mainstay.Tests.Store.Lease;

public sealed class LeaseClockTests
{
    private readonly LeaseClock _clock = new();

    [Fact]
    public void A_lease_renewed_at_seven_seconds_is_due_at_seventeen()
    {
        _clock.Start(1, ttlSeconds: 10, At(0));
        Assert.Equal(10, _clock.Renew(1, At(7)));

        Assert.Empty(_clock.TakeDue(At(16.9), 10));
        Assert.Equal([1], _clock.TakeDue(At(17), 10));
    }

    [Fact]
    public void A_lease_that_is_being_ended_cannot_be_renewed()
    {
        _clock.Start(1, ttlSeconds: 10, At(0));
        _clock.TakeDue(At(10), 10);

        Assert.Null(_clock.Renew(1, At(10)));
        Assert.Equal(0, _clock.RemainingSeconds(1, At(10)));
    }

    [Fact]
    public void A_lease_that_could_not_be_ended_comes_up_again()
    {
        _clock.Start(1, ttlSeconds: 10, At(0));
        _clock.TakeDue(At(10), 10);
        _clock.EndFailed(1, At(10));

        Assert.Empty(_clock.TakeDue(At(10.5), 10));
        Assert.Equal([1], _clock.TakeDue(At(11), 10));
    }

    [Fact]
    public void A_lease_that_was_stopped_is_neither_due_nor_known()
    {
        _clock.Start(1, ttlSeconds: 10, At(0));
        _clock.Stop(1);

        Assert.Empty(_clock.TakeDue(At(100), 10));
        Assert.Null(_clock.RemainingSeconds(1, At(1)));
    }

    [Fact]
    public void No_more_are_taken_than_asked_for_and_the_rest_come_next()
    {
        for (var id = 1; id <= 5; id++)
        {
            _clock.Start(id, ttlSeconds: id + 1, At(0));
        }

        Assert.Equal([1, 2], _clock.TakeDue(At(100), 2));
        Assert.Equal([3, 4, 5], _clock.TakeDue(At(100), 10));
    }

    private static TimeSpan At(double seconds) => TimeSpan.FromSeconds(seconds);
}
