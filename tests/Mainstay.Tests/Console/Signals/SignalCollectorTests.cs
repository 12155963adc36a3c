using Mainstay.ConsoleSite.Signals;
using Mainstay.Kernel.Signals;
using Mainstay.Kube;
using Microsoft.Extensions.Time.Testing;
using static Mainstay.Tests.ConsoleSite.Signals.Raised;

namespace Mainstay.Tests.ConsoleSite.Signals;

public sealed class SignalCollectorTests
{
    private readonly FakeTimeProvider _time = new(Noon);
    private readonly ScriptedParts _parts = new();
    private PlatformMap _map = Map(RouterOn(1), RouterOn(2), AgentOn(1), Api);

    [Fact]
    public async Task Signals_of_all_parts_are_collected_and_each_is_told_once()
    {
        var stale = At(SignalCatalog.ApiCacheStale, Api.Subject, 5);
        _parts.Say(RouterOn(1), stale);
        _parts.Say(RouterOn(2), stale with { Since = Noon.AddSeconds(2) });

        var collected = await Collector().CollectAsync(_map, Token);

        var signal = Assert.Single(collected.Signals);
        Assert.Equal((Api.Subject, Noon.AddSeconds(2)), (signal.Subject, signal.Since));
        Assert.Empty(collected.Unknown);
    }

    [Fact]
    public async Task A_router_that_refuses_is_down_only_after_the_grace_and_is_up_with_its_first_answer()
    {
        var collector = Collector();
        _parts.Say(RouterOn(1), At(SignalCatalog.DiscoveryStale, "router/node-1", 0));
        await collector.CollectAsync(_map, Token);
        _parts.Fail(RouterOn(1), AnswerKind.Refused, "connection refused");

        var first = await collector.CollectAsync(_map, Token);
        Assert.Equal("discovery-stale", Assert.Single(first.Signals).Name);
        _time.Advance(Mainstay.ConsoleSite.Limits.SilenceGrace);

        var later = await collector.CollectAsync(_map, Token);
        var signal = Assert.Single(later.Signals);
        Assert.Equal(("router-down", "router/node-1"), (signal.Name, signal.Subject));
        Assert.Equal(["discovery-stale"], Assert.Single(later.Unknown).LastSaid);

        _parts.Say(RouterOn(1));
        Assert.Empty((await collector.CollectAsync(_map, Token)).Signals);
    }

    [Fact]
    public async Task A_part_that_hangs_is_silent_and_tells_how_long_it_was_not_heard()
    {
        var collector = Collector();
        await collector.CollectAsync(_map, Token);
        _parts.Fail(RouterOn(2), AnswerKind.Mute, "no answer within 0.9 s");
        _time.Advance(TimeSpan.FromSeconds(30));
        await collector.CollectAsync(_map, Token);
        _time.Advance(TimeSpan.FromSeconds(3));

        var collected = await collector.CollectAsync(_map, Token);

        var signal = Assert.Single(collected.Signals);
        Assert.Equal(("part-silent", "router/node-2"), (signal.Name, signal.Subject));
        Assert.Contains(new Evidence("heardSecondsAgo", "33"), signal.Reading.Evidence);
    }

    [Theory]
    [InlineData(5, "part-silent")]
    [InlineData(26, "node-agent-lost")]
    public async Task An_agent_that_hangs_is_lost_when_its_lease_agrees(int leaseSeconds, string expected)
    {
        _parts.Fail(AgentOn(1), AnswerKind.Mute, "no answer");
        _map = _map with { LeaseAges = _map.LeaseAges.Add("node-1", TimeSpan.FromSeconds(leaseSeconds)) };

        var collected = await Once().CollectAsync(_map, Token);

        Assert.Equal(expected, Assert.Single(collected.Signals).Name);
    }

    [Theory]
    [InlineData(AnswerKind.Refused, "api-server-down")]
    [InlineData(AnswerKind.Mute, "api-server-down")]
    [InlineData(AnswerKind.NotReady, "api-server-down")]
    [InlineData(AnswerKind.Garbled, "api-server-down")]
    [InlineData(AnswerKind.Denied, "part-silent")]
    public async Task What_an_api_server_answers_decides_what_it_is_called(AnswerKind kind, string expected)
    {
        _parts.Fail(Api, kind, "why");

        var collected = await Once().CollectAsync(_map, Token);

        var signal = Assert.Single(collected.Signals);
        Assert.Equal((expected, Api.Subject), (signal.Name, signal.Subject));
    }

    [Fact]
    public async Task Some_silent_members_are_named_and_all_of_them_are_a_lost_quorum()
    {
        var members = Enumerable.Range(0, 3).Select(Member).ToList();
        _map = Map(members);
        _parts.Fail(members[0], AnswerKind.Refused, "connection refused");
        _parts.Fail(members[1], AnswerKind.Mute, "no answer");
        var some = await Once().CollectAsync(_map, Token);
        Assert.Equal(
            [("store-member-down", "store/etcd-0"), ("store-member-mute", "store/etcd-1")],
            some.Signals.Select(signal => (signal.Name, signal.Subject)).Order());

        _parts.Fail(members[2], AnswerKind.NotReady, "/health answers 503");
        var report = SignalReport.Of(await Once().CollectAsync(_map, Token));
        Assert.Equal("no-quorum", report.Roots[0].Row.Definition.Name);
        Assert.False(report.Well);
    }

    [Fact]
    public async Task A_part_that_left_the_map_is_forgotten()
    {
        var collector = Once();
        _parts.Fail(RouterOn(2), AnswerKind.Refused, "connection refused");
        Assert.Single((await collector.CollectAsync(_map, Token)).Signals);

        Assert.Empty((await collector.CollectAsync(Map(RouterOn(1)), Token)).Signals);
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private SignalCollector Collector() => new(_parts, Mainstay.ConsoleSite.Limits.SilenceGrace, _time);

    private SignalCollector Once() => new(_parts, TimeSpan.Zero, _time);

    /// <summary>Parts that are well until a test says otherwise.</summary>
    private sealed class ScriptedParts : IPartSource
    {
        private readonly Dictionary<string, PartAnswer> _answers = [];

        public void Say(PlatformPart part, params Signal[] signals) => _answers[part.Subject] =
            new PartAnswer(part, AnswerKind.Answered, Report(part, [.. signals]), "");

        public void Fail(PlatformPart part, AnswerKind kind, string why) =>
            _answers[part.Subject] = new PartAnswer(part, kind, null, why);

        public Task<PartAnswer> AskAsync(
            PlatformPart part, Kubeconfig? credentials, CancellationToken cancellationToken) =>
            Task.FromResult(_answers.GetValueOrDefault(part.Subject)
                ?? new PartAnswer(part, AnswerKind.Answered, Report(part), ""));
    }
}
