using System.Globalization;
using Mainstay.Router.Balancing;
using Mainstay.Router.Discovery;

namespace Mainstay.Tests.Router.Balancing;

public sealed class FallbackAgreementsTests
{
    private static readonly FallbackRoute Standin = new("bank", "standin", -1, ByHand: false);

    private readonly FallbackAgreements _agreements = new();

    [Fact]
    public void Loops_agree_on_a_service_and_its_fallback_by_whosever_hand()
    {
        var agreement = _agreements.Of("bank", "payments", Standin);
        agreement.Tell(isActive: true);

        Assert.Same(agreement, _agreements.Of("bank", "payments", Standin with { ByHand = true }));
        Assert.False(_agreements.Of("bank", "payments", Standin with { Name = "other" }).IsActive);
        Assert.False(_agreements.Of("bank", "cards", Standin).IsActive);
    }

    [Fact]
    public void What_a_loop_holds_outlives_thousands_that_nobody_holds()
    {
        var held = _agreements.Of("bank", "payments", Standin);
        foreach (var number in Enumerable.Range(0, 5_000))
        {
            _ = _agreements.Of("bank", string.Create(CultureInfo.InvariantCulture, $"s-{number}"), Standin);
        }

        GC.Collect();
        Assert.Same(held, _agreements.Of("bank", "payments", Standin));
        GC.KeepAlive(held);
    }

    [Fact]
    public async Task Loops_that_tell_at_the_same_time_end_in_one_of_their_words()
    {
        var agreement = _agreements.Of("bank", "payments", Standin);
        var tellers = Enumerable.Range(0, 4).Select(teller => Task.Run(() =>
        {
            for (var turn = 0; turn < 10_000; turn++)
            {
                var word = agreement.Tell((turn + teller) % 2 == 0);
                Assert.True(word <= agreement.Turns);
            }
        }));

        await Task.WhenAll(tellers);

        Assert.Equal(agreement.IsActive, (agreement.Turns & 1) == 1);
        Assert.Equal(agreement.Turns, agreement.Tell(agreement.IsActive));
    }
}
