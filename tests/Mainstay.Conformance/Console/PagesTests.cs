using Deque.AxeCore.Commons;
using Deque.AxeCore.Playwright;
using Mainstay.Tests.ConsoleSite;
using Microsoft.Playwright;

namespace Mainstay.Conformance.ConsoleSite;

/// <summary>Every page of the console in a real browser: accessible, on a telephone, and without a script.</summary>
public sealed class PagesTests : IAsyncLifetime
{
    private static readonly string? Pictures =
        Environment.GetEnvironmentVariables()["MAINSTAY_PICTURES"] as string;

    private static readonly string[] Paths =
    [
        "/", "/services", "/services/bank/payments", "/discovery", "/nodes", "/changes",
        "/changes?for=discovery-stale", "/actions", "/incidents",
    ];

    private FakePlatform _platform = null!; // set by InitializeAsync, before any test
    private ConsoleProcess _console = null!;
    private Browser _browser = null!;

    public async ValueTask InitializeAsync()
    {
        _platform = await FakePlatform.StartAsync();
        _console = await ConsoleProcess.StartAsync(_platform, TestContext.Current.CancellationToken);
        _browser = await Browser.StartAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await _browser.DisposeAsync();
        await _console.DisposeAsync();
        await _platform.DisposeAsync();
    }

    [Fact]
    public async Task An_incident_is_declared_without_a_script_and_every_page_is_accessible_at_every_width()
    {
        var ready = await _browser.OpenAsync(_console.Address);
        await ready.GetByRole(AriaRole.Link, new() { Name = "payments" }).WaitForAsync();
        var room = await DeclareAsync();
        var plan = await PlanAsync();
        await ScaleAsync();

        foreach (var (width, scheme) in new[] { (320, ColorScheme.Light), (1280, ColorScheme.Dark) })
        {
            var page = await _browser.OpenAsync(_console.Address, new BrowserNewContextOptions
            {
                ColorScheme = scheme, ViewportSize = new() { Width = width, Height = 900 },
            });
            foreach (var path in Paths.Append(room).Append(plan))
            {
                await page.GotoAsync(new Uri(_console.Address, path).ToString());
                await AssertGoodAsync(page, $"{path} at {width}");
            }
        }
    }

    /// <summary>The plan of a restart, which loads itself again without a script until it is made.</summary>
    private async Task<string> PlanAsync()
    {
        var page = await _browser.OpenAsync(
            new Uri(_console.Address, "/actions"), new BrowserNewContextOptions { JavaScriptEnabled = false });
        await page.GetByRole(AriaRole.Button, new() { Name = "Show the plan" }).ClickAsync();
        await page.GetByRole(AriaRole.Heading, new() { Name = "What it would do" }).WaitForAsync();
        await page.GetByRole(AriaRole.Heading, new() { Name = "Why it is refused" }).WaitForAsync();
        return new Uri(page.Url).AbsolutePath;
    }

    /// <summary>Deployments are scaled while the API server is away; the ledger finds out by comparing.</summary>
    private async Task ScaleAsync()
    {
        (_platform.ApiUp, _platform.Replicas) = (false, 3);
        var page = await _browser.OpenAsync(new Uri(_console.Address, "/changes?refresh=1"));
        _platform.ApiUp = true;
        await page.GetByText("bank/payments").First.WaitForAsync();
    }

    /// <summary>By the form alone, in a browser whose scripts are off.</summary>
    private async Task<string> DeclareAsync()
    {
        var page = await _browser.OpenAsync(
            new Uri(_console.Address, "/incidents"), new BrowserNewContextOptions { JavaScriptEnabled = false });
        await page.GetByLabel("What do customers see?").FillAsync("Card payments fail");
        await page.GetByLabel("Lead").FillAsync("Ana");
        await page.GetByLabel("You are").FillAsync("Ben");
        await page.GetByRole(AriaRole.Button, new() { Name = "Declare" }).ClickAsync();
        await page.GetByRole(AriaRole.Heading, new() { Name = "Card payments fail" }).WaitForAsync();
        await page.GetByText("lead is Ana").WaitForAsync();
        return new Uri(page.Url).AbsolutePath;
    }

    private static async Task AssertGoodAsync(IPage page, string what)
    {
        var overflow = await page.EvaluateAsync<int>(
            "document.documentElement.scrollWidth - document.documentElement.clientWidth");
        if (Pictures is not null)
        {
            var path = Path.Combine(Pictures, $"{what.Replace('/', '-').Replace(' ', '-').Replace('?', '-')}.png");
            await page.ScreenshotAsync(new PageScreenshotOptions { Path = path, FullPage = true });
        }

        Assert.True(overflow == 0, $"{what} scrolls sideways by {overflow}");
        var result = await page.RunAxe(new AxeRunOptions
        {
            RunOnly = new RunOnlyOptions
            {
                Type = "tag",
                Values = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
            },
        });
        Assert.Empty(result.Violations.Select(
            violation => $"{what}: {violation.Id}: {violation.Help}: {violation.Nodes[0].Html}"));
    }
}
