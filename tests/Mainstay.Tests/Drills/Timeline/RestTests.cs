using System.Collections.Immutable;
using Mainstay.Drills.Timeline;

namespace Mainstay.Tests.Drills.Timeline;

public sealed class RestTests
{
    private const double Now = 20;

    [Fact]
    public void Every_journey_answered_and_nothing_failing_is_steady()
    {
        Assert.True(At([]).IsSteady);
        Assert.True(At([]).IsCalm);
    }

    [Fact]
    public void A_journey_that_was_never_answered_is_not_steady() =>
        Assert.False((At([]) with { Samples = [.. Well().Where(sample => sample.Journey != "transfer")] }).IsSteady);

    [Theory]
    [InlineData(14, true)]
    [InlineData(16, false)]
    public void A_failure_is_forgiven_after_five_seconds(double second, bool isSteady)
    {
        var failed = new JourneySample(second, "transfer", 1, 1, 0);

        Assert.Equal(isSteady, (At([]) with { Samples = Well().Add(failed) }).IsSteady);
    }

    [Fact]
    public void What_began_a_moment_ago_is_not_steady() =>
        Assert.False((At([]) with { Samples = [.. Well().Where(sample => sample.Second > 16)] }).IsSteady);

    [Fact]
    public void Customers_that_are_not_heard_of_are_not_steady() =>
        Assert.False((At([]) with { Samples = [.. Well().Where(sample => sample.Second < 18)] }).IsSteady);

    [Fact]
    public void A_console_that_does_not_answer_is_no_sign_of_rest()
    {
        Assert.False((At([]) with { SignalsSeen = null }).IsSteady);
        Assert.False((At([]) with { SignalsSeen = 17 }).IsSteady);
    }

    [Theory]
    [InlineData("fallback-active", "warning", false, false)]
    [InlineData("restart-unsafe", "critical", true, false)]
    [InlineData("membership-changed", "info", true, true)]
    public void A_fallback_is_waited_for_and_so_is_what_is_critical(
        string name, string severity, bool isSteady, bool isCalm)
    {
        var on = At([Spell(name, severity, ends: 19.5)]);
        var over = At([Spell(name, severity, ends: 17)]);

        Assert.Equal((isSteady, isCalm), (on.IsSteady, on.IsCalm));
        Assert.True(over.IsCalm);
    }

    private static Rest At(ImmutableArray<SignalSpell> signals) => new(Well(), signals, SignalsSeen: 19.5, Now);

    private static ImmutableArray<JourneySample> Well() =>
    [
        .. Enumerable.Range(10, 10).SelectMany(second =>
            Journey.All.Select(journey => new JourneySample(second + 0.5, journey.Name, 3, 0, 0))),
    ];

    private static SignalSpell Spell(string name, string severity, double ends)
    {
        var seen = new SeenSignal(name, "a", severity, IsRoot: true, "", "", "");
        return new SignalSpell(seen, 1, ends, [new SignalLook(1, IsRoot: true, "")]);
    }
}
