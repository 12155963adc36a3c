using Mainstay.ConsoleSite.Incidents;
using Mainstay.ConsoleSite.StatusPage;
using Mainstay.Kernel;
using Mainstay.Tests.ConsoleSite.Incidents;

namespace Mainstay.Tests.ConsoleSite.StatusPage;

public sealed class PublicPageBuilderTests : IDisposable
{
    private readonly GivenIncident _given = new();

    [Fact]
    public void All_is_well_while_it_is_known_to_be()
    {
        var page = GivenPage.Page(GivenPage.Well);

        Assert.Equal(new StatusDocument("none", "All Systems Operational"), page.Summary.Status);
        Assert.Equal(
            [("Card payments", "operational"), ("Transfers", "operational")],
            page.Summary.Components.Select(component => (component.Name, component.Status)));
        Assert.Empty(page.Notices);
    }

    [Fact]
    public void Without_contact_for_too_long_nothing_is_green_and_the_page_says_since_when()
    {
        var memory = GivenPage.Well.Memory with { ContactAt = GivenPage.Now.AddSeconds(-91) };

        var page = GivenPage.Page(GivenPage.Well with { Memory = memory });

        Assert.Equal(
            new StatusDocument("minor", "We lost contact with the platform at 14:28 UTC"), page.Summary.Status);
        Assert.All(page.Summary.Components, component =>
        {
            Assert.Equal("degraded_performance", component.Status);
            Assert.Equal("Not known: we lost contact with the platform at 14:28 UTC", component.Description);
        });
    }

    [Fact]
    public void At_the_limit_there_still_is_contact()
    {
        var memory = GivenPage.Well.Memory with { ContactAt = GivenPage.Now.AddSeconds(-90) };

        Assert.Equal("none", GivenPage.Page(GivenPage.Well with { Memory = memory }).Summary.Status.Indicator);
    }

    [Fact]
    public void Contact_that_was_lost_on_another_day_bears_its_date()
    {
        var memory = GivenPage.Well.Memory with { ContactAt = GivenPage.Now.AddDays(-1) };

        var page = GivenPage.Page(GivenPage.Well with { Memory = memory });

        Assert.Equal("We lost contact with the platform at 2017-10-26 14:30 UTC", page.Summary.Status.Description);
    }

    [Fact]
    public void Contact_that_never_was_is_not_green_either()
    {
        var page = GivenPage.Page(GivenPage.Well with { Memory = new PageMemory { BegunAt = GivenPage.Now } });

        Assert.Equal("minor", page.Summary.Status.Indicator);
        Assert.Equal("Card payments", Assert.Single(page.Summary.Components).Name);
    }

    [Fact]
    public void What_people_declared_counts_beside_what_is_measured()
    {
        var incident = _given.Desk.Declare(GivenIncident.Ask with
        {
            Severity = "SEV1", Components = "Card payments=major_outage,App=partial_outage", Public = "We look.",
        }).Incident;

        var page = GivenPage.Page(GivenPage.Well with { Incidents = GivenPage.Documents(incident) });

        Assert.Equal(new StatusDocument("critical", "Major Service Outage"), page.Summary.Status);
        Assert.Equal(
            [("Card payments", "major_outage"), ("Transfers", "operational"), ("App", "partial_outage")],
            page.Summary.Components.Select(component => (component.Name, component.Status)));
        Assert.Single(page.Summary.Incidents);
    }

    [Fact]
    public void What_is_over_stays_in_the_history_only()
    {
        var page = GivenPage.Page(GivenPage.Well with { Incidents = GivenPage.Documents(_given.Whole()) });

        Assert.Equal("none", page.Summary.Status.Indicator);
        Assert.Empty(page.Summary.Incidents);
        Assert.Single(page.History);
    }

