using Mainstay.Kube;
using Mainstay.Tests.Architecture;

namespace Mainstay.Conformance.Platform;

/// <summary>What every part exports is what Prometheus reads: promtool is the judge.</summary>
[Collection(ThreeNodeBankShare.Name)]
public sealed class MetricsTests(ThreeNodeBank fixture)
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("store")]
    [InlineData("controllers")]
    [InlineData("console")]
    [InlineData("agent")]
    [InlineData("router")]
    public async Task Each_part_exports_text_that_promtool_accepts(string part)
    {
        using var http = new HttpClient { Timeout = TimeSpan.FromSeconds(10) };
        var text = await http.GetStringAsync($"http://{fixture.Platform.MetricsAddress(part)}/metrics", Cancel);

        await AssertAcceptedAsync(text);
    }

    [Fact]
    public async Task The_API_server_exports_text_that_promtool_accepts()
    {
        using var api = KubeHttp.Create(Kubeconfig.Load(fixture.Platform.Kubeconfig));
        var request = new KubeRequest(HttpMethod.Get, "/metrics") { Accept = "text/plain" };
        using var answer = await api.OpenAsync(request, Cancel);

        await AssertAcceptedAsync(await answer.Content.ReadAsStringAsync(Cancel));
    }

    [Fact]
    public async Task The_scrape_configuration_of_the_docs_is_accepted()
    {
        var file = SourceTree.Path("deploy/prometheus/prometheus.yml");

        (await new Command("promtool", "check", "config", "--syntax-only", file).RunAsync(Cancel)).Succeeded();
    }

    /// <summary>promtool's advice about names ends with 3; what it cannot parse ends with 1.</summary>
    private static async Task AssertAcceptedAsync(string text)
    {
        var check = await new Command("promtool", "check", "metrics") { Input = text }.RunAsync(Cancel);

        Assert.True(check.ExitCode is 0 or 3, check.Error + text);
        Assert.Contains("mainstay_", text, StringComparison.Ordinal);
    }
}
