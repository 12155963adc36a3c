using System.Collections.Immutable;
using System.Text;
using Mainstay.ConsoleSite.Incidents;
using Mainstay.ConsoleSite.Incidents.Voices;

namespace Mainstay.Tests.ConsoleSite.Incidents.Voices;

public sealed class DelivererTests : IAsyncLifetime
{
    private readonly GivenIncident _given = new();
    private WebhookListener _listener = null!; // set by InitializeAsync, before any test

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _listener = await WebhookListener.StartAsync();

    public async ValueTask DisposeAsync()
    {
        await _listener.DisposeAsync();
        _given.Dispose();
    }

    [Fact]
    public async Task A_message_that_met_an_error_is_sent_again_after_a_while_under_the_same_id()
    {
        _given.Desk.Webhooks.Add("team", "slack", _listener.Address);
        _listener.Answers.Enqueue(answer => answer.StatusCode = 500);
        var incident = _given.Desk.Declare(GivenIncident.Ask).Incident;

        await RoundAsync();
        var waiting = Receipt(incident);
        Assert.Equal((0, "waiting", "HTTP 500"), (await RoundAsync(), waiting.State, waiting.Result));
        _given.Clock.Advance(VoiceLimits.RetryFirst);
        await RoundAsync();

        Assert.Equal(("delivered", 2), (Receipt(incident).State, Receipt(incident).Tries));
        Assert.Equal(2, _listener.Keys.Count);
        Assert.Equal(Receipt(incident).Id, Assert.Single(_listener.Keys.Distinct()));
    }

    [Fact]
    public async Task Retry_after_is_obeyed()
    {
        _given.Desk.Webhooks.Add("team", "slack", _listener.Address);
        _listener.Answers.Enqueue(answer =>
        {
            answer.StatusCode = 429;
            answer.Headers.RetryAfter = "30";
        });
        var incident = _given.Desk.Declare(GivenIncident.Ask).Incident;
        await RoundAsync();

        _given.Clock.Advance(TimeSpan.FromSeconds(29));
        Assert.Equal(0, await RoundAsync());
        _given.Clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(1, await RoundAsync());

        Assert.Equal("delivered", Receipt(incident).State);
    }

    [Fact]
    public async Task A_refusal_is_final()
    {
        _given.Desk.Webhooks.Add("team", "slack", _listener.Address);
        _listener.Answers.Enqueue(answer => answer.StatusCode = 404);
        var incident = _given.Desk.Declare(GivenIncident.Ask).Incident;

        await RoundAsync();

        Assert.Equal(("refused", "HTTP 404"), (Receipt(incident).State, Receipt(incident).Result));
    }

    [Fact]
    public async Task A_dead_webhook_holds_up_no_other_and_is_given_up_in_the_end()
    {
        _given.Desk.Webhooks.Add("dead", "generic", "http://127.0.0.1:1/TOPSECRET");
        _given.Desk.Webhooks.Add("team", "slack", _listener.Address);
        var incident = _given.Desk.Declare(GivenIncident.Ask).Incident;

        await RoundAsync();
        Assert.Equal(["waiting", "delivered"], Receipts(incident).Select(receipt => receipt.State));

        _given.Clock.Advance(VoiceLimits.GiveUpAfter + TimeSpan.FromSeconds(1));
        await RoundAsync();
        Assert.Equal(["given-up", "delivered"], Receipts(incident).Select(receipt => receipt.State));
    }

    [Fact]
    public async Task Messages_to_one_webhook_keep_their_order_and_their_distance()
    {
        _given.Desk.Webhooks.Add("team", "generic", _listener.Address);
        _listener.Answers.Enqueue(answer => answer.StatusCode = 500);
        _given.Desk.Declare(GivenIncident.Ask);
        _given.Desk.Update("current", new IncidentAsk { Message = "second" });

        for (var second = 0; second < 4; second++)
        {
            await RoundAsync();
            await RoundAsync();
            _given.Clock.Advance(TimeSpan.FromSeconds(1.001));
        }

        Assert.Equal(
            ["declared", "declared", "updated"],
            _listener.Bodies.Select(body => body.GetProperty("event").GetString()));
    }

    [Fact]
    public async Task Of_many_that_send_at_once_one_sends()
    {
        _given.Desk.Webhooks.Add("team", "slack", _listener.Address);
        _given.Desk.Declare(GivenIncident.Ask);
        var desks = Enumerable.Range(0, 8)
            .Select(seed => new IncidentDesk(_given.Folder, _given.Clock, new Random(seed))).ToList();

        var sent = await Task.WhenAll(desks.Select(desk => desk.Deliverer.SendDueAsync(Token)));

        Assert.Equal(1, sent.Sum());
        Assert.Single(_listener.Bodies);
        desks.ForEach(desk => desk.Dispose());
    }

