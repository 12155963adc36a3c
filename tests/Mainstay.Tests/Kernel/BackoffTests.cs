using Mainstay.Kernel;

namespace Mainstay.Tests.Kernel;

public sealed class BackoffTests
{
    [Fact]
    public void Delays_double_up_to_the_cap_and_start_again_after_a_reset()
    {
        var options = new BackoffOptions(TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(30), Jitter: 0);
        var backoff = new Backoff(options, new Random(1));

        var seconds = Enumerable.Range(0, 7).Select(_ => backoff.Next().TotalSeconds).ToArray();
        backoff.Reset();

        Assert.Equal([1, 2, 4, 8, 16, 30, 30], seconds);
        Assert.Equal(1, backoff.Next().TotalSeconds);
    }

    [Fact]
    public void Jitter_only_ever_shortens_a_delay_and_never_to_nothing()
    {
        var options = new BackoffOptions(TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(8), Jitter: 0.5);
        var backoff = new Backoff(options, new Random(7));

        Assert.All(Enumerable.Range(0, 1000), _ => Assert.InRange(backoff.Next().TotalSeconds, 0.5, 8));
    }
}
