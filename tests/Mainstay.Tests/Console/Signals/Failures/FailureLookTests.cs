using Mainstay.ConsoleSite.Signals;
using Mainstay.Kube;

namespace Mainstay.Tests.ConsoleSite.Signals.Failures;

/// <summary>What a command sees of failing services while no console answers.</summary>
public sealed class FailureLookTests : IAsyncLifetime
{
    private static readonly Uri Nobody = new("http://127.0.0.1:1/");

    private FakePlatform? _platform;

    private FakePlatform Platform => _platform!; // Made before each test.

    public async ValueTask InitializeAsync() => _platform = await FakePlatform.StartAsync();

    public ValueTask DisposeAsync() => Platform.DisposeAsync();

    [Fact]
    public async Task Without_a_console_a_failing_service_is_found_in_the_routers_counters_and_that_is_said()
    {
        Platform.PaymentsFail = 0.5;
        Platform.RoutersDown.Add("node-3");

        var report = await LookAsync();

        var failing = Assert.Single(report.Signals, signal => signal.Name == "service-failing");
        Assert.Equal("service/bank/payments", failing.Subject);
        Assert.Contains("10 of 20 in 4 s", failing.Reading.Summary, StringComparison.Ordinal);
        var note = Assert.Single(report.Notes);
        Assert.Contains("judged here", note, StringComparison.Ordinal);
        Assert.Contains("without router/node-", note, StringComparison.Ordinal);
        Assert.Contains(note, SignalReportText.Write(report), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_nobody_can_judge_is_said_and_is_not_taken_for_well()
    {
        Platform.RoutersDown.UnionWith(["node-1", "node-2", "node-3"]);

        var report = await LookAsync();

        Assert.False(report.Well);
        Assert.Contains(
            "service-failing and rollback-did-not-help are not judged", Assert.Single(report.Notes),
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_an_API_server_the_undone_rollouts_are_said_not_to_be_judged()
    {
        Platform.ApiUp = false;

        var report = await LookAsync();

        Assert.DoesNotContain(report.Signals, signal => signal.Name == "service-failing");
        Assert.Contains(report.Notes, note =>
            note.StartsWith("rollback-did-not-help is not judged", StringComparison.Ordinal));
    }

    private Task<SignalReport> LookAsync()
    {
        var kubeconfig = Kubeconfig.Parse(Platform.Kubeconfig, "");
        var routers = Platform.Routers.Select((address, index) =>
            new PlatformPart(PartKind.Router, $"node-{index + 1}", address));
        var map = new PlatformMap { Parts = [.. routers, new PlatformPart(PartKind.Console, "", Nobody)] };
        return SignalLook.OnceAsync(
            map.With(kubeconfig), TimeProvider.System, TestContext.Current.CancellationToken);
    }
}
