using System.Net;
using System.Net.Sockets;
using Mainstay.ConsoleSite;
using Mainstay.Kernel;

namespace Mainstay.Tests.ConsoleSite;

public sealed class ConsoleHostTests : IAsyncLifetime
{
    private readonly string _folder = Directory.CreateTempSubdirectory("console-").FullName;
    private readonly HttpClient _http = new();
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private FakePlatform _platform = null!; // set by InitializeAsync, before any test

    public async ValueTask InitializeAsync() => _platform = await FakePlatform.StartAsync();

    public async ValueTask DisposeAsync()
    {
        await _platform.DisposeAsync();
        _http.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task One_answer_holds_the_whole_page_and_loads_nothing_from_elsewhere()
    {
        await using var console = await StartAsync();

        await console.UntilAsync(page => page.Contains("3 services ready, 3 routers live", StringComparison.Ordinal)
            && page.Contains(">100 %</td>", StringComparison.Ordinal));
        using var response = await _http.GetAsync(console.Address, Token);
        var page = await response.Content.ReadAsStringAsync(Token);

        Assert.All(
            ["gateway", "ledger", "payments", "node-1", "node-3", "zone-2", "2 of 2", "/s</td>"],
            text => Assert.Contains(text, page, StringComparison.Ordinal));
        var elsewhere = page.Replace("http://127.0.0.1", "", StringComparison.Ordinal);
        Assert.DoesNotContain("http://", elsewhere, StringComparison.Ordinal);
        Assert.DoesNotContain("https://", elsewhere, StringComparison.Ordinal);
        Assert.DoesNotContain("style=", page, StringComparison.Ordinal);
        var policy = response.Headers.GetValues("Content-Security-Policy").Single();
        Assert.StartsWith("default-src 'self';", policy, StringComparison.Ordinal);
        // With "no-referrer" a browser sends its own forms' Origin as null, which is refused.
        Assert.Equal("same-origin", response.Headers.GetValues("Referrer-Policy").Single());
    }

    [Fact]
    public async Task Failing_payments_are_named_within_seconds()
    {
        await using var console = await StartAsync();
        await console.UntilAsync(page => page.Contains("3 services ready", StringComparison.Ordinal));

        _platform.PaymentsFail = 1;

        await console.UntilAsync(page => page.Contains("Service bank/payments:", StringComparison.Ordinal)
            && page.Contains("of requests fail", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_console_that_starts_while_the_API_server_is_down_shows_the_last_known_and_the_routers()
    {
        await using (var first = await StartAsync())
        {
            await first.UntilAsync(page => page.Contains("3 services ready", StringComparison.Ordinal));
        }

        _platform.ApiUp = false;
        await using var second = await StartAsync();

        await second.UntilAsync(page => page.Contains("zone-2", StringComparison.Ordinal)
            && page.Contains("readiness unknown", StringComparison.Ordinal)
            && page.Contains("3 of 3 routers heard", StringComparison.Ordinal)
            && page.Contains("/s</td>", StringComparison.Ordinal));
        _platform.ApiUp = true;
        await second.UntilAsync(page => page.Contains("3 services ready", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_console_without_a_kubeconfig_serves_and_takes_it_up_when_it_comes()
    {
        var later = Path.Combine(_folder, "later.kubeconfig");
        await using var console = await StartAsync(later);

        await console.UntilAsync(page => page.Contains("later.kubeconfig", StringComparison.Ordinal)
            && page.Contains("3 of 3 routers heard", StringComparison.Ordinal));
        await File.WriteAllTextAsync(later, _platform.Kubeconfig, Token);
        await console.UntilAsync(page => page.Contains("3 services ready", StringComparison.Ordinal));
    }

    [Fact]
    public async Task One_router_down_or_talking_nonsense_leaves_the_others_shown()
    {
        _platform.RoutersDown.Add("node-3");
        _platform.MoreMetrics = "mainstay_router_request_total{namespace=\"bank\n";
        await using var console = await StartAsync();

        await console.UntilAsync(page => page.Contains("2 of 3 routers heard", StringComparison.Ordinal)
            && page.Contains("not found", StringComparison.Ordinal)
            && page.Contains("</span> live</span>", StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_stream_sends_each_live_part()
    {
        await using var console = await StartAsync();
        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        await using var body = await _http.GetStreamAsync(new Uri(console.Address, "/events"), deadline.Token);
        using var lines = new StreamReader(body);
        var seen = new HashSet<string>();
        while (seen.Count < 4)
        {
            var line = await lines.ReadLineAsync(deadline.Token);
            Assert.NotNull(line);
            if (line.StartsWith("event: ", StringComparison.Ordinal))
            {
                seen.Add(line[7..]);
                var data = await lines.ReadLineAsync(deadline.Token);
                Assert.StartsWith($"data: <section id=\"{line[7..]}\"", data, StringComparison.Ordinal);
            }
        }
    }

    [Theory]
    [InlineData("/nothing", 404)]
    [InlineData("/assets/x/../../secret", 404)]
    [InlineData("/assets/x/Mainstay.dll", 404)]
    [InlineData("/healthz", 200)]
    [InlineData("/metrics", 200)]
    [InlineData("/api/overview", 200)]
    [InlineData("/?refresh=nonsense", 200)]
    public async Task Each_address_answers_as_it_should(string path, int status)
    {
        await using var console = await StartAsync();

        using var response = await _http.GetAsync(new Uri(console.Address, path), Token);

        Assert.Equal(status, (int)response.StatusCode);
    }

    [Fact]
    public async Task A_taken_address_and_wrong_options_are_one_line_each()
    {
        using var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();
        var address = (IPEndPoint)taken.LocalEndpoint;

        var busy = await Assert.ThrowsAsync<StartException>(() => ConsoleHost.RunAsync(
            new ConsoleOptions { Kubeconfig = "k", DataFolder = _folder, Listen = address }, CancellationToken.None));
        var wrong = await Assert.ThrowsAsync<StartException>(() => ConsoleHost.RunAsync(
            new ConsoleOptions
            {
                Kubeconfig = "",
                DataFolder = "",
                RouterAdminPort = 0,
                Routers = [new Uri("ftp://x")],
            },
            CancellationToken.None));

        Assert.Contains(address.ToString(), busy.Message, StringComparison.Ordinal);
        Assert.All(
            ["--kubeconfig", "--data-dir", "--router-admin-port", "--routers"],
            word => Assert.Contains(word, wrong.Message, StringComparison.Ordinal));
    }

    private async Task<RunningConsole> StartAsync(string? kubeconfig = null)
    {
        var file = kubeconfig ?? Path.Combine(_folder, "kubeconfig");
        if (kubeconfig is null)
        {
            await File.WriteAllTextAsync(file, _platform.Kubeconfig);
        }

        return await RunningConsole.StartAsync(new ConsoleOptions
        {
            Kubeconfig = file,
            DataFolder = Path.Combine(_folder, "data"),
            Listen = new IPEndPoint(IPAddress.Loopback, 0),
            Routers = [.. _platform.Routers],
            ScrapeInterval = TimeSpan.FromMilliseconds(200),
        });
    }
}
