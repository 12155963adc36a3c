using System.Net;
using System.Text;
using Mainstay.ConsoleSite.Incidents;
using Mainstay.ConsoleSite.Pages;
using Mainstay.ConsoleSite.StatusPage;
using Mainstay.Tests.ConsoleSite.Incidents;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;

namespace Mainstay.Tests.ConsoleSite.StatusPage;

public sealed class StatusPageLoopTests : IDisposable
{
    private readonly GivenIncident _given = new();
    private readonly FakeConsole _console = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private string Out => Path.Combine(_given.Folder, "out");

    [Fact]
    public async Task A_console_that_dies_is_told_by_the_page_alone_and_its_return_too()
    {
        var loop = await StartedAsync();
        Assert.Contains("All Systems Operational", Summary(loop), StringComparison.Ordinal);

        _console.Answer = null;
        _given.Clock.Advance(TimeSpan.FromSeconds(91));
        await loop.TurnAsync(Token);
        const string Lost = "We lost contact with the platform at 14:16 UTC";
        Assert.Contains(Lost, Summary(loop), StringComparison.Ordinal);
        Assert.Contains(Lost, Text(loop, "index.html"), StringComparison.Ordinal);
        Assert.DoesNotContain("state-operational", Text(loop, "index.html"), StringComparison.Ordinal);

        _console.Answer = FakeConsole.Well(_given.Clock.GetUtcNow());
        await loop.TurnAsync(Token);
        Assert.Contains("All Systems Operational", Summary(loop), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_console_that_answers_and_hears_nothing_itself_is_no_contact()
    {
        var loop = await StartedAsync();

        _given.Clock.Advance(TimeSpan.FromSeconds(91));
        await loop.TurnAsync(Token);

        Assert.Contains("We lost contact", Summary(loop), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_folder_holds_what_is_served_file_by_file()
    {
        _given.Whole();
        var loop = await StartedAsync();

        Assert.Equal(PageFiles.Types.Keys, loop.Served.Keys);
        Assert.All(loop.Served, file => Assert.Equal(file.Value, File.ReadAllBytes(Path.Combine(Out, file.Key))));
        Assert.Empty(Directory.EnumerateFiles(Out, "*.new", SearchOption.AllDirectories));
    }

    [Fact]
    public async Task Incidents_come_and_go_with_what_is_posted()
    {
        var loop = await StartedAsync();
        _given.Desk.Declare(GivenIncident.Ask with { Message = "inside" });
        await loop.TurnAsync(Token);
        Assert.DoesNotContain("Card payments fail", Text(loop, "api/v2/incidents.json"), StringComparison.Ordinal);

        _given.Desk.Update("current", new IncidentAsk { Public = "We look." });
        await loop.TurnAsync(Token);
        Assert.Contains("We look.", Text(loop, "api/v2/incidents/unresolved.json"), StringComparison.Ordinal);
        Assert.All(loop.Served.Keys, path =>
            Assert.DoesNotContain("inside", Text(loop, path), StringComparison.Ordinal));

        _given.Desk.Resolve("current", new IncidentAsk());
        await loop.TurnAsync(Token);
        Assert.DoesNotContain("We look.", Text(loop, "api/v2/incidents/unresolved.json"), StringComparison.Ordinal);
        Assert.Contains("We look.", Text(loop, "history.html"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_broken_file_of_incidents_keeps_the_last_page_and_is_told()
    {
        _given.Desk.Declare(GivenIncident.Ask with { Public = "We look." });
        await StartedAsync();
        SqliteConnection.ClearAllPools();
        await File.WriteAllTextAsync(Path.Combine(_given.Folder, "memory.db"), new string('x', 9000), Token);

        // Another process, which has only the files of the one before.
        var loop = await StartedAsync();

        Assert.Contains("We look.", Text(loop, "index.html"), StringComparison.Ordinal);
        Assert.Contains("Incident reports cannot be read", Text(loop, "index.html"), StringComparison.Ordinal);
        Assert.DoesNotContain("\"indicator\":\"none\"", Summary(loop), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_page_that_starts_without_the_platform_still_names_its_components_and_says_since_when()
    {
        await StartedAsync();
        _console.Answer = null;
        _given.Clock.Advance(TimeSpan.FromMinutes(10));

        var loop = await StartedAsync();

        Assert.Contains("We lost contact with the platform at 14:16 UTC", Summary(loop), StringComparison.Ordinal);
        Assert.Contains("\"name\":\"Card payments\"", Summary(loop), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_page_that_says_the_same_is_written_anew_every_ten_seconds()
    {
        var loop = await StartedAsync();
        var first = Summary(loop);
        _given.Clock.Advance(TimeSpan.FromSeconds(9));
        await loop.TurnAsync(Token);
        Assert.Equal(first, Summary(loop));

        _given.Clock.Advance(TimeSpan.FromSeconds(1));
        await loop.TurnAsync(Token);

        Assert.NotEqual(first, Summary(loop));
    }

    [Fact]
    public async Task A_configuration_that_makes_no_sense_leaves_the_last_one_in_use()
    {
        var file = Path.Combine(_given.Folder, "page.json");
        await File.WriteAllTextAsync(file, """{"name":"Bank of Tests"}""", Token);
        var loop = await StartedAsync();
        await File.WriteAllTextAsync(file, "{", Token);
        _given.Clock.Advance(TimeSpan.FromSeconds(10));
        await loop.TurnAsync(Token);

        Assert.Contains("Bank of Tests", Summary(loop), StringComparison.Ordinal);
    }

    public void Dispose()
    {
        _console.Dispose();
        _given.Dispose();
    }

    private async Task<StatusPageLoop> StartedAsync()
    {
        _console.Answer ??= _console.Asked ? null : FakeConsole.Well(_given.Clock.GetUtcNow());
        var renderer = new PageRenderer(new ServiceCollection().BuildServiceProvider(), NullLoggerFactory.Instance);
        var loop = new StatusPageLoop(
            new StatusPageOptions
            {
                DataFolder = _given.Folder, OutFolder = Out, Console = new Uri("http://console.example"),
            },
            new PlatformProbe(new HttpMessageInvoker(_console), new Uri("http://console.example"), _given.Clock),
            new PageFiles(renderer),
            _given.Clock,
            NullLogger<StatusPageLoop>.Instance);
        loop.Start();
        await loop.TurnAsync(Token);
        return loop;
    }

    private static string Summary(StatusPageLoop loop) => Text(loop, "api/v2/summary.json");

    private static string Text(StatusPageLoop loop, string path) => Encoding.UTF8.GetString(loop.Served[path]);

    /// <summary>Answers /api/overview with a text, or not at all.</summary>
    private sealed class FakeConsole : HttpMessageHandler
    {
        public string? Answer { get; set; }

        public bool Asked { get; private set; }

        public static string Well(DateTimeOffset at) =>
            $$$"""
            {"services":{"cluster":{"at":"{{{at:O}}}"},"traffic":{"at":"{{{at:O}}}"},
             "rows":[{"namespace":"bank","journeys":["card-payments"],"state":{"health":"Good","word":"ready"}}]}}
            """;

        protected override Task<HttpResponseMessage> SendAsync(
            HttpRequestMessage request, CancellationToken cancellationToken)
        {
            Asked = true;
            return Answer is null
                ? throw new HttpRequestException("refused")
                : Task.FromResult(new HttpResponseMessage(HttpStatusCode.OK) { Content = new StringContent(Answer) });
        }
    }
}
