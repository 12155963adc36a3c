using Mainstay.Router.EventLoops;

namespace Mainstay.Tests.Router.EventLoops;

public sealed class TimerWheelTests
{
    private const long TickMicros = 8_000;

    [Fact]
    public void A_deadline_passes_never_early_and_at_most_a_tick_late()
    {
        var random = new Random(8);
        var wheel = new TimerWheel(0);
        var alarms = Enumerable.Range(0, 500).Select(_ => new Alarm(random.Next(1, 60_000_000))).ToArray();
        foreach (var alarm in alarms)
        {
            wheel.Set(alarm.Node, alarm.DueMicros);
        }

        for (var now = 0L; now < 61_000_000; now += 1_000)
        {
            wheel.Advance(now);
        }

        Assert.All(alarms, alarm => Assert.InRange(alarm.RangMicros, alarm.DueMicros, alarm.DueMicros + TickMicros +
            1_000));
    }

    [Fact]
    public void A_deadline_that_moves_later_or_away_rings_only_at_its_last_time()
    {
        var wheel = new TimerWheel(0);
        var (moved, earlier, removed, never) = (new Alarm(0), new Alarm(0), new Alarm(0), new Alarm(0));
        wheel.Set(moved.Node, 100_000);
        wheel.Set(moved.Node, 20_000_000);
        wheel.Set(earlier.Node, 20_000_000);
        wheel.Set(earlier.Node, 100_000);
        wheel.Set(removed.Node, 100_000);
        wheel.Remove(removed.Node);
        wheel.Set(never.Node, 100_000);
        wheel.Set(never.Node, TimerNode.Never);

        for (var now = 0L; now < 30_000_000; now += 4_000)
        {
            wheel.Advance(now);
        }

        Assert.InRange(moved.RangMicros, 20_000_000, 20_012_000);
        Assert.InRange(earlier.RangMicros, 100_000, 112_000);
        Assert.Equal((0, 0), (removed.RangMicros, never.RangMicros));
        Assert.Equal((1, 1), (moved.Rings, earlier.Rings));
    }

    [Fact]
    public void A_jump_of_the_clock_rings_everything_that_is_due()
    {
        var wheel = new TimerWheel(0);
        var alarms = Enumerable.Range(1, 100).Select(second => new Alarm(second * 1_000_000L)).ToArray();
        foreach (var alarm in alarms)
        {
            wheel.Set(alarm.Node, alarm.DueMicros);
        }

        wheel.Advance(50_000_000);

        Assert.Equal(50, alarms.Count(alarm => alarm.Rings == 1));
        wheel.Advance(200_000_000);
        Assert.Equal(100, alarms.Count(alarm => alarm.Rings == 1));
    }

    [Fact]
    public void The_wait_is_never_longer_than_to_the_next_deadline()
    {
        var wheel = new TimerWheel(0);
        Assert.Equal(1000, wheel.WaitMilliseconds(0, 1000));
        var alarm = new Alarm(300_000);
        wheel.Set(alarm.Node, alarm.DueMicros);

        for (var now = 0L; now < 300_000; now += 7_000)
        {
            wheel.Advance(now);
            Assert.InRange(wheel.WaitMilliseconds(now, 1000), 0, ((300_000 - now) / 1000) + 9);
        }
    }

    private sealed class Alarm : ITimed
    {
        public Alarm(long dueMicros)
        {
            DueMicros = dueMicros;
            Node = new TimerNode(this);
        }

        public TimerNode Node { get; }

        public long DueMicros { get; }

        public long RangMicros { get; private set; }

        public int Rings { get; private set; }

        public void OnDeadline(long nowMicros)
        {
            RangMicros = nowMicros;
            Rings++;
        }
    }
}
