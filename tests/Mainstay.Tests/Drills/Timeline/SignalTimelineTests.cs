using System.Collections.Immutable;
using Mainstay.Drills.Timeline;

namespace Mainstay.Tests.Drills.Timeline;

public sealed class SignalTimelineTests
{
    private static readonly SeenSignal Stale = new(
        "discovery-stale", "router/node-1", "critical", IsRoot: false, "stale", "wait", "via 127.0.0.1:5001");

    [Fact]
    public void A_signal_that_goes_and_comes_again_has_two_spells()
    {
        var timeline = new SignalTimeline();
        timeline.Observe(1, [Stale]);
        timeline.Observe(2, [Stale]);
        timeline.Observe(3, []);
        timeline.Observe(4, [Stale]);

        Assert.Equal([(1, 2), (4, 4)], timeline.Spells.Select(spell => (spell.Begins, spell.Ends)));
    }

    [Fact]
    public void A_signal_is_a_root_from_the_first_second_in_which_it_is_shown_as_one()
    {
        var timeline = new SignalTimeline();
        timeline.Observe(1, [Stale]);
        timeline.Observe(2, [Stale with { IsRoot = true }]);
        timeline.Observe(3, [Stale]);

        Assert.Equal(2, Assert.Single(timeline.Spells).RootSince);
    }

    [Fact]
    public void The_right_root_is_a_signal_of_the_fault_that_names_its_hop()
    {
        var fault = Fault(begins: 2, "127.0.0.1:5001");
        var spell = new SignalSpell(Stale, 1, 9, [new(1, false, Stale.About), new(5, true, Stale.About)]);

        Assert.Equal(5, fault.NamedBy([spell])?.Second);
        Assert.Null(Fault(begins: 2, "127.0.0.1:7777").NamedBy([spell]));
        Assert.Null(fault.NamedBy([spell with { Looks = [new(1, false, Stale.About)] }]));
        Assert.Null(fault.NamedBy([spell with { Signal = Stale with { Name = "brake-holding" } }]));
    }

    [Fact]
    public void What_was_over_before_the_fault_does_not_name_it()
    {
        var spell = new SignalSpell(Stale, 1, 9, [new(5, true, Stale.About)]);

        Assert.Null(Fault(begins: 20, "127.0.0.1:5001").NamedBy([spell]));
    }

    [Fact]
    public void A_signal_that_was_on_before_names_the_fault_only_once_it_says_so()
    {
        var spell = new SignalSpell(
            Stale, 1, 30, [new(1, true, "its watch is silent"), new(24, true, "it answers 500 at 127.0.0.1:5001")]);

        Assert.Equal(24, Fault(begins: 20, "127.0.0.1:5001").NamedBy([spell])?.Second);
    }

    [Fact]
    public void What_a_check_names_counts_as_named()
    {
        var fault = Fault(begins: 20) with { ByCheck = new FaultNaming("mainstay check", "bank/x", "delete it", 23) };

        Assert.Equal(("mainstay check", 23), (fault.NamedBy([])?.By, fault.NamedBy([])?.Second));
    }

    private static FaultRecord Fault(double begins, params ImmutableArray<string> words) =>
        new("mute", "a mute watch", begins, 30, ["discovery-stale", "api-cache-stale"], words);
}