    [Fact]
    public void Reports_that_cannot_be_read_are_said_and_are_not_green()
    {
        var page = GivenPage.Page(GivenPage.Well with { ReportsFault = "file is not a database" });

        Assert.Equal("minor", page.Summary.Status.Indicator);
        Assert.StartsWith("Incident reports cannot be read", page.Summary.Status.Description, StringComparison.Ordinal);
        Assert.DoesNotContain("database", page.Summary.Status.Description, StringComparison.Ordinal);
    }

    [Fact]
    public void A_status_that_was_not_told_is_not_shown()
    {
        _given.Desk.Declare(GivenIncident.Ask with { Public = "We look." });
        var ask = new IncidentAsk { Status = "identified", Message = "inside" };
        var incident = _given.Desk.Update("current", ask).Incident;

        Assert.Equal("investigating", GivenPage.Documents(incident)[0].Status);
    }

    [Fact]
    public void A_reading_that_says_less_takes_nothing_away_and_a_clock_that_runs_ahead_gives_no_contact()
    {
        var after = GivenPage.Well.Memory.With(PlatformReading.None, GivenPage.Config, GivenPage.Now);
        var ahead = GivenPage.Well.Memory.With(
            PlatformReading.None with { ContactAt = GivenPage.Now.AddHours(1) }, GivenPage.Config, GivenPage.Now);

        Assert.Equal(GivenPage.Well.Memory.ContactAt, after.ContactAt);
        Assert.Equal(2, after.Components.Length);
        Assert.Equal(GivenPage.Now, ahead.ContactAt);
    }

    [Fact]
    public void A_journey_that_the_platform_no_longer_tells_of_is_not_green_and_is_forgotten_after_a_day()
    {
        const string Transfers = """{"journeys":["transfers"],"state":{"health":"Good","word":"ready"}}""";
        var later = GivenPage.Now.AddMinutes(10);
        var memory = GivenPage.Well.Memory.With(GivenPage.Overview(Transfers), GivenPage.Config, later);
        var evidence = GivenPage.Well with { Memory = memory with { ContactAt = later }, Now = later };

        var cards = GivenPage.Page(evidence).Summary.Components.Single(one => one.Name == "Card payments");
        var bare = new PageConfig();
        var days = memory.With(GivenPage.Overview(Transfers), bare, later.AddDays(2));

        Assert.Equal("degraded_performance", cards.Status);
        Assert.Equal("Not known: no service of the platform tells", cards.Description);
        Assert.NotEqual("none", GivenPage.Page(evidence).Summary.Status.Indicator);
        Assert.Equal("transfers", Assert.Single(days.Components).Journey);
    }

    [Fact]
    public void A_title_and_a_severity_that_were_not_posted_are_not_shown_until_they_are()
    {
        _given.Desk.Declare(GivenIncident.Ask with { Public = "We look." });
        var inside = new IncidentAsk { Title = "ledger corrupted by a deploy", Severity = "SEV1" };
        var before = GivenPage.Documents(_given.Desk.Update("current", inside).Incident)[0];
        var exported = System.Text.Encoding.UTF8.GetString(_given.Desk.Export("current", "md", true));
        var told = new IncidentAsk { Public = "More." };
        var after = GivenPage.Documents(_given.Desk.Update("current", told).Incident)[0];

        Assert.Equal(("Card payments fail", "major"), (before.Name, before.Impact));
        Assert.DoesNotContain("corrupted", exported, StringComparison.Ordinal);
        Assert.Equal(("ledger corrupted by a deploy", "critical"), (after.Name, after.Impact));
    }

    [Fact]
    public void What_was_never_posted_is_not_exported_for_the_public()
    {
        _given.Desk.Declare(GivenIncident.Ask);

        foreach (var format in (string[])["md", "json"])
        {
            var refused = Assert.Throws<StartException>(() => _given.Desk.Export("current", format, true));
            Assert.Contains("never posted", refused.Message, StringComparison.Ordinal);
        }
    }

    public void Dispose() => _given.Dispose();
}
