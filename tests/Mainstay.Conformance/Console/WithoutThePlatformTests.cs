using System.Diagnostics;
using System.Text.Json;
using Mainstay.Conformance.Platform;
using Mainstay.Tests.Architecture;
using Mainstay.Tests.ConsoleSite.Incidents.Voices;

namespace Mainstay.Conformance.ConsoleSite;

/// <summary>
/// Everything is killed but the services, the routers, the console and the status page: calls go on, an incident is
/// declared, told and exported, and the page says that contact is lost.
/// </summary>
public sealed class WithoutThePlatformTests : IAsyncLifetime
{
    private static readonly string[] Doomed = ["up", "node", "api", "controllers", "store"];

    private readonly HttpClient _http = new() { Timeout = TimeSpan.FromSeconds(10) };
    private readonly string _folder = Directory.CreateTempSubdirectory("status-page-").FullName;
    private RunningPlatform _platform = null!; // set by InitializeAsync, before any test
    private WebhookListener _slack = null!;
    private Process? _page;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _slack = await WebhookListener.StartAsync();
        _platform = await RunningPlatform.UpAsync(CancellationToken.None, "--nodes", "1");
    }

    public async ValueTask DisposeAsync()
    {
        _page?.Kill();
        _page?.Dispose();
        await _platform.DisposeAsync();
        await _slack.DisposeAsync();
        _http.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task Calls_go_on_and_the_outside_is_told_when_all_else_is_gone()
    {
        // A page of its own beside the platform's, whose limit of 90 s a test need not wait for.
        var page = StartPage();
        await Eventually.TrueAsync(
            "the page has contact", TimeSpan.FromSeconds(60), async () => !(await SummaryAsync(page)).Contains(
                "contact", StringComparison.Ordinal), Token);

        await KillAllElseAsync();

        for (var payment = 0; payment < 10; payment++)
        {
            Assert.True(await PaysAsync(), "a payment goes through");
        }

        var declared = await DeclareAsync();
        Assert.Contains("delivered", declared, StringComparison.Ordinal);
        var message = Assert.Single(_slack.Bodies);
        Assert.StartsWith(
            "SEV1 declared: Card payments fail", message.GetProperty("text").GetString(), StringComparison.Ordinal);
        var export = (await IncidentAsync("export", "current")).Succeeded().Output;
        Assert.Contains("# Post-mortem: Card payments fail", export, StringComparison.Ordinal);
        Assert.DoesNotContain("TOPSECRET", export, StringComparison.Ordinal);

        var summary = await Eventually.GetAsync(
            "the page says that contact is lost", TimeSpan.FromSeconds(60), async () =>
            {
                var text = await SummaryAsync(page);
                return text.Contains("We lost contact with the platform at", StringComparison.Ordinal) ? text : null;
            },
            Token);
        using var document = JsonDocument.Parse(summary);
        Assert.All(
            document.RootElement.GetProperty("components").EnumerateArray(),
            component => Assert.NotEqual("operational", component.GetProperty("status").GetString()));
        Assert.Contains("We are looking into it.", summary, StringComparison.Ordinal);
        var own = await _http.GetStringAsync($"{_platform.StatusPage}/", Token);
        Assert.Contains("We are looking into it.", own, StringComparison.Ordinal);
        var console = await _http.GetStringAsync($"{_platform.Console}/", Token);
        Assert.Contains("Card payments fail", console, StringComparison.Ordinal);
        Assert.True(await PaysAsync(), "payments still go through");
    }

    private Uri StartPage()
    {
        var listen = new Uri($"http://127.0.0.1:{FreePorts.Row(1)}");
        string[] words =
        [
            "status-page", "--data-dir", Path.Combine(_platform.Data, "console"), "--out", _folder,
            "--listen", listen.Authority, "--console", _platform.Console, "--contact-limit", "20",
        ];
        _page = Process.Start(SourceTree.Path("mainstay"), words);
        return listen;
    }

    private async Task<string> SummaryAsync(Uri page) =>
        await _http.GetStringAsync(new Uri(page, "/api/v2/summary.json"), Token);

    private async Task KillAllElseAsync()
    {
        // Who starts others again goes first.
        foreach (var part in Doomed)
        {
            var processes = _platform.Processes()
                .Where(process => process.CommandLine.Contains($"mainstay {part} ", StringComparison.Ordinal)).ToList();
            Assert.NotEmpty(processes);
            await Task.WhenAll(processes.Select(process => process.KillAsync(Token)));
        }
    }

    private async Task<string> DeclareAsync()
    {
        (await IncidentAsync("webhooks", "add", "team", _slack.Address)).Succeeded();
        var declared = await IncidentAsync(
            "declare", "Card payments fail", "--severity", "SEV1", "--public", "We are looking into it.");
        return declared.Succeeded().Output;
    }

    private Task<CommandResult> IncidentAsync(params string[] words) =>
        RunningPlatform.MainstayAsync(Token, ["incident", .. words, "--data", _platform.Data]);

    private async Task<bool> PaysAsync()
    {
        const string Payment = """{"from":"acc-carol","to":"acc-bob","amount":1,"reference":"test"}""";
        using var answer = await _platform.CallAsync(HttpMethod.Post, "gateway.bank", "/payments", Payment, Token);
        return answer.IsSuccessStatusCode;
    }
}
