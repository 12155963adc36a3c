using Mainstay.ConsoleSite.Signals.Failures;
using static Mainstay.Tests.ConsoleSite.Signals.Failures.Reading;

namespace Mainstay.Tests.ConsoleSite.Signals.Failures;

public sealed class FailureBookTests
{
    private readonly FailureBook _book = new();

    [Fact]
    public void What_happened_is_the_difference_between_two_readings_of_each_router()
    {
        Add("node-1", second: 0, calls: 100, failed: 0);
        Add("node-2", second: 0, calls: 10, failed: 10);
        Add("node-1", second: 5, calls: 140, failed: 30);
        Add("node-2", second: 5, calls: 20, failed: 10);

        var sum = Assert.Single(_book.Since(Noon, Noon.AddSeconds(5)));
        Assert.Equal(new CallSum(50, 30, 0), sum.Total);
        Assert.Equal(new CallSum(40, 30, 0), sum.ByNode["node-1"]);
        Assert.Equal(new CallSum(50, 30, 0), Assert.Single(sum.Endpoints).Sum);
        Assert.Equal(new CallSum(50, 30, 0), sum.Callers["bank/gateway-b-y"]);
    }

    [Fact]
    public void A_router_that_started_anew_is_counted_from_its_first_reading_on()
    {
        Add("node-1", second: 0, calls: 1000, failed: 900);
        Add("node-1", second: 1, calls: 5, failed: 5, started: 1);
        Assert.Empty(_book.Since(Noon, Noon.AddSeconds(1)));
        Add("node-1", second: 2, calls: 15, failed: 5, started: 1);

        Assert.Equal(new CallSum(10, 0, 0), Assert.Single(_book.Since(Noon, Noon.AddSeconds(2))).Total);
    }

    [Fact]
    public void A_router_that_is_silent_says_nothing_about_now()
    {
        Add("node-1", second: 0, calls: 0, failed: 0);
        Add("node-1", second: 1, calls: 10, failed: 10);

        Assert.Empty(_book.Since(Noon, Noon.AddSeconds(60)));
    }

    private void Add(string node, int second, int calls, int failed, int started = 0)
    {
        var (table, counters) = Of(node, calls, failed, started);
        _book.Add(table, counters, Noon.AddSeconds(second));
    }
}
