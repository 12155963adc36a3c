using System.Net;
using Mainstay.ConsoleSite;
using Mainstay.ConsoleSite.Incidents;
using Mainstay.Tests.ConsoleSite.Incidents.Voices;
using Microsoft.Data.Sqlite;

namespace Mainstay.Tests.ConsoleSite.Pages;

/// <summary>The console's forms, with nothing of a platform there: that is when they are needed.</summary>
public sealed class IncidentPagesTests : IAsyncLifetime
{
    private readonly string _folder = Directory.CreateTempSubdirectory("mainstay-").FullName;
    private readonly HttpClient _http = new(new SocketsHttpHandler { AllowAutoRedirect = false, UseProxy = false });
    private RunningConsole _console = null!; // set by InitializeAsync, before any test

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _console = await RunningConsole.StartAsync(new ConsoleOptions
        {
            Kubeconfig = Path.Combine(_folder, "none"),
            DataFolder = _folder,
            Listen = new IPEndPoint(IPAddress.Loopback, 0),
        });
        _http.BaseAddress = _console.Address;
    }

    public async ValueTask DisposeAsync()
    {
        await _console.DisposeAsync();
        _http.Dispose();
        SqliteConnection.ClearAllPools();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task An_incident_is_declared_updated_and_resolved_by_forms_alone()
    {
        var room = await DeclareAsync("Cards <script>fail</script>");
        var first = await _http.GetStringAsync(room, Token);
        Assert.Contains("Cards &lt;script&gt;fail", first, StringComparison.Ordinal);
        Assert.DoesNotContain("<script>", first, StringComparison.Ordinal);

        using var updated = await PostAsync($"{room}/update", new()
        {
            ["by"] = "ben", ["status"] = "identified", ["message"] = "the null object", ["public"] = "We found it.",
            ["role:deputy"] = "Ben, the second", ["component:Card payments"] = "major_outage",
        });
        using var noted = await PostAsync($"{room}/note", new() { ["by"] = "ana", ["message"] = "a remark" });
        var last = new Dictionary<string, string> { ["by"] = "ana", ["message"] = "it is deleted" };
        using var resolved = await PostAsync($"{room}/resolve", last);

        Assert.All([updated, noted, resolved], answer => Assert.Equal(HttpStatusCode.SeeOther, answer.StatusCode));
        using var desk = new IncidentDesk(_folder, TimeProvider.System, new Random(1));
        var incident = Assert.Single(desk.All());
        Assert.Equal(IncidentStatus.Resolved, incident.Status);
        Assert.Equal("Ben  the second", incident.Roles["deputy"]);
        Assert.Equal(ComponentStatus.MajorOutage, incident.Posts[0].Components[0].After);
        var after = await _http.GetStringAsync(room, Token);
        foreach (var text in (string[])["the null object", "a remark", "it is deleted", "We found it."])
        {
            Assert.Contains(text, after, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("Origin", "https://evil.example")]
    [InlineData("Sec-Fetch-Site", "cross-site")]
    [InlineData("Host", "evil.example")]
    public async Task A_form_of_another_site_is_refused(string header, string value)
    {
        using var answer = await PostAsync("/incidents", Declaration("Cards fail"), (header, value));

        Assert.Equal(HttpStatusCode.Forbidden, answer.StatusCode);
        Assert.Contains("Refused", await answer.Content.ReadAsStringAsync(Token), StringComparison.Ordinal);
        using var desk = new IncidentDesk(_folder, TimeProvider.System, new Random(1));
        Assert.Empty(desk.All());
    }

    [Fact]
    public async Task A_form_without_our_token_is_refused_and_what_is_no_form_too()
    {
        using var form = new FormUrlEncodedContent(Declaration("Cards fail"));
        using var without = await _http.PostAsync("/incidents", form, Token);
        using var json = await _http.PostAsync("/incidents", new StringContent("{}"), Token);

        Assert.Equal(HttpStatusCode.Forbidden, without.StatusCode);
        Assert.Equal(HttpStatusCode.UnsupportedMediaType, json.StatusCode);
    }

    [Fact]
    public async Task A_wrong_word_is_told_and_nothing_is_done()
    {
        var declaration = Declaration("Cards fail");
        declaration["severity"] = "SEV9";

        using var answer = await PostAsync("/incidents", declaration);

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Contains("SEV9", await answer.Content.ReadAsStringAsync(Token), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_the_command_line_left_waiting_the_console_sends()
    {
        await using var listener = await WebhookListener.StartAsync();
        using var desk = new IncidentDesk(_folder, TimeProvider.System, new Random(1));
        desk.Webhooks.Add("team", "slack", listener.Address);
        desk.Declare(new IncidentAsk { Title = "Cards fail", Severity = "SEV1" });

        await _console.UntilAsync(_ => !listener.Bodies.IsEmpty);

        var text = Assert.Single(listener.Bodies).GetProperty("text").GetString();
        Assert.Contains("Cards fail", text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/", "Overview")]
    [InlineData("/services", "Services")]
    [InlineData("/discovery", "The way of a change")]
    [InlineData("/nodes", "Restart proofs")]
    [InlineData("/changes?what=deploy&q=x", "No change is in the ledger")]
    [InlineData("/actions", "No action was asked for")]
    [InlineData("/incidents", "None was ever declared")]
    public async Task Every_page_says_what_it_does_not_know_when_nothing_is_there(string path, string text)
    {
        var page = await _http.GetStringAsync(path, Token);

        Assert.Contains(text, page, StringComparison.Ordinal);
        Assert.Contains("aria-current=\"page\"", page, StringComparison.Ordinal);
        Assert.DoesNotContain("state-good", page, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/services/bank/none")]
    [InlineData("/incidents/zzzz")]
    [InlineData("/incidents/zzzz/export.md")]
    [InlineData("/incidents/zzzz/other.md")]
    public async Task What_is_not_there_is_said_with_the_way_back(string path)
    {
        using var answer = await _http.GetAsync(path, Token);

        Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
        Assert.Contains("Back", await answer.Content.ReadAsStringAsync(Token), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_export_is_text_that_no_browser_runs()
    {
        var room = await DeclareAsync("<script>alert(1)</script>");

        using var answer = await _http.GetAsync($"{room}/export.md", Token);

        Assert.Equal("text/plain", answer.Content.Headers.ContentType?.MediaType);
        Assert.Equal("nosniff", Assert.Single(answer.Headers.GetValues("X-Content-Type-Options")));
    }

    private static Dictionary<string, string> Declaration(string title) => new()
    {
        ["title"] = title, ["severity"] = "SEV1", ["lead"] = "Ana", ["by"] = "ana",
    };

    private async Task<string> DeclareAsync(string title)
    {
        using var answer = await PostAsync("/incidents", Declaration(title));
        Assert.Equal(HttpStatusCode.SeeOther, answer.StatusCode);
        return answer.Headers.Location!.ToString();
    }

    private Task<HttpResponseMessage> PostAsync(
        string path, Dictionary<string, string> form, (string Name, string Value)? header = null) =>
        new FormSender(_http, "/incidents").PostAsync(path, form, header, Token);
}
