using System.Collections.Immutable;
using System.Text.Json;
using Mainstay.ConsoleSite.Cluster;
using Mainstay.ConsoleSite.Scrape;
using Mainstay.ConsoleSite.Signals;
using Mainstay.ConsoleSite.Signals.Failures;
using Mainstay.Kernel.Signals;
using Mainstay.Kube;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using static Mainstay.Tests.ConsoleSite.Signals.Failures.Reading;

namespace Mainstay.Tests.ConsoleSite.Signals.Failures;

/// <summary>
/// A bad release of payments is undone at noon, as the console sees it second by second: bad and good pods have ten
/// calls a second each while they are there.
/// </summary>
public sealed class FailureJudgeTests
{
    private static readonly Uri Router = new("http://127.17.0.1:9990/");

    private readonly FakeTimeProvider _time = new(Noon.AddSeconds(-10));
    private readonly RouterFleet _fleet;
    private readonly SignalBoard _board;
    private readonly FailureJudge _judge;
    private int _badCalls;
    private int _goodCalls;
    private int _goodFailures;

    public FailureJudgeTests()
    {
        _fleet = new RouterFleet(_time, NullLogger<RouterFleet>.Instance);
        _fleet.Expect([new(Router, "node-1")]);
        _board = new SignalBoard(_time);
        var undone = new RevisionView("bank", "payments", "payments-old", 3, Noon, true, "bank/payments:v1");
        _judge = new FailureJudge(
            new FleetFailures(
                _fleet, () => new ClusterView { Revisions = _time.GetUtcNow() < Noon ? [] : [undone] }, _time),
            _time);
    }

    [Theory]
    [InlineData(2)]
    [InlineData(20)]
    [InlineData(60)]
    public void An_undo_that_helps_is_never_said_not_to_however_long_the_bad_pods_take_to_leave(int seconds)
    {
        var said = Run(90, second => new Second(Bad: second < seconds, Good: second > seconds / 2, GoodFails: false));

        Assert.Contains(said, signals => signals.Contains(SignalCatalog.ServiceFailing.Name));
        Assert.DoesNotContain(said, signals => signals.Contains(SignalCatalog.RollbackDidNotHelp.Name));
    }

    [Fact]
    public void An_undo_whose_pods_fail_too_is_told_within_seconds_of_its_having_settled()
    {
        var said = Run(20, second => new Second(Bad: second < 2, Good: second >= 0, GoodFails: true));

        var first = said.FindIndex(signals => signals.Contains(SignalCatalog.RollbackDidNotHelp.Name));
        Assert.InRange(first - 10, 5, 8);
        Assert.All(said[first..], signals => Assert.Contains(SignalCatalog.RollbackDidNotHelp.Name, signals));
    }

    [Theory]
    [InlineData(19, 40, false)]
    [InlineData(21, 40, true)]
    [InlineData(19, 30, true)]
    public void Calls_that_no_endpoint_was_there_for_count_only_once_the_service_has_had_time_to_start(
        int age, int byRouter, bool isFailing)
    {
        var judge = new FailureJudge(new OneService(_time.GetUtcNow().AddSeconds(-age), byRouter), _time);

        judge.Judge(new CollectedSignals(_time.GetUtcNow(), new PlatformMap(), [], [], []), _board);

        Assert.Equal(isFailing, _board.Active.Any(signal => signal.Name == SignalCatalog.ServiceFailing.Name));
    }

    /// <summary>What is on the board at each second from ten before noon on.</summary>
    private List<HashSet<string>> Run(int seconds, Func<int, Second> happens)
    {
        var said = new List<HashSet<string>>();
        for (var second = -10; second < seconds; second++)
        {
            var now = happens(second);
            _badCalls += now.Bad ? 10 : 0;
            _goodCalls += now.Good ? 10 : 0;
            _goodFailures += now is { Good: true, GoodFails: true } ? 10 : 0;
            _fleet.Take(Router, Taken(now));
            _judge.Judge(new CollectedSignals(_time.GetUtcNow(), new PlatformMap(), [], [], []), _board);
            said.Add([.. _board.Active.Select(signal => signal.Name)]);
            _time.Advance(TimeSpan.FromSeconds(1));
        }

        return said;
    }

    private RouterReading Taken(Second now)
    {
        string[] endpoints =
        [
            .. now.Bad ? [Endpoint("payments-bad-a", _badCalls, _badCalls)] : Array.Empty<string>(),
            .. now.Good ? [Endpoint("payments-old-a", _goodCalls, _goodFailures)] : Array.Empty<string>(),
        ];
        var table = RouterTable.Read(JsonDocument.Parse(
            $$"""
            {"node":"node-1","startedAt":"2026-01-01T00:00:00Z",
             "services":[{"namespace":"bank","name":"payments","endpoints":[{{string.Join(',', endpoints)}}]}]}
            """).RootElement);
        var failed = _badCalls + _goodFailures;
        const string Total = "mainstay_router_request_total{namespace=\"bank\",service=\"payments\",origin=\"service\"";
        var well = _badCalls + _goodCalls - failed;
        var read = PrometheusText.Read(
            $"{Total},status_class=\"2xx\"}} {well}\n{Total},status_class=\"5xx\"}} {failed}\n", RouterCounters.Prefix);
        return new RouterReading(table, RouterCounters.From(read.Samples), read, null);
    }

    private static string Endpoint(string pod, int tries, int failures) =>
        $$"""
        {"address":"{{pod}}","pod":"{{pod}}","node":"node-1","ready":true,"tries":{{tries}},"failures":{{failures}}}
        """;

    /// <summary>Forty of a hundred calls fail.</summary>
    private sealed class OneService(DateTimeOffset madeAt, int byRouter) : IFailureSource
    {
        private static readonly ObjectKey Ledger = new("bank", "ledger");

        public TimeSpan Window => TimeSpan.FromSeconds(8);

        public ImmutableArray<RevisionView> Revisions => [];

        public ImmutableHashSet<ObjectKey> MadeSince(DateTimeOffset moment) => madeAt > moment ? [Ledger] : [];

        public ImmutableArray<ServiceSum> Lately() =>
        [
            new ServiceSum(
                Ledger, new CallSum(100, 40, byRouter), ImmutableSortedDictionary<string, CallSum>.Empty, [],
                ImmutableDictionary<string, CallSum>.Empty),
        ];

        public ImmutableArray<ServiceSum> Since(DateTimeOffset start) => [];
    }

    private sealed record Second(bool Bad, bool Good, bool GoodFails);
}
