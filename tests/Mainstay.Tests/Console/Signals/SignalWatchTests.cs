using System.Text.Json;
using Mainstay.ConsoleSite.Memory;
using Mainstay.ConsoleSite.Signals;
using Mainstay.Kernel.Signals;
using Mainstay.Kube;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using static Mainstay.Tests.ConsoleSite.Signals.Raised;

namespace Mainstay.Tests.ConsoleSite.Signals;

public sealed class SignalWatchTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("mainstay-").FullName;
    private readonly FakeTimeProvider _time = new(Noon);
    private readonly List<Signal> _said = [];

    [Fact]
    public async Task What_began_and_what_ended_is_written_down_once_and_with_its_root()
    {
        var watch = Watch();
        await TurnAsync(watch);
        _said.Add(At(SignalCatalog.ApiCacheStale, Api.Subject, 0));
        _said.Add(At(SignalCatalog.DiscoveryStale, "router/node-1", 0, Api.Subject));
        await TurnAsync(watch);
        await TurnAsync(watch);
        _said.Clear();
        await TurnAsync(watch);

        var events = History.Between(Noon, Noon.AddMinutes(1));
        Assert.Equal(
            [
                (1, true, "api-cache-stale", "api-cache-stale"), (1, true, "discovery-stale", "api-cache-stale"),
                (3, false, "api-cache-stale", "api-cache-stale"), (3, false, "discovery-stale", "api-cache-stale"),
            ],
            events.Select(e => ((int)(e.At - Noon).TotalSeconds, e.Raised, e.Name, e.Root)).Order());
    }

    [Fact]
    public async Task A_console_that_starts_anew_does_not_tell_again_what_it_told_before()
    {
        _said.Add(At(SignalCatalog.CrashLoop, "pod/bank/feed-x", 0));
        await TurnAsync(Watch());

        // The next console ends what the first began, and begins nothing twice.
        var second = Watch();
        await RunTurnAsync(second);
        Assert.Single(History.Between(Noon, Noon.AddMinutes(1)));
        Assert.Single(History.Open());
    }

    [Fact]
    public async Task Without_its_memory_it_still_reports()
    {
        Directory.CreateDirectory(Path.Combine(_folder, "memory.db"));
        _said.Add(At(SignalCatalog.CrashLoop, "pod/bank/feed-x", 0));
        var watch = new SignalWatch(
            new SignalCollector(new OneRouter(_said), TimeSpan.Zero, _time),
            new SignalWatchOptions { Map = () => Map(RouterOn(1)), History = null },
            _time,
            NullLogger<SignalWatch>.Instance);

        await TurnAsync(watch);

        Assert.Equal("crash-loop", watch.Report!.Roots[0].Row.Definition.Name);
    }

    [Fact]
    public async Task The_report_is_json_with_a_verdict_roots_unknowns_and_hops()
    {
        _said.Add(At(SignalCatalog.ApiCacheStale, Api.Subject, 0));
        _said.Add(At(SignalCatalog.DiscoveryStale, "router/node-1", 0, Api.Subject));
        var watch = Watch();
        await TurnAsync(watch);

        using var json = JsonDocument.Parse(SignalReportJson.Write(watch.Report!));
        var root = json.RootElement.GetProperty("roots")[0];
        Assert.False(json.RootElement.GetProperty("well").GetBoolean());
        Assert.StartsWith("Api-cache-stale", json.RootElement.GetProperty("verdict").GetString());
        Assert.Equal("api-cache-stale", root.GetProperty("name").GetString());
        Assert.Equal("router/node-1", root.GetProperty("explains")[0].GetProperty("subjects")[0].GetString());
        Assert.Equal(0, json.RootElement.GetProperty("unknown").GetArrayLength());
        Assert.Equal(0, json.RootElement.GetProperty("hops").GetArrayLength());
    }

    [Fact]
    public async Task A_row_of_several_subjects_has_the_figures_of_each_and_one_of_a_single_subject_has_them_once()
    {
        _said.Add(At(SignalCatalog.CrashLoop, "pod/bank/a", 0));
        _said.Add(At(SignalCatalog.CrashLoop, "pod/bank/b", 1));
        _said.Add(At(SignalCatalog.SlowStore, "store", 0));
        var watch = Watch();
        await TurnAsync(watch);

        using var json = JsonDocument.Parse(SignalReportJson.Write(watch.Report!));
        var roots = json.RootElement.GetProperty("roots").EnumerateArray().ToLookup(
            root => root.GetProperty("name").GetString());

        var crashed = Assert.Single(roots["crash-loop"]).GetProperty("each").EnumerateArray();
        Assert.Equal(["pod/bank/a", "pod/bank/b"], crashed.Select(one => one.GetProperty("subject").GetString()));
        Assert.All(crashed, one => Assert.Equal(JsonValueKind.Object, one.GetProperty("evidence").ValueKind));
        Assert.False(Assert.Single(roots["slow-store"]).TryGetProperty("each", out _));
    }

    [Fact]
    public async Task A_platform_without_parts_is_not_well()
    {
        var collector = new SignalCollector(new OneRouter(_said), TimeSpan.Zero, _time);

        var report = SignalReport.Of(await collector.CollectAsync(Map(), TestContext.Current.CancellationToken));

        Assert.False(report.Well);
        Assert.StartsWith("Nothing is known", report.Verdict, StringComparison.Ordinal);
    }

    [Fact]
    public void Only_the_newest_events_are_kept()
    {
        var one = SignalEvent.Of(At(SignalCatalog.CrashLoop, "pod/a/b", 0), true, "crash-loop", Noon);
        History.Append([.. Enumerable.Repeat(one, Mainstay.ConsoleSite.Limits.SignalEventsMax + 5)]);

        Assert.Equal(Mainstay.ConsoleSite.Limits.SignalEventsMax, History.Between(Noon, Noon.AddSeconds(1)).Length);
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private SignalHistory History => new(new ConsoleDatabase(_folder));

    private SignalWatch Watch() => new(
        new SignalCollector(new OneRouter(_said), TimeSpan.Zero, _time),
        new SignalWatchOptions { Map = () => Map(RouterOn(1)), History = History },
        _time,
        NullLogger<SignalWatch>.Instance);

    private async Task TurnAsync(SignalWatch watch)
    {
        await watch.RunOnceAsync(TestContext.Current.CancellationToken);
        _time.Advance(TimeSpan.FromSeconds(1));
    }

    /// <summary>As a console does it: its loop, until the first report is there.</summary>
    private static async Task RunTurnAsync(SignalWatch watch)
    {
        using var stop = new CancellationTokenSource();
        var loop = watch.RunAsync(stop.Token);
        while (watch.Report is null && !loop.IsCompleted)
        {
            await Task.Yield();
        }

        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => loop);
        Assert.NotNull(watch.Report);
    }

    private sealed class OneRouter(List<Signal> says) : IPartSource
    {
        public Task<PartAnswer> AskAsync(
            PlatformPart part, Kubeconfig? credentials, CancellationToken cancellationToken) =>
            Task.FromResult(new PartAnswer(part, AnswerKind.Answered, Report(part, [.. says]), ""));
    }
}
