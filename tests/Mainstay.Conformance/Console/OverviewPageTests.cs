using Deque.AxeCore.Commons;
using Deque.AxeCore.Playwright;
using Mainstay.Tests.ConsoleSite;
using Microsoft.Playwright;

namespace Mainstay.Conformance.ConsoleSite;

/// <summary>
/// The first page in a real browser: accessible, on a telephone, without a script, and honest when left alone.
/// </summary>
public sealed class OverviewPageTests : IAsyncLifetime
{
    /// <summary>A folder for screenshots, for who changes the looks; none by default.</summary>
    private static readonly string? Pictures =
        Environment.GetEnvironmentVariables()["MAINSTAY_PICTURES"] as string;

    private FakePlatform _platform = null!; // set by InitializeAsync, before any test
    private ConsoleProcess _console = null!;
    private Browser _browser = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _platform = await FakePlatform.StartAsync();
        _console = await ConsoleProcess.StartAsync(_platform, Token);
        _browser = await Browser.StartAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await _browser.DisposeAsync();
        await _console.DisposeAsync();
        await _platform.DisposeAsync();
    }

    [Theory]
    [InlineData(ColorScheme.Light)]
    [InlineData(ColorScheme.Dark)]
    public async Task The_page_is_accessible_when_all_is_well_and_when_nothing_is(ColorScheme scheme)
    {
        var page = await _browser.OpenAsync(_console.Address, new BrowserNewContextOptions { ColorScheme = scheme });
        await page.GetByText("3 services ready, 3 routers live, 3 nodes ready.").WaitForAsync();
        await AssertAccessibleAsync(page);
        await PictureAsync(page, $"well-{scheme}");

        Spoil();
        await page.Locator("#services .state", new() { HasText = "failing" }).WaitForAsync();
        await page.Locator("#routers .state", new() { HasText = "from snapshot" }).WaitForAsync();
        await page.Locator("#routers .state", new() { HasText = "no answer" }).WaitForAsync();
        await AssertAccessibleAsync(page);
        await PictureAsync(page, $"spoilt-{scheme}");
    }

    [Theory]
    [InlineData(320)]
    [InlineData(390)]
    [InlineData(800)]
    [InlineData(1280)]
    public async Task No_width_needs_scrolling_sideways_and_nothing_is_lost(int width)
    {
        Spoil();
        var page = await _browser.OpenAsync(
            _console.Address, new BrowserNewContextOptions { ViewportSize = new() { Width = width, Height = 800 } });
        await page.Locator("#services .state", new() { HasText = "failing" }).WaitForAsync();

        var overflow = await page.EvaluateAsync<int>(
            "document.documentElement.scrollWidth - document.documentElement.clientWidth");
        await PictureAsync(page, $"width-{width}");

        Assert.Equal(0, overflow);
        foreach (var text in (string[])["gateway", "ledger", "node-2", "zone-3", "2 of 2"])
        {
            Assert.True(await page.GetByText(text, new() { Exact = true }).First.IsVisibleAsync(), text);
        }

        await AssertAccessibleAsync(page);
    }

    [Fact]
    public async Task Without_a_script_the_page_says_everything_and_offers_to_refresh()
    {
        var live = await _browser.OpenAsync(_console.Address);
        await live.GetByText("3 services ready").WaitForAsync();

        var page = await _browser.OpenAsync(
            _console.Address, new BrowserNewContextOptions { JavaScriptEnabled = false });

        Assert.True(await page.GetByText("3 services ready, 3 routers live, 3 nodes ready.").IsVisibleAsync());
        foreach (var name in (string[])["gateway", "ledger", "payments", "node-1", "node-2", "node-3"])
        {
            var row = page.GetByRole(AriaRole.Rowheader, new() { Name = name, Exact = true }).First;
            Assert.True(await row.IsVisibleAsync(), name);
        }

        Assert.Contains("ago", await page.Locator("#services .age").First.InnerTextAsync(), StringComparison.Ordinal);
        Assert.False(await page.Locator("#pause").IsVisibleAsync());
        await page.GetByText("Refresh every 5 s").ClickAsync();
        Assert.Equal(1, await page.Locator("meta[http-equiv=refresh]").CountAsync());
    }

    [Fact]
    public async Task A_page_whose_console_has_died_says_so_and_shows_no_green()
    {
        var page = await _browser.OpenAsync(_console.Address);
        await page.GetByText("3 services ready").WaitForAsync();
        var green = await ColourAsync(page);

        await _console.KillAsync(Token);

        await page.GetByText("No contact with the console since").WaitForAsync();
        await page.WaitForFunctionAsync(
            "green => getComputedStyle(document.querySelector('.state-good')).color !== green", green);
        await AssertAccessibleAsync(page);
        await PictureAsync(page, "no-contact");
        Assert.StartsWith("? No contact", await page.TitleAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Pausing_holds_the_figures_still_by_keyboard_alone()
    {
        var page = await _browser.OpenAsync(_console.Address);
        await page.GetByText("3 services ready").WaitForAsync();
        await page.Locator("#pause").FocusAsync();
        await page.Keyboard.PressAsync("Enter");
        Assert.Equal("true", await page.Locator("#pause").GetAttributeAsync("aria-pressed"));

        Spoil();
        var second = await _browser.OpenAsync(_console.Address);
        await second.Locator("#services .state", new() { HasText = "failing" }).WaitForAsync();

        Assert.True(await page.GetByText("3 services ready").IsVisibleAsync());
        await page.Keyboard.PressAsync("Enter");
        await page.Locator("#services .state", new() { HasText = "failing" }).WaitForAsync();
    }

    private void Spoil()
    {
        _platform.PaymentsFail = 0.4;
        _platform.SourceState = "snapshot";
        _platform.RoutersDown.Add("node-3");
        _platform.Quarantined =
            """
            {"kind":"EndpointSlice","namespace":"bank","name":"overdraft-preview-9x2","since":"2026-01-01T00:00:00Z",
             "reason":"endpoints: Array is expected, String is there"}
            """;
    }

    private static Task<string> ColourAsync(IPage page) =>
        page.EvaluateAsync<string>("getComputedStyle(document.querySelector('.state-good')).color");

    private static async Task AssertAccessibleAsync(IPage page)
    {
        var result = await page.RunAxe(new AxeRunOptions
        {
            RunOnly = new RunOnlyOptions
            {
                Type = "tag",
                Values = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
            },
        });
        Assert.Empty(result.Violations.Select(violation =>
            $"{violation.Id}: {violation.Help}: {violation.Nodes[0].Html}"));
    }

    private static async Task PictureAsync(IPage page, string name)
    {
        if (Pictures is not null)
        {
            var path = Path.Combine(Pictures, $"{name}.png");
            await page.ScreenshotAsync(new PageScreenshotOptions { Path = path, FullPage = true });
        }
    }
}
