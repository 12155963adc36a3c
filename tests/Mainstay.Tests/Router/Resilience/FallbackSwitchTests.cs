using Mainstay.Router.Resilience;

namespace Mainstay.Tests.Router.Resilience;

public sealed class FallbackSwitchTests
{
    private const long Second = 1_000_000;

    private readonly FallbackAgreement _agreement = new();
    private readonly FallbackSwitch _switch;
    private long _now = 100 * Second;

    public FallbackSwitchTests() => _switch = new FallbackSwitch(_agreement);

    [Fact]
    public void Few_failures_or_few_calls_change_nothing()
    {
        Observe(false, false, false, false);
        Assert.False(_switch.IsActive);

        Observe(true, true, true, true);
        Assert.Equal(FallbackChoice.Primary, Choose());
    }

    [Fact]
    public void When_over_half_of_the_calls_of_ten_seconds_fail_the_fallback_has_them()
    {
        Observe(true, true, false, false, false);

        Assert.True(_switch.IsActive);
        Assert.Equal(FallbackChoice.Fallback, Choose());
    }

    [Fact]
    public void What_is_older_than_ten_seconds_is_forgotten()
    {
        Observe(false, false, false, false);
        _now += 11 * Second;

        Observe(false, true);

        Assert.False(_switch.IsActive);
    }

    [Fact]
    public void Without_a_live_endpoint_the_fallback_has_the_call_at_once_and_the_way_back_is_proven()
    {
        Assert.Equal(FallbackChoice.Fallback, _switch.Choose(hasLive: false, _now));

        Assert.Equal(FallbackChoice.Fallback, Choose());
        Assert.True(_switch.IsActive);
    }

    [Fact]
    public void A_small_share_probes_and_only_answers_over_seconds_bring_all_back()
    {
        Observe(false, false, false, false, false);
        var probes = 0;
        var endedAt = 0L;
        for (var call = 0; call < 2_000 && endedAt == 0; call++)
        {
            _now += Second / 100;
            if (Choose() == FallbackChoice.Probe)
            {
                probes++;
                Observe(true);
            }

            endedAt = _switch.IsActive ? 0 : call;
        }

        // One in twenty of a hundred a second: five a second, and five seconds of them.
        Assert.InRange(endedAt, 500, 540);
        Assert.InRange(probes, 20, 30);
    }

    [Fact]
    public void What_the_fallback_does_not_take_may_come_back_while_the_last_probe_was_answered()
    {
        Observe(false, false, false, false, false);
        Assert.False(_switch.MayComeBack);

        Observe(true);
        Assert.True(_switch.MayComeBack);

        Observe(false);
        Assert.False(_switch.MayComeBack);

        Observe(true);
        _switch.Mode = FallbackMode.On;
        Assert.False(_switch.MayComeBack);
    }

    [Fact]
    public void A_probe_that_fails_begins_the_count_anew()
    {
        Observe(false, false, false, false, false);
        for (var second = 0; second < 30; second++)
        {
            _now += Second;
            Assert.Equal(FallbackChoice.Probe, Choose());
            Observe(second % 4 != 3);
        }

        Assert.True(_switch.IsActive);
    }

    [Fact]
    public void What_one_loop_finds_turns_every_loop_and_its_older_counts_are_forgotten()
    {
        var quiet = new FallbackSwitch(_agreement);
        for (var call = 0; call < FallbackSwitch.CallsMin - 1; call++)
        {
            quiet.Observe(isGood: false, _now);
        }

        Observe(false, false, false, false, false);
        Assert.Equal(FallbackChoice.Fallback, quiet.Choose(hasLive: true, _now));
        for (var second = 0; second < 6; second++)
        {
            _now += Second;
            Assert.Equal(FallbackChoice.Probe, Choose());
            Observe(true);
        }

        Assert.Equal(FallbackChoice.Primary, quiet.Choose(hasLive: true, _now));
        quiet.Observe(isGood: false, _now);
        Assert.False(quiet.IsActive);
    }

    [Fact]
    public void A_loop_without_calls_does_not_keep_it_active()
    {
        var idle = new FallbackSwitch(_agreement);
        _ = idle.Choose(hasLive: false, _now);
        Assert.True(_switch.IsActive);

        for (var second = 0; second < 7; second++)
        {
            _now += Second;
            _ = Choose();
            Observe(true);
        }

        Assert.False(idle.IsActive);
    }

    [Fact]
    public void Whom_a_person_lets_go_comes_back_by_probes()
    {
        _switch.Mode = FallbackMode.On;
        _switch.Mode = FallbackMode.Auto;
        Assert.Equal(FallbackChoice.Probe, Choose());
        Observe(true);
        Assert.Equal(FallbackChoice.Fallback, Choose());

        _switch.Mode = FallbackMode.Off;
        _switch.Mode = FallbackMode.Auto;
        Assert.Equal(FallbackChoice.Primary, Choose());
    }

    [Theory]
    [InlineData(FallbackMode.On, FallbackChoice.Fallback)]
    [InlineData(FallbackMode.Off, FallbackChoice.Primary)]
    internal void A_person_has_the_last_word(FallbackMode mode, FallbackChoice choice)
    {
        _switch.Mode = mode;
        Observe(false, false, false, false, false, false);

        Assert.Equal(choice, Choose());
        Assert.Equal(choice, _switch.Choose(hasLive: false, _now));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void It_never_comes_back_without_a_run_of_answers_whatever_happens_before(int seed)
    {
        var random = new Random(seed);
        var run = 0;
        for (var step = 0; step < 20_000; step++)
        {
            _now += random.Next((int)Second / 4);
            var wasActive = _switch.IsActive;
            var choice = _switch.Choose(random.Next(50) > 0, _now);
            if (choice == FallbackChoice.Fallback)
            {
                continue;
            }

            var isGood = random.Next(4) > 0;
            run = isGood ? run + 1 : 0;
            _switch.Observe(isGood, _now);
            Assert.False(wasActive && !_switch.IsActive && run < FallbackSwitch.SuccessesToReturn);
        }
    }

    private FallbackChoice Choose() => _switch.Choose(hasLive: true, _now);

    private void Observe(params ReadOnlySpan<bool> outcomes)
    {
        foreach (var isGood in outcomes)
        {
            _switch.Observe(isGood, _now);
        }
    }
}
