using Mainstay.Router.Resilience;

namespace Mainstay.Tests.Router.Resilience;

public sealed class RetryBudgetTests
{
    [Fact]
    public void When_every_call_fails_retries_stay_a_fifth_of_the_calls()
    {
        var budget = new RetryBudget(0);
        var retries = 0;
        for (var call = 0; call < 10_000; call++)
        {
            budget.CallStarted();
            retries += budget.TrySpend(0) ? 1 : 0;
        }

        Assert.InRange(retries, 2_000, 2_010);
    }

    [Fact]
    public void A_quiet_service_may_retry_ten_times_a_second_and_saves_up_a_hundred()
    {
        var budget = new RetryBudget(0);
        while (budget.TrySpend(0))
        {
        }

        Assert.Equal(10, Spend(ref budget, 1_000_000));
        Assert.Equal(100, Spend(ref budget, 3_600_000_000));
    }

    private static int Spend(ref RetryBudget budget, long nowMicros)
    {
        var spent = 0;
        while (budget.TrySpend(nowMicros))
        {
            spent++;
        }

        return spent;
    }
}
