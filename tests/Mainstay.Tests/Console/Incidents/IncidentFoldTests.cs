using Mainstay.ConsoleSite.Incidents;

namespace Mainstay.Tests.ConsoleSite.Incidents;

public sealed class IncidentFoldTests
{
    private static readonly DateTimeOffset Start = GivenIncident.Declared;

    private readonly List<IncidentEntry> _entries = [];

    [Fact]
    public void The_example_of_the_fold_holds()
    {
        Add(0, IncidentAct.Declared, entry => entry with
        {
            Title = "Card payments fail", Severity = IncidentSeverity.Sev2,
        });
        Add(4, IncidentAct.Updated, entry => entry with { Public = "We are looking into it." });
        var told = Folded();
        Add(14, IncidentAct.Updated, entry => entry with
        {
            Severity = IncidentSeverity.Sev1, Status = IncidentStatus.Identified,
        });
        var worse = Folded();
        Add(75, IncidentAct.Resolved, entry => entry with { Status = IncidentStatus.Resolved });
        var over = Folded();

        Assert.Equal((IncidentStatus.Investigating, IncidentImpact.Major), (told.Status, told.Impact));
        Assert.Equal((IncidentStatus.Identified, IncidentImpact.Critical), (worse.Status, worse.Impact));
        Assert.Equal(IncidentStatus.Investigating, Assert.Single(worse.Posts).Status);
        Assert.Equal(
            (IncidentStatus.Resolved, IncidentFold.ResolvedWords), (over.Posts[1].Status, over.Posts[1].Body));
        Assert.Equal(Start.AddMinutes(75), over.ResolvedAt);
        Assert.False(over.IsOpen);
    }

    [Fact]
    public void An_incident_that_nobody_outside_was_told_of_ends_without_a_post()
    {
        Add(0, IncidentAct.Declared, entry => entry with { Title = "t", Severity = IncidentSeverity.Sev3 });
        Add(5, IncidentAct.Resolved, entry => entry with { Status = IncidentStatus.Resolved });

        Assert.False(Folded().IsPublic);
    }

    [Fact]
    public void An_impact_given_by_hand_stays_when_the_severity_changes()
    {
        Add(0, IncidentAct.Declared, entry => entry with
        {
            Title = "t", Severity = IncidentSeverity.Sev1, Impact = IncidentImpact.None,
        });
        Add(5, IncidentAct.Updated, entry => entry with { Severity = IncidentSeverity.Sev2 });

        Assert.Equal(IncidentImpact.None, Folded().Impact);
    }

    [Fact]
    public void Components_are_told_with_what_they_were_and_heal_with_the_end()
    {
        Add(0, IncidentAct.Declared, entry => Harmed(entry, ComponentStatus.PartialOutage) with { Public = "a" });
        Add(5, IncidentAct.Updated, entry => Harmed(entry, ComponentStatus.MajorOutage) with { Public = "b" });
        Add(9, IncidentAct.Resolved, entry => entry with { Status = IncidentStatus.Resolved });

        Assert.Equal(
            [
                new ComponentChange("Cards", ComponentStatus.Operational, ComponentStatus.PartialOutage),
                new ComponentChange("Cards", ComponentStatus.PartialOutage, ComponentStatus.MajorOutage),
                new ComponentChange("Cards", ComponentStatus.MajorOutage, ComponentStatus.Operational),
            ],
            Folded().Posts.Select(post => Assert.Single(post.Components)));
    }

    [Fact]
    public void An_incident_that_is_opened_again_has_no_end()
    {
        Add(0, IncidentAct.Declared, entry => entry with { Title = "t", Public = "a" });
        Add(5, IncidentAct.Resolved, entry => entry with { Status = IncidentStatus.Resolved });
        Add(7, IncidentAct.Updated, entry => entry with { Status = IncidentStatus.Investigating });

        Assert.Null(Folded().ResolvedAt);
        Assert.True(Folded().IsOpen);
    }

    [Fact]
    public void Ids_are_always_the_same_for_the_same_name_and_differ_for_others()
    {
        var ids = Enumerable.Range(0, 500).Select(number => IncidentFold.StableId($"{number}")).ToList();

        Assert.Equal(500, ids.Distinct().Count());
        Assert.All(ids, id => Assert.Matches("^[0-9a-z]{12}$", id));
        Assert.Equal(ids[0], IncidentFold.StableId("0"));
    }

    private static IncidentEntry Harmed(IncidentEntry entry, ComponentStatus status) =>
        entry with { Components = Incident.NoComponents.Add("Cards", status) };

    private void Add(int minute, IncidentAct act, Func<IncidentEntry, IncidentEntry> with) => _entries.Add(
        with(new IncidentEntry
        {
            Incident = "abcdefghjkmn", Number = _entries.Count + 1, At = Start.AddMinutes(minute), Act = act,
        }));

    private Incident Folded() => IncidentFold.Of(_entries);
}
