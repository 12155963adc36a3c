using System.Collections.Immutable;
using Mainstay.Drills.Timeline;
using Mainstay.Drills.Verdicts;

namespace Mainstay.Tests.Drills.Verdicts;

/// <summary>Runs of the drill as they should go, each bent in one place.</summary>
public sealed class MonzoVerdictTests
{
    [Fact]
    public void With_every_protection_a_calm_run_holds_in_all()
    {
        Assert.All(MonzoVerdict.Of(SampleRuns.Protected), check => Assert.True(check.Holds, check.ToString()));
    }

    [Fact]
    public void A_lost_payment_fails_the_run()
    {
        var record = SampleRuns.Protected with { Money = new MoneyRecord(100, 99, 1, 0, 0, "") };

        Assert.Equal("no payment is lost, doubled or altered", Missed(record));
    }

    [Fact]
    public void A_ledger_that_could_not_be_read_is_not_sound()
    {
        var record = SampleRuns.Protected with { Money = new MoneyRecord(0, 0, 0, 0, 0, "no answer") };

        Assert.Equal("no payment is lost, doubled or altered", Missed(record));
    }

    [Fact]
    public void A_payment_that_is_never_answered_fails_the_run()
    {
        var totals = SampleRuns.Protected.Totals;
        var record = SampleRuns.Protected with { Totals = totals.SetItem(0, totals[0] with { Pending = 1 }) };

        Assert.Equal("Card payments: every one is answered", Missed(record));
    }

    [Fact]
    public void An_attempt_that_fails_is_told_with_its_second_and_its_reason()
    {
        var totals = SampleRuns.Protected.Totals;
        var failed = new JourneySample(35.2, "transfer", 2, 1, 0) { Failure = "payments answered 503" };
        var record = SampleRuns.Protected with
        {
            Totals = totals.SetItem(2, totals[2] with { FailedAttempts = 1 }),
            Samples = SampleRuns.Protected.Samples.Add(failed),
        };

        var missed = Assert.Single(MonzoVerdict.Of(record), check => !check.Holds);

        Assert.Equal("Transfers: no attempt fails", missed.Title);
        Assert.EndsWith("; by 35.2 s: payments answered 503", missed.Measured, StringComparison.Ordinal);
    }

    [Fact]
    public void A_root_that_is_named_after_eleven_seconds_is_late()
    {
        var named = new SignalLook(SampleRuns.Protected.Faults[0].Begins + 11, true, "via 127.0.0.1:5001");
        var late = SampleRuns.Protected.Signals[0] with { Looks = [named] };
        var record = SampleRuns.Protected with { Signals = [late] };

        Assert.StartsWith("root named within 10 s", Missed(record), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true, "api/x", "")]
    [InlineData(true, "", "EndpointSlice bank/x")]
    [InlineData(false, "api/x", "EndpointSlice bank/x")]
    public void A_restart_must_be_refused_by_hop_and_object(bool refused, string hop, string thing)
    {
        var record = SampleRuns.Protected with { Refusals = [new RefusalRecord(refused, hop, thing, "no")] };

        Assert.StartsWith("every restart of the fleet is refused", Missed(record), StringComparison.Ordinal);
    }

    [Fact]
    public void Without_any_protection_the_outage_in_its_shape_is_what_holds()
    {
        Assert.All(MonzoVerdict.Of(SampleRuns.Unprotected), check => Assert.True(check.Holds, check.ToString()));
    }

    [Fact]
    public void Without_any_protection_a_run_in_which_nothing_happens_is_not_as_expected()
    {
        var calm = SampleRuns.Protected with { Without = SampleRuns.Unprotected.Without };

        Assert.Contains(MonzoVerdict.Of(calm), check => !check.Holds);
    }

    [Fact]
    public void Prepaid_cards_that_fail_at_the_deploy_break_the_shape()
    {
        var samples = SampleRuns.Unprotected.Samples.Select(sample =>
            sample is { Journey: "prepaid-card", Second: > 25 and < 35 } ? sample with { Answered = 0, Failed = 9 }
                : sample);
        var record = SampleRuns.Unprotected with { Samples = [.. samples] };

        Assert.Equal("until the fleet restart, prepaid cards are unharmed", Missed(record));
    }

    [Theory]
    [InlineData(1, 0)]
    [InlineData(0, 1)]
    public void An_attempt_that_fails_or_is_turned_away_is_noticed_by_a_customer(long failed, long shed)
    {
        var totals = SampleRuns.Protected.Totals;
        var feed = totals.Single(total => total.Journey == "feed-and-balance");
        var record = SampleRuns.Protected with
        {
            Totals = totals.Replace(feed, feed with { FailedAttempts = failed, Shed = shed }),
        };

        Assert.Equal("Feed and balance: no attempt fails", Missed(record));
    }

    [Fact]
    public void A_step_in_vain_or_a_generator_that_began_anew_is_not_the_whole_story()
    {
        var title = MonzoVerdict.Of(SampleRuns.Protected).Single(check =>
            check.Title.StartsWith("every step of the story", StringComparison.Ordinal)).Title;

        Assert.Equal(title, Missed(SampleRuns.Protected with { InVain = ["deploy"] }));
        Assert.Equal(title, Missed(SampleRuns.Protected with { CountedAnew = 1 }));
    }

    [Fact]
    public void A_ledger_that_was_held_to_no_payment_shows_nothing()
    {
        var record = SampleRuns.Protected with { Money = new MoneyRecord(0, 0, 0, 0, 0, "") };

        Assert.Equal("no payment is lost, doubled or altered", Missed(record));
    }

    [Fact]
    public void Where_nobody_was_counted_no_outage_was_seen()
    {
        var samples = SampleRuns.Unprotected.Samples.Where(sample => sample.Second is <= 41 or > 80);
        var record = SampleRuns.Unprotected with { Samples = [.. samples] };

        var missed = MonzoVerdict.Of(record).Where(check => !check.Holds).ToList();

        Assert.Equal(Journey.All.Length, missed.Count);
        Assert.All(missed, check => Assert.Contains("are down", check.Title, StringComparison.Ordinal));
    }

    private static string Missed(DrillRecord record) =>
        Assert.Single(MonzoVerdict.Of(record), check => !check.Holds).Title;
}
