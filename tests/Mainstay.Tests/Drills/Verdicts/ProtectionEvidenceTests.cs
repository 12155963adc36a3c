using System.Collections.Immutable;
using Mainstay.Drills;
using Mainstay.Drills.Timeline;
using Mainstay.Drills.Verdicts;

namespace Mainstay.Tests.Drills.Verdicts;

/// <summary>Runs without a single protection: as they should go, and bent in one place.</summary>
public sealed class ProtectionEvidenceTests
{
    public static TheoryData<string> Names => [.. Protections.Known.Select(protection => protection.Name)];

    public static TheoryData<string, string> Pairs =>
    [
        .. from off in Protections.Known
           from other in Protections.Known
           where off != other
           select new TheoryDataRow<string, string>(off.Name, other.Name),
    ];

    [Fact]
    public void Every_protection_has_a_row_and_every_row_a_protection()
    {
        Assert.Equal(Names.Select(row => row.Data), ProtectionEvidence.All.Select(row => row.Protection));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void A_run_that_shows_what_is_gone_and_nothing_else_is_as_expected(string name)
    {
        Assert.All(Judged(name, name), check => Assert.True(check.Holds, check.ToString()));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void A_run_in_which_nothing_is_missed_fails_by_the_row_of_what_is_off(string name)
    {
        var missed = Assert.Single(Judged(name), check => !check.Holds);

        Assert.StartsWith($"without {name}: ", missed.Title, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Pairs))]
    public void Another_protection_that_does_not_hold_fails_the_run_by_its_own_row(string off, string other)
    {
        Assert.Contains(
            Judged(off, off, other),
            check => !check.Holds && check.Title.StartsWith($"{other} holds: ", StringComparison.Ordinal));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void A_run_that_never_tried_it_shows_neither_its_presence_nor_its_absence(string name)
    {
        var untried = SampleRuns.Single(name) with { Steps = [], Faults = [], Tables = [], Refusals = [] };

        var evidence = ProtectionEvidence.All.Single(row => row.Protection == name).Look(untried);

        Assert.Equal((false, false), (evidence.Holds, evidence.IsGone));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void A_doubled_payment_fails_a_run_whatever_is_off(string name)
    {
        var record = SampleRuns.Single(name, name) with { Money = new MoneyRecord(100, 100, 0, 1, 0, "") };

        Assert.Equal("no payment is lost, doubled or altered",
            Assert.Single(MonzoVerdict.Of(record), check => !check.Holds).Title);
    }

    [Fact]
    public void One_router_of_three_that_is_blind_is_neither_sight_nor_blindness()
    {
        var record = SampleRuns.Single("tolerance", "tolerance");
        var tables = record.Tables.SetItem(0, record.Tables[0] with { State = "live" });

        var missed = Assert.Single(MonzoVerdict.Of(record with { Tables = tables }), check => !check.Holds);

        Assert.Equal("1 of 3 routers have a live table", missed.Measured);
    }

    private static ImmutableArray<Check> Judged(string off, params string[] harmed) =>
        MonzoVerdict.Of(SampleRuns.Single(off, harmed));
}
