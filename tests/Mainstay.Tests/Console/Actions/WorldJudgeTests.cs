using System.Collections.Immutable;
using Mainstay.ConsoleSite.Actions;
using Mainstay.Kernel.Signals;

namespace Mainstay.Tests.ConsoleSite.Actions;

public sealed class WorldJudgeTests
{
    private static readonly CallKey Key = new("router/node-1", "bank/payments");
    private static readonly ImmutableHashSet<string> InHand = ["router/node-1"];

    [Fact]
    public void Nothing_new_is_not_worse()
    {
        var signal = FakeWorld.Signal(SignalCatalog.DiscoveryStale, "router/node-2", "stale.");
        var view = View(1000, 0) with { Signals = [signal] };

        Assert.Null(WorldJudge.Worse(view, View(2000, 3) with { Signals = [signal] }, InHand));
    }

    [Fact]
    public void A_new_critical_signal_is_worse_and_a_new_warning_is_not()
    {
        var critical = FakeWorld.Signal(SignalCatalog.DiscoveryStale, "router/node-2", "stale.");
        var warning = FakeWorld.Signal(SignalCatalog.BrakeHolding, "router/node-2", "held.");

        Assert.Contains("discovery-stale on router/node-2", Worse(View(0, 0) with { Signals = [critical] }));
        Assert.Equal("", Worse(View(0, 0) with { Signals = [warning] }));
    }

    [Fact]
    public void What_the_unit_in_hand_causes_is_expected_and_what_another_causes_is_not()
    {
        Signal Stale(string cause) => new(
            SignalCatalog.DiscoveryStale, "router/node-2", default, new SignalReading("stale.") { CausedBy = [cause] });

        Assert.Equal("", Worse(View(0, 0) with { Signals = [Stale("router/node-1")] }));
        Assert.Contains("discovery-stale", Worse(View(0, 0) with { Signals = [Stale("api/https://a")] }));
    }

    [Fact]
    public void The_share_of_what_nobody_counts_is_unknown_and_not_nothing()
    {
        Assert.Equal(1, View(10, 0).ShareOf("router/node-1"));
        Assert.Null(View(10, 0).ShareOf("api/https://a"));
        Assert.Null(View(0, 0).ShareOf("router/node-1"));
    }

    [Fact]
    public void Silence_is_worse_but_for_the_unit_in_hand()
    {
        Assert.Equal("", Worse(Silent("router/node-1")));
        Assert.Contains("router/node-2 no longer answers", Worse(Silent("router/node-2")));
    }

    [Fact]
    public void A_service_that_falls_is_worse_though_few_calls_say_nothing()
    {
        Assert.Contains("bank/payments answers 95.0 %", Worse(View(1100, 5)));
        Assert.Equal("", Worse(View(1010, 5)));
    }

    [Theory]
    [InlineData(44, false)]
    [InlineData(99, false)]
    [InlineData(100, true)]
    public void A_service_in_hand_has_fallen_only_if_nothing_is_answered_well(int failed, bool isWorse)
    {
        var worse = WorldJudge.Worse(View(1000, 0), View(1100, failed), ["service/bank/payments"]);

        Assert.Equal(isWorse, worse is not null);
    }

    [Theory]
    [InlineData(44, false)]
    [InlineData(100, true)]
    public void While_a_service_is_in_hand_whoever_calls_it_may_fall_with_it_but_not_wholly(int failed, bool isWorse)
    {
        var worse = WorldJudge.Worse(View(1000, 0), View(1100, failed), ["service/bank/accounts"]);

        Assert.Equal(isWorse, worse is not null);
    }

    [Fact]
    public void What_fails_of_a_service_in_hand_and_by_it_is_expected_and_what_fails_otherwise_is_not()
    {
        Signal Failing(string subject, params string[] causes) => new(
            SignalCatalog.ServiceFailing, subject, default, new SignalReading("12 % fail.") { CausedBy = [.. causes] });
        string? Judge(Signal signal) =>
            WorldJudge.Worse(View(0, 0), View(0, 0) with { Signals = [signal] }, ["service/bank/payments"]);

        Assert.Null(Judge(Failing("service/bank/payments")));
        Assert.Null(Judge(Failing("service/bank/gateway", "service/bank/payments")));
        Assert.Contains("bank/cards is new", Judge(Failing("service/bank/cards")), StringComparison.Ordinal);
    }

    [Fact]
    public void A_service_that_failed_before_as_much_is_not_worse()
    {
        Assert.Null(WorldJudge.Worse(View(1000, 500), View(2000, 900), InHand));
    }

    [Theory]
    [InlineData(1000, 0, "answers 96.0 %")]
    [InlineData(1000, 40, "")]
    [InlineData(10, 0, "")]
    public void What_a_service_did_just_before_counts_and_its_whole_life_where_that_says_nothing(
        double calls, double failed, string expected)
    {
        var before = View(100_000, 10_000) with
        {
            Lately = ImmutableDictionary<string, CallCount>.Empty.Add(Key.Service, new CallCount(calls, failed)),
        };

        var worse = WorldJudge.Worse(before, View(101_000, 10_040), InHand) ?? "";

        Assert.Equal(expected.Length > 0, worse.Length > 0);
        Assert.Contains(expected, worse, StringComparison.Ordinal);
    }

    [Fact]
    public void Calls_between_two_looks_are_added_up_over_the_routers()
    {
        var other = new CallKey("router/node-2", Key.Service);
        var earlier = View(100, 10) with { Calls = View(100, 10).Calls.Add(other, new CallCount(50, 0)) };
        var now = View(130, 12) with { Calls = View(130, 12).Calls.Add(other, new CallCount(20, 1)) };

        Assert.Equal(new CallCount(50, 3), WorldJudge.Between(earlier, now)[Key.Service]);
    }

    [Fact]
    public void A_counter_that_began_anew_counts_from_zero()
    {
        Assert.Equal("", Worse(View(100, 0)));
        Assert.Contains("90.0 % of 100 calls", Worse(View(100, 10)));
    }

    private static string Worse(WorldView now) => WorldJudge.Worse(View(1000, 0), now, InHand) ?? "";

    private static WorldView Silent(string part) => View(0, 0) with
    {
        Silent = ImmutableSortedDictionary<string, string>.Empty.Add(part, "connection refused"),
    };

    private static WorldView View(double total, double failed) => new(DateTimeOffset.UnixEpoch)
    {
        Calls = ImmutableDictionary<CallKey, CallCount>.Empty.Add(Key, new CallCount(total, failed)),
    };
}