    [Fact]
    public async Task A_claim_of_a_process_that_died_ends()
    {
        _given.Desk.Webhooks.Add("team", "slack", _listener.Address);
        _given.Desk.Declare(GivenIncident.Ask);
        Assert.Single(new DeliveryQueue(_given.Book).Claim(_given.Clock.GetUtcNow()));

        Assert.Equal(0, await RoundAsync());
        _given.Clock.Advance(VoiceLimits.Claim);

        Assert.Equal(1, await RoundAsync());
    }

    [Fact]
    public async Task A_removed_webhook_is_told_nothing_more()
    {
        _given.Desk.Webhooks.Add("team", "slack", _listener.Address);
        var incident = _given.Desk.Declare(GivenIncident.Ask).Incident;
        _given.Desk.Webhooks.Remove("team");

        await RoundAsync();

        Assert.Equal("withdrawn", Receipt(incident).State);
        Assert.Empty(_listener.Bodies);
    }

    [Fact]
    public void A_queue_that_is_full_drops_its_oldest()
    {
        _given.Desk.Webhooks.Add("team", "slack", _listener.Address);
        var incident = _given.Desk.Declare(GivenIncident.Ask).Incident;
        for (var number = 0; number < VoiceLimits.WaitingMax; number++)
        {
            _given.Desk.Update("current", new IncidentAsk { Message = $"{number}" });
        }

        var receipts = Receipts(incident);
        Assert.Equal("dropped", receipts[0].State);
        Assert.Equal(VoiceLimits.WaitingMax, receipts.Count(receipt => receipt.Waits));
    }

    [Fact]
    public async Task An_address_stands_in_no_export_no_receipt_and_no_fault()
    {
        _given.Desk.Webhooks.Add("team", "slack", _listener.Address);
        _given.Desk.Webhooks.Add("dead", "generic", "http://127.0.0.1:1/TOPSECRET");
        var outcome = _given.Desk.Declare(GivenIncident.Ask with { Public = "told" });
        await RoundAsync();

        var texts = new List<string>
        {
            IncidentText.Of(outcome), IncidentText.Receipts(outcome),
            string.Join(' ', Receipts(outcome.Incident)), string.Join(' ', _given.Desk.Webhooks.Read()),
            Encoding.UTF8.GetString(IncidentDesk.OutcomeJson(outcome)),
        };
        texts.AddRange(
            from format in (string[])["md", "json"]
            from forPublic in (bool[])[true, false]
            select Encoding.UTF8.GetString(_given.Desk.Export("current", format, forPublic)));

        Assert.All(texts, text => Assert.DoesNotContain("TOPSECRET", text, StringComparison.Ordinal));
        Assert.Equal(
            UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(_given.Desk.Webhooks.Path));
        await File.WriteAllTextAsync(_given.Desk.Webhooks.Path, "{\"webhooks\":[{\"url\":TOPSECRET}]}", Token);
        var warning = Assert.Single(_given.Desk.Update("current", new IncidentAsk { Message = "m" }).Warnings);
        Assert.DoesNotContain("TOPSECRET", warning, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_broken_page_configuration_holds_up_only_those_that_speak_for_the_page()
    {
        _given.Desk.Webhooks.Add("team", "slack", _listener.Address);
        _given.Desk.Webhooks.Add("subscribers", "statuspage", _listener.Address);
        var page = Path.Combine(_given.Folder, "page.json");
        var incident = _given.Desk.Declare(GivenIncident.Ask with { Public = "We look." }).Incident;
        await File.WriteAllTextAsync(page, "{", Token);

        await RoundAsync();
        var states = Receipts(incident).ToDictionary(receipt => receipt.Webhook, receipt => receipt.State);
        Assert.Equal(("delivered", "waiting"), (states["team"], states["subscribers"]));

        File.Delete(page);
        _given.Clock.Advance(VoiceLimits.RetryFirst);
        await RoundAsync();
        Assert.All(Receipts(incident), receipt => Assert.Equal("delivered", receipt.State));
    }

    private Task<int> RoundAsync() => _given.Desk.Deliverer.SendDueAsync(Token);

    private ImmutableArray<Receipt> Receipts(Incident incident) => new DeliveryQueue(_given.Book).Of(incident.Id);

    private Receipt Receipt(Incident incident) => Assert.Single(Receipts(incident));
}
