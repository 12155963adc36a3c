using Mainstay.ConsoleSite.Incidents;

namespace Mainstay.Tests.ConsoleSite.Incidents;

public sealed class CommsClockTests : IDisposable
{
    private readonly GivenIncident _given = new();

    [Fact]
    public void The_first_post_is_due_after_five_minutes_and_is_overdue_from_then_on()
    {
        var outcome = _given.Desk.Declare(GivenIncident.Ask);
        Assert.Equal("the first public post is due at 14:21 UTC", outcome.Clock.Sentence);

        _given.Clock.Advance(TimeSpan.FromMinutes(9));

        var clock = _given.Desk.ClockOf(outcome.Incident);
        Assert.Equal(TimeSpan.FromMinutes(4), clock.Overdue);
        Assert.Equal("a public post is 4 min overdue (it was due at 14:21 UTC)", clock.Sentence);
    }

    [Fact]
    public void A_late_post_is_remembered_and_the_next_is_due_twenty_minutes_after_it()
    {
        _given.Desk.Declare(GivenIncident.Ask);
        _given.Clock.Advance(TimeSpan.FromMinutes(9));

        var clock = _given.Desk.Update("current", new IncidentAsk { Public = "We are looking into it." }).Clock;

        Assert.Equal((false, TimeSpan.FromMinutes(4)), (clock.Targets[0].WasMet, clock.Targets[0].Late));
        Assert.Equal(GivenIncident.Declared.AddMinutes(29), clock.Due);
        Assert.Equal(TimeSpan.Zero, clock.Overdue);
    }

    [Fact]
    public void What_nobody_outside_notices_asks_for_no_post()
    {
        var clock = _given.Desk.Declare(GivenIncident.Ask with { Severity = "SEV4" }).Clock;

        Assert.Equal((null, "no public post is asked for"), (clock.Due, clock.Sentence));
    }

    [Fact]
    public void An_incident_that_ended_silently_after_its_first_target_has_missed_it()
    {
        _given.Desk.Declare(GivenIncident.Ask);
        _given.Clock.Advance(TimeSpan.FromMinutes(6));

        var clock = _given.Desk.Resolve("current", new IncidentAsk()).Clock;

        Assert.Null(clock.Due);
        Assert.Equal(0, clock.Met);
    }

    [Fact]
    public void An_incident_that_is_opened_again_owes_a_post_five_minutes_later_and_not_since_its_end()
    {
        _given.Desk.Declare(GivenIncident.Ask with { Public = "We look." });
        _given.Desk.Resolve("current", new IncidentAsk());
        _given.Clock.Advance(TimeSpan.FromDays(2));
        var id = _given.Book.All().Single().Id;

        var clock = _given.Desk.Update(id, new IncidentAsk { Status = "investigating" }).Clock;

        Assert.Equal(GivenIncident.Declared.AddDays(2).AddMinutes(5), clock.Due);
        Assert.Equal(TimeSpan.Zero, clock.Overdue);
    }

    public void Dispose() => _given.Dispose();
}
