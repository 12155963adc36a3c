using System.ServiceModel.Syndication;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Xml;
using Mainstay.ConsoleSite.Incidents;
using Mainstay.ConsoleSite.StatusPage;
using Mainstay.Tests.ConsoleSite.Incidents;

namespace Mainstay.Tests.ConsoleSite.StatusPage;

/// <summary>What others' programs read of the page, field by field.</summary>
public sealed class PageFormatTests : IDisposable
{
    private readonly GivenIncident _given = new();

    [Fact]
    public void The_summary_has_the_fields_of_Statuspage()
    {
        var evidence = GivenPage.Well with { Config = GivenPage.Config with { Url = "https://status.example" } };
        var incident = _given.Desk.Declare(GivenIncident.Ask with
        {
            Components = "Card payments=partial_outage", Public = "We look.",
        }).Incident;
        var page = GivenPage.Page(evidence with { Incidents = GivenPage.Documents(incident) });

        var json = JsonSerializer.Serialize(page.Summary, PageJson.Default.SummaryDocument);

        var card = ComponentNames.Id("Card payments");
        var declared = "2017-10-27T14:16:00.000Z";
        AssertJson(
            $$$"""
            {"page":{"id":"{{{evidence.Config.Id}}}","name":"Bank","url":"https://status.example","time_zone":"Etc/UTC",
              "updated_at":"2017-10-27T14:30:00.000Z"},
             "components":[
              {"id":"{{{card}}}","name":"Card payments","status":"partial_outage",
               "created_at":"2017-10-27T13:30:00.000Z","updated_at":"2017-10-27T13:30:00.000Z","position":1,
               "description":"Paying with your card","showcase":true,"start_date":null,"group_id":null,
               "page_id":"{{{evidence.Config.Id}}}","group":false,"only_show_if_degraded":false},
              {"id":"{{{ComponentNames.Id("Transfers")}}}","name":"Transfers","status":"operational",
               "created_at":"2017-10-27T13:30:00.000Z","updated_at":"2017-10-27T13:30:00.000Z","position":2,
               "description":null,"showcase":true,"start_date":null,"group_id":null,
               "page_id":"{{{evidence.Config.Id}}}","group":false,"only_show_if_degraded":false}],
             "incidents":[{"id":"{{{incident.Id}}}","name":"Card payments fail","status":"investigating",
              "created_at":"{{{declared}}}","updated_at":"{{{declared}}}","monitoring_at":null,"resolved_at":null,
              "impact":"major","shortlink":"https://status.example/history.html#{{{incident.Id}}}",
              "started_at":"{{{declared}}}","page_id":"{{{evidence.Config.Id}}}",
              "incident_updates":[{"id":"{{{incident.Posts[0].Id}}}","status":"investigating","body":"We look.",
               "incident_id":"{{{incident.Id}}}","created_at":"{{{declared}}}","updated_at":"{{{declared}}}",
               "display_at":"{{{declared}}}","affected_components":[{"code":"{{{card}}}","name":"Card payments",
                "old_status":"operational","new_status":"partial_outage"}],
               "deliver_notifications":true,"custom_tweet":null,"tweet_id":null}],
              "components":[{"id":"{{{card}}}","name":"Card payments","status":"partial_outage",
               "created_at":"{{{declared}}}","updated_at":"{{{declared}}}","position":1,"description":null,
               "showcase":true,"start_date":null,"group_id":null,"page_id":"{{{evidence.Config.Id}}}","group":false,
               "only_show_if_degraded":false}]}],
             "scheduled_maintenances":[],
             "status":{"indicator":"major","description":"Partial System Outage"}}
            """,
            json);
    }

    [Fact]
    public void A_reader_of_feeds_finds_one_entry_per_incident_with_all_its_updates()
    {
        var first = _given.Whole();
        _given.Clock.Advance(TimeSpan.FromHours(1));
        var second = _given.Desk.Declare(GivenIncident.Ask with
        {
            Title = "Transfers <are> slow \u0007", Public = "We <look> & look.",
        }).Incident;
        var page = GivenPage.Page(GivenPage.Well with { Incidents = GivenPage.Documents(second, first) });

        using var xml = XmlReader.Create(new MemoryStream(HistoryFeed.Atom10(page)));
        var feed = SyndicationFeed.Load(xml);

        Assert.Equal("tag:status.example,2005:/history", feed.Id);
        Assert.Equal("Bank Status - Incident History", feed.Title.Text);
        Assert.Equal(["alternate", "self"], feed.Links.Select(link => link.RelationshipType));
        Assert.Equal("https://status.example/history.atom", feed.Links[1].Uri.ToString());
        Assert.Equal("Bank", Assert.Single(feed.Authors).Name);
        var entries = feed.Items.ToList();
        Assert.Equal(
            [$"tag:status.example,2005:Incident/{second.Id}", $"tag:status.example,2005:Incident/{first.Id}"],
            entries.Select(entry => entry.Id));
        Assert.Equal("Transfers <are> slow ", entries[0].Title.Text);
        Assert.Equal(
            "<p><small>Oct 27, 2017, 15:31 UTC</small><br><strong>Resolved</strong> - "
            + "This incident has been resolved.</p>"
            + "<p><small>Oct 27, 2017, 15:13 UTC</small><br><strong>Identified</strong> - "
            + "The app does not load either.</p>"
            + "<p><small>Oct 27, 2017, 14:16 UTC</small><br><strong>Investigating</strong> - "
            + "We are looking into failing card payments.</p>",
            Assert.IsType<TextSyndicationContent>(entries[1].Content).Text);
        Assert.Equal("html", entries[1].Content.Type);
        Assert.Contains(
            "We &lt;look&gt; &amp; look.", ((TextSyndicationContent)entries[0].Content).Text, StringComparison.Ordinal);
        Assert.Equal(
            (first.Posts[0].At, first.Posts[^1].At), (entries[1].PublishDate, entries[1].LastUpdatedTime));
    }

    [Fact]
    public void What_XML_cannot_hold_is_left_out_of_the_feed()
    {
        using var given = new GivenIncident();
        given.Desk.Declare(GivenIncident.Ask with { Public = "a\uFFFEb\uFFFF\u0001c \U0001F642" });
        var incident = given.Book.All().Single();

        var feed = Encoding.UTF8.GetString(HistoryFeed.Atom10(
            GivenPage.Page(GivenPage.Well with { Incidents = GivenPage.Documents(incident) })));

        Assert.Contains("abc &amp;#128578;", feed, StringComparison.Ordinal);
    }

    [Fact]
    public void A_feed_without_an_incident_is_a_feed()
    {
        using var xml = XmlReader.Create(new MemoryStream(HistoryFeed.Atom10(GivenPage.Page(GivenPage.Well))));

        var feed = SyndicationFeed.Load(xml);

        Assert.Empty(feed.Items);
        Assert.Equal(GivenPage.Well.Memory.BegunAt, feed.LastUpdatedTime);
    }

    public void Dispose() => _given.Dispose();

    private static void AssertJson(string expected, string actual) => Assert.Equal(
        JsonNode.Parse(expected)!.ToJsonString(), JsonNode.Parse(actual)!.ToJsonString());
}
