using Mainstay.ApiServer;
using Mainstay.ApiServer.Observation;
using Mainstay.Etcd;
using Mainstay.Kernel.Signals;
using Microsoft.Extensions.Time.Testing;

namespace Mainstay.Tests.ApiServer.Observation;

public sealed class StoreSignalsTests
{
    private const string Self = "api/https://127.0.0.1:6443";
    private static readonly DateTimeOffset Now = new(2017, 10, 27, 14, 10, 0, TimeSpan.Zero);

    private readonly SignalBoard _board = new(new FakeTimeProvider(Now));
    private readonly StoreSignals _signals;

    public StoreSignalsTests()
    {
        _signals = new StoreSignals(_board);
    }

    [Fact]
    public void A_healthy_store_raises_nothing()
    {
        _signals.Judge(Healthy);

        Assert.Empty(_board.Active);
    }

    [Fact]
    public void Without_a_majority_the_quorum_is_missing_and_it_says_who_is_silent()
    {
        var view = View(EndpointState.Answers, EndpointState.Refused, EndpointState.Mute);
        _signals.Judge(Healthy with
        {
            QuorumSilence = TimeSpan.FromSeconds(5), View = view with { ListFault = "no leader" },
        });

        var signal = Assert.Single(_board.Active, one => one.Name == "no-quorum");
        Assert.Equal("store", signal.Subject);
        Assert.Contains("1 of 3 members answer and 2 must agree", signal.Reading.Summary, StringComparison.Ordinal);
        Assert.Contains(new Evidence("silent", "etcd-1, etcd-2"), signal.Reading.Evidence);
        Assert.True(_board.IsActive(SignalCatalog.StoreMemberDown, "store/etcd-1"));
        Assert.True(_board.IsActive(SignalCatalog.StoreMemberMute, "store/etcd-2"));
    }

    [Fact]
    public void Members_that_answer_while_reads_do_not_are_slow_and_no_lost_quorum()
    {
        _signals.Judge(Healthy with { QuorumSilence = TimeSpan.FromSeconds(5) });

        Assert.Equal(["slow-store"], _board.Active.Select(signal => signal.Name));
    }

    [Fact]
    public void A_store_is_slow_from_three_slow_calls_on_until_none_is_left()
    {
        _signals.Judge(Healthy with { Latency = (2, 30, TimeSpan.FromSeconds(1)) });
        Assert.Empty(_board.Active);

        _signals.Judge(Healthy with { Latency = (3, 30, TimeSpan.FromSeconds(1)) });
        Assert.True(_board.IsActive(SignalCatalog.SlowStore, "store"));

        _signals.Judge(Healthy with { Latency = (1, 30, TimeSpan.FromSeconds(1)) });
        Assert.True(_board.IsActive(SignalCatalog.SlowStore, "store"));

        _signals.Judge(Healthy);
        Assert.Empty(_board.Active);
    }

    [Fact]
    public void A_configured_address_that_is_no_members_is_told_with_those_that_are()
    {
        var removed = new EndpointView(
            new Uri("http://old:2379"), true, EndpointState.Removed, 9, TimeSpan.FromDays(1), "member 9 was removed");
        _signals.Judge(Healthy with { View = Healthy.View with { Endpoints = [removed] } });

        var signal = Assert.Single(_board.Active);
        Assert.Equal(("store-member-removed", Self), (signal.Name, signal.Subject));
        Assert.Contains("old:2379", signal.Reading.Summary, StringComparison.Ordinal);
        Assert.Contains(
            new Evidence("present", "http://m0:2379,http://m1:2379,http://m2:2379"), signal.Reading.Evidence);
    }

    [Fact]
    public void A_change_of_the_members_is_told_for_ten_minutes()
    {
        var changed = Healthy.View with { ChangedAt = Now - TimeSpan.FromMinutes(9.9), LastChange = "added etcd-3" };
        _signals.Judge(Healthy with { View = changed });
        Assert.Contains("added etcd-3", Assert.Single(_board.Active).Reading.Summary, StringComparison.Ordinal);

        _signals.Judge(Healthy with { View = changed, Now = Now + TimeSpan.FromMinutes(1) });
        Assert.Empty(_board.Active);
    }

    [Fact]
    public void A_cache_that_lags_behind_a_quorum_read_is_stale_until_two_proofs_in_a_row()
    {
        var stale = Healthy with { CacheAge = TimeSpan.FromSeconds(7), CacheRevision = 90 };
        _signals.Judge(stale);
        var signal = Assert.Single(_board.Active);
        Assert.Equal(("api-cache-stale", Self), (signal.Name, signal.Subject));
        Assert.Contains("revision 90, the store at 100", signal.Reading.Summary, StringComparison.Ordinal);

        _signals.Judge(stale with { CacheAge = TimeSpan.FromSeconds(3), CacheRevision = 100 });
        Assert.True(_board.IsActive(SignalCatalog.ApiCacheStale, Self));

        _signals.Judge(Healthy);
        Assert.Empty(_board.Active);
    }

    [Fact]
    public void A_server_that_has_just_started_accuses_no_member()
    {
        _signals.Judge(Healthy with
        {
            Uptime = TimeSpan.FromSeconds(1),
            QuorumSilence = null,
            CacheAge = null,
            View = View(EndpointState.Unknown, EndpointState.Unknown, EndpointState.Unknown),
        });

        Assert.Empty(_board.Active);
    }

    [Fact]
    public void Calls_older_than_the_window_no_longer_count_as_slow()
    {
        var time = new FakeTimeProvider(Now);
        var latency = new StoreLatency(time);
        latency.Record(Limits.StoreSlowCall);
        latency.Record(TimeSpan.FromMilliseconds(2));
        Assert.Equal((1, 2, Limits.StoreSlowCall), latency.Recent());

        time.Advance(Limits.StoreLatencyWindow + TimeSpan.FromSeconds(1));

        Assert.Equal((0, 0, TimeSpan.Zero), latency.Recent());
    }

    private static StoreFacts Healthy => new()
    {
        Subject = Self,
        Now = Now,
        View = View(EndpointState.Answers, EndpointState.Answers, EndpointState.Answers),
        QuorumSilence = TimeSpan.FromSeconds(0.5),
        CacheAge = TimeSpan.FromSeconds(1),
        CacheRevision = 100,
        StoreRevision = 100,
        Latency = (0, 30, TimeSpan.FromMilliseconds(3)),
        Uptime = TimeSpan.FromHours(1),
    };

    private static ClusterView View(params EndpointState[] states) => new()
    {
        Members =
        [
            .. states.Select((state, i) => new ClusterMember(
                (ulong)(i + 1), $"etcd-{i}", [$"http://m{i}:2380"], [$"http://m{i}:2379"], IsLearner: false)
            {
                State = state,
                Answers = state == EndpointState.Answers,
                KnowsLeader = state == EndpointState.Answers,
                IsLeader = i == 0,
                LastAnsweredAgo = state == EndpointState.Answers ? TimeSpan.Zero : TimeSpan.FromSeconds(20),
                Reason = state == EndpointState.Answers ? "" : "no answer",
            }),
        ],
        Endpoints = [],
        CurrentEndpoint = new Uri("http://m0:2379"),
        ChangedAt = null,
        LastChange = "",
        ListedAgo = TimeSpan.Zero,
        ListFault = "",
    };
}
