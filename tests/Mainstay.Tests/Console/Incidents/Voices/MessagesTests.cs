using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Mainstay.ConsoleSite.Incidents;
using Mainstay.ConsoleSite.Incidents.Voices;
using Mainstay.ConsoleSite.StatusPage;

namespace Mainstay.Tests.ConsoleSite.Incidents.Voices;

/// <summary>What others' programs read, field by field.</summary>
public sealed class MessagesTests : IDisposable
{
    private static readonly PageConfig Page = new() { Name = "Bank", Url = "https://status.example" };

    private readonly GivenIncident _given = new();

    [Fact]
    public void Slack_gets_text_and_sections()
    {
        var incident = _given.Desk.Declare(GivenIncident.Ask with
        {
            Title = "Cards <fail> & more", Message = "linkerd", Public = "We look.", Components = "Cards=major_outage",
        }).Incident;

        var facts = $"investigating · impact major · lead Ana · 2017-10-27 14:16:00 UTC · `{incident.Id}`";

        AssertJson(
            $$$"""
            {"text":"SEV2 declared: Cards &lt;fail&gt; &amp; more - linkerd","blocks":[
             {"type":"section","text":{"type":"mrkdwn",
              "text":"[!] *SEV2 declared: Cards &lt;fail&gt; &amp; more*\n{{{facts}}}"}},
             {"type":"section","text":{"type":"mrkdwn","text":"linkerd"}},
             {"type":"section","text":{"type":"mrkdwn","text":"*Told outside:* We look."}},
             {"type":"section","text":{"type":"mrkdwn","text":"• Cards: major outage"}}]}
            """,
            Messages.Of(WebhookKind.Slack, incident, "d1", () => Page));
    }

    [Fact]
    public void A_section_never_has_more_than_Slack_takes()
    {
        var long1 = new string('&', IncidentLimits.MessageMax);
        var incident = _given.Desk.Declare(GivenIncident.Ask with { Message = long1, Public = long1 }).Incident;

        using var message = JsonDocument.Parse(Messages.Of(WebhookKind.Slack, incident, "d1", () => Page));

        var texts = message.RootElement.GetProperty("blocks").EnumerateArray()
            .Select(block => block.GetProperty("text").GetProperty("text").GetString()!).ToList();
        Assert.Equal(3, texts.Count);
        Assert.All(texts, text => Assert.InRange(text.Length, 1, 3000));
        Assert.EndsWith("&amp;…", texts[1], StringComparison.Ordinal);
        Assert.NotEmpty(message.RootElement.GetProperty("text").GetString()!);
    }

    [Fact]
    public void The_generic_webhook_gets_the_incident_and_the_update()
    {
        var incident = _given.Desk.Declare(GivenIncident.Ask with { Message = "linkerd" }).Incident;
        const string Update =
            """
            {"number":1,"at":"2017-10-27T14:16:00.000Z","act":"declared","by":"ana","title":"Card payments fail",
             "severity":"SEV2","roles":{"lead":"Ana"},"components":{},"message":"linkerd"}
            """;

        AssertJson(
            $$$"""
            {"version":1,"deliveryId":"d1","event":"declared","incident":{"id":"{{{incident.Id}}}",
             "title":"Card payments fail","publicTitle":"Card payments fail","severity":"SEV2",
             "status":"investigating","impact":"major","public":false,"startedAt":"2017-10-27T14:16:00.000Z",
             "declaredAt":"2017-10-27T14:16:00.000Z","updatedAt":"2017-10-27T14:16:00.000Z","monitoringAt":null,
             "resolvedAt":null,"roles":{"lead":"Ana"},"components":{},"updates":[{{{Update}}}]},"update":{{{Update}}}}
            """,
            Messages.Of(WebhookKind.Generic, incident, "d1", () => Page));
    }

    [Fact]
    public void A_subscriber_gets_what_Statuspage_sends()
    {
        var incident = _given.Desk.Declare(GivenIncident.Ask with
        {
            Public = "We look.", Message = "linkerd",
        }).Incident;

        AssertJson(
            $$$"""
            {"meta":{"unsubscribe":"https://status.example/",
                     "documentation":"https://status.example/api/v2/summary.json"},
             "page":{"id":"{{{Page.Id}}}","status_indicator":"major","status_description":"Partial System Outage"},
             "incident":{"id":"{{{incident.Id}}}","name":"Card payments fail","status":"investigating",
              "created_at":"2017-10-27T14:16:00.000Z","updated_at":"2017-10-27T14:16:00.000Z","monitoring_at":null,
              "resolved_at":null,"impact":"major","shortlink":"https://status.example/history.html#{{{incident.Id}}}",
              "started_at":"2017-10-27T14:16:00.000Z","page_id":"{{{Page.Id}}}","incident_updates":[
               {"id":"{{{incident.Posts[0].Id}}}","status":"investigating","body":"We look.",
                "incident_id":"{{{incident.Id}}}",
                "created_at":"2017-10-27T14:16:00.000Z","updated_at":"2017-10-27T14:16:00.000Z",
                "display_at":"2017-10-27T14:16:00.000Z","affected_components":null,"deliver_notifications":true,
                "custom_tweet":null,"tweet_id":null}],"components":[]}}
            """,
            Messages.Of(WebhookKind.Statuspage, incident, "d1", () => Page));
    }

    [Fact]
    public void A_subscriber_is_told_of_public_posts_only()
    {
        _given.Desk.Webhooks.Add("outside", "statuspage", "http://127.0.0.1:1/");
        var incident = _given.Desk.Declare(GivenIncident.Ask).Incident;
        _given.Desk.Update("current", new IncidentAsk { Message = "inside" });
        _given.Desk.Update("current", new IncidentAsk { Public = "outside" });
        _given.Desk.Note("current", new IncidentAsk { Message = "a note" });
        _given.Desk.Resolve("current", new IncidentAsk());

        Assert.Equal([3, 5], new DeliveryQueue(_given.Book).Of(incident.Id).Select(receipt => receipt.Entry));
    }

    public void Dispose() => _given.Dispose();

    private static void AssertJson(string expected, byte[] actual) => Assert.Equal(
        JsonNode.Parse(expected)!.ToJsonString(), JsonNode.Parse(Encoding.UTF8.GetString(actual))!.ToJsonString());
}
