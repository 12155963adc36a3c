using Mainstay.Router.Discovery.Freshness;

namespace Mainstay.Tests.Router.Discovery.Freshness;

public sealed class FreshnessCoreTests
{
    private static readonly Uri Own = new("https://a");
    private static readonly Uri Other = new("https://b");

    private FreshnessCore _core = new(new FreshnessOptions());
    private Uri _server = Own;
    private double _now;
    private bool _isWatching = true;

    [Fact]
    public void A_heartbeat_that_advances_each_second_is_fresh_and_nobody_is_asked()
    {
        for (var beat = 1; beat < 600; beat++)
        {
            _core.Heard(beat, byWatch: true, At(beat));
            Assert.Equal(FreshnessAction.None, TickUntil(beat + 0.9));
        }

        Assert.Equal(FreshnessState.Fresh, _core.State);
    }

    [Fact]
    public void A_mute_watch_is_named_within_ten_seconds_and_left_at_once()
    {
        _core.Heard(41, byWatch: true, At(0));

        Assert.Equal(FreshnessAction.Ask, TickUntil(4));
        _core.Answered(new QuorumAnswer(Other, 45, ""), At(4.1));
        _core.Answered(new QuorumAnswer(Own, null, "no answer within 2 s"), At(6));
        Assert.Equal(FreshnessAction.Leave, TickUntil(6.2));

        Assert.Equal((FreshnessState.Stale, Other), (_core.State, _core.Next));
        Assert.Contains("its watch is at 41 while the store is at 45", _core.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void The_list_of_the_next_server_is_no_proof_that_its_watch_lives()
    {
        A_mute_watch_is_named_within_ten_seconds_and_left_at_once();

        _core.Heard(46, byWatch: false, At(6.4));
        Assert.Equal(FreshnessState.Stale, _core.State);
        _core.Heard(47, byWatch: true, At(7));

        Assert.Equal((FreshnessState.Fresh, ""), (_core.State, _core.Reason));
    }

    [Fact]
    public void A_dead_writer_is_no_reason_to_leave_anybody()
    {
        _core.Heard(41, byWatch: true, At(0));

        for (var round = 0; round < 5; round++)
        {
            Assert.Equal(FreshnessAction.Ask, TickUntil(_now + 10));
            _core.Answered(new QuorumAnswer(Other, 41, ""), At(_now));
            _core.Answered(new QuorumAnswer(Own, 41, ""), At(_now));
            Assert.Equal(FreshnessAction.None, TickUntil(_now + 0.2));
            Assert.Equal(FreshnessState.WriterDead, _core.State);
        }

        _core.Heard(42, byWatch: true, At(_now));
        Assert.Equal(FreshnessState.Fresh, _core.State);
    }

    [Fact]
    public void A_beat_that_was_on_its_way_while_the_store_was_read_is_no_fault()
    {
        _core.Heard(41, byWatch: true, At(0));
        TickUntil(4);
        _core.Answered(new QuorumAnswer(Other, 42, ""), At(4.1));
        _core.Answered(new QuorumAnswer(Own, 42, ""), At(4.1));
        _core.Heard(42, byWatch: true, At(4.6));

        Assert.Equal(FreshnessAction.None, TickUntil(7));
        Assert.Equal(FreshnessState.Fresh, _core.State);
    }

    [Fact]
    public void A_server_that_lags_more_and_more_is_found_though_it_is_never_silent()
    {
        var asked = false;
        for (var beat = 1; !asked; beat++)
        {
            // Each beat a tenth of a second later than the one before.
            var at = beat * 1.1;
            Assert.True(at < 80, "it is found");
            asked = TickUntil(at) == FreshnessAction.Ask;
            _core.Heard(beat, byWatch: true, At(at));
        }

        _core.Answered(new QuorumAnswer(Own, (long)_now, ""), At(_now));
        _core.Answered(new QuorumAnswer(Other, (long)_now, ""), At(_now));
        Assert.Equal(FreshnessAction.Leave, TickUntil(_now + 1.3));
    }

    [Fact]
    public void A_writer_that_is_slower_than_its_pace_is_taken_as_the_new_measure()
    {
        var rounds = 0;
        for (var beat = 1; beat < 200; beat++)
        {
            if (TickUntil(beat * 1.1) == FreshnessAction.Ask)
            {
                rounds++;
                _core.Answered(new QuorumAnswer(Own, _core.Seen, ""), At(_now));
                _core.Answered(new QuorumAnswer(Other, _core.Seen, ""), At(_now));
                TickUntil(beat * 1.1);
            }

            _core.Heard(beat, byWatch: true, At(beat * 1.1));
            Assert.Equal(FreshnessState.Fresh, _core.State);
        }

        Assert.InRange(rounds, 2, 5);
    }

    [Fact]
    public void When_nobody_answers_it_is_said_and_the_watch_stays()
    {
        _core.Heard(41, byWatch: true, At(0));
        TickUntil(4);
        _core.Answered(new QuorumAnswer(Own, null, "500 no leader"), At(4.5));
        Assert.Equal(FreshnessAction.None, TickUntil(4.6));
        Assert.Equal(FreshnessState.Fresh, _core.State);
        _core.Answered(new QuorumAnswer(Other, null, "refused"), At(4.7));

        Assert.Equal(FreshnessAction.None, TickUntil(4.9));
        Assert.Equal(FreshnessState.Stale, _core.State);
        Assert.Contains("500 no leader", _core.Reason, StringComparison.Ordinal);
        _core.Heard(42, byWatch: true, At(5));
        Assert.Equal(FreshnessState.Fresh, _core.State);
    }

    [Fact]
    public void A_server_that_does_not_answer_while_another_does_is_left()
    {
        _core.Heard(41, byWatch: true, At(0));
        TickUntil(4);
        _core.Answered(new QuorumAnswer(Other, 41, ""), At(4.1));
        _core.Answered(new QuorumAnswer(Own, null, "refused"), At(4.2));

        Assert.Equal(FreshnessAction.Leave, TickUntil(4.4));
        Assert.Equal((FreshnessState.Stale, Other), (_core.State, _core.Next));
    }

    [Fact]
    public void A_list_that_is_under_way_is_not_cut_short()
    {
        _isWatching = false;
        TickUntil(4);
        _core.Answered(new QuorumAnswer(Other, 45, ""), At(4.1));
        _core.Answered(new QuorumAnswer(Own, 45, ""), At(4.1));

        Assert.NotEqual(FreshnessAction.Leave, TickUntil(5.2));
        Assert.Equal(FreshnessState.Stale, _core.State);
    }

    [Fact]
    public void Servers_that_are_all_stale_are_left_slower_and_slower()
    {
        _core.Heard(1, byWatch: true, At(0));
        var leaves = 0;
        while (_now < 120)
        {
            switch (TickUntil(120))
            {
                case FreshnessAction.Ask:
                    _core.Answered(new QuorumAnswer(Own, (long)_now, ""), At(_now));
                    _core.Answered(new QuorumAnswer(Other, (long)_now, ""), At(_now));
                    break;
                case FreshnessAction.Leave:
                    leaves++;
                    _core.Heard((long)_now, byWatch: false, At(_now));
                    break;
                default:
                    break;
            }
        }

        Assert.InRange(leaves, 3, 6);
        Assert.Equal(FreshnessState.Stale, _core.State);
    }

    [Fact]
    public void Of_several_others_the_one_left_longest_ago_is_next()
    {
        Uri[] servers = [Own, Other, new("https://c")];
        var at = Own;
        var visited = new List<Uri>();
        _core.Heard(1, byWatch: true, At(0));
        for (var now = 0.2; now < 60 && visited.Count < 3; now += 0.2)
        {
            switch (_core.Tick(new FreshnessLook(At(now), at, IsWatching: true, 3)))
            {
                case FreshnessAction.Ask:
                    // All are mute, and all answer quorum reads.
                    Array.ForEach(servers, one => _core.Answered(new QuorumAnswer(one, (long)now, ""), At(now)));
                    break;
                case FreshnessAction.Leave:
                    at = _core.Next!;
                    visited.Add(at);
                    break;
                default:
                    break;
            }
        }

        Assert.Equal([Other, servers[2], Own], visited);
    }

    [Fact]
    public void A_heartbeat_that_was_made_anew_from_a_lower_number_is_followed()
    {
        _core.Heard(1000, byWatch: true, At(0));
        _core.Heard(1, byWatch: true, At(1));
        TickUntil(4.2);
        _core.Answered(new QuorumAnswer(Own, 4, ""), At(4.2));
        _core.Answered(new QuorumAnswer(Other, 4, ""), At(4.2));
        TickUntil(4.4);
        _core.Heard(5, byWatch: true, At(5));

        Assert.Equal((FreshnessState.Fresh, 5L), (_core.State, _core.Seen));
    }

    [Fact]
    public void An_answer_that_is_older_than_a_beat_that_came_meanwhile_takes_nothing_back()
    {
        _core.Heard(41, byWatch: true, At(0));
        TickUntil(4);
        _core.Heard(46, byWatch: true, At(4.1));
        _core.Answered(new QuorumAnswer(Own, 45, ""), At(4.2));
        _core.Answered(new QuorumAnswer(Other, 45, ""), At(4.2));

        Assert.Equal(FreshnessAction.None, TickUntil(4.4));
        Assert.Equal((FreshnessState.Fresh, 46L), (_core.State, _core.Seen));
    }

    [Fact]
    public void An_answer_that_comes_after_its_round_counts_in_no_other()
    {
        _core.Heard(41, byWatch: true, At(0));
        TickUntil(4);
        _core.Answered(new QuorumAnswer(Other, 42, ""), At(4.1));
        _core.Heard(42, byWatch: true, At(4.2));
        Assert.Equal(FreshnessAction.None, TickUntil(5.9));

        // Silence goes on; no other round begins while the answer is still to come.
        Assert.Equal(FreshnessAction.None, TickUntil(9));
        _core.Answered(new QuorumAnswer(Own, null, "too late"), At(9));
        Assert.Equal(FreshnessAction.Ask, TickUntil(9.2));
        Assert.Equal(FreshnessState.Fresh, _core.State);
    }

    [Fact]
    public void Answers_about_a_server_that_the_watch_has_left_meanwhile_blame_nobody()
    {
        _core.Heard(41, byWatch: true, At(0));
        TickUntil(4);
        _core.Answered(new QuorumAnswer(Other, 45, ""), At(4.1));
        _core.Answered(new QuorumAnswer(Own, 45, ""), At(4.1));
        _server = Other;

        Assert.Equal(FreshnessAction.Ask, TickUntil(5.4));
        Assert.Equal(FreshnessState.Fresh, _core.State);
        _core.Answered(new QuorumAnswer(Other, 46, ""), At(5.4));
        Assert.Equal(FreshnessAction.Leave, TickUntil(6.6));
        Assert.Equal(Other, _core.AskedOf);
    }

    [Fact]
    public void While_no_watch_is_open_anywhere_a_doubt_is_not_put_off()
    {
        _core.Heard(41, byWatch: true, At(0));
        TickUntil(4);
        (_server, _isWatching) = (Other, false);
        _core.Answered(new QuorumAnswer(Other, null, "refused"), At(4.1));
        _core.Answered(new QuorumAnswer(Own, null, "refused"), At(4.1));

        Assert.Equal(FreshnessAction.None, TickUntil(4.3));
        Assert.Equal(FreshnessState.Stale, _core.State);
    }

    [Fact]
    public void A_heartbeat_that_comes_every_other_second_is_fresh_by_the_bounds_for_it()
    {
        _core = new FreshnessCore(new FreshnessOptions().ForServices);
        for (var beat = 2; beat < 600; beat += 2)
        {
            _core.Heard(beat, byWatch: true, At(beat));
            Assert.Equal(FreshnessAction.None, TickUntil(beat + 1.9));
        }

        // One that comes late by two seconds, too.
        Assert.Equal(FreshnessAction.None, TickUntil(602.9));
        Assert.Equal(FreshnessAction.Ask, TickUntil(603.6));
    }

    /// <summary>Ticks five times a second until then, or until there is something to do.</summary>
    private FreshnessAction TickUntil(double seconds)
    {
        while (_now < seconds)
        {
            _now = Math.Min(seconds, _now + 0.2);
            var action = _core.Tick(new FreshnessLook(At(_now), _server, _isWatching, 2));
            if (action != FreshnessAction.None)
            {
                return action;
            }
        }

        return FreshnessAction.None;
    }

    private TimeSpan At(double seconds)
    {
        _now = Math.Max(_now, seconds);
        return TimeSpan.FromSeconds(seconds);
    }
}
