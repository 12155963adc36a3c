using Mainstay.Router;
using Mainstay.Router.Discovery;
using Mainstay.Router.Metrics;

namespace Mainstay.Tests.Router.Metrics;

public sealed class CallerCountersTests
{
    private const long GoneMicros = Limits.CallerGoneMilliseconds * 1000L;

    private readonly CallerCounters _counters = new();

    [Fact]
    public void Each_caller_is_counted_apart_and_the_same_name_under_another_uid_is_another()
    {
        var (one, other) = (new Caller("bank", "a", "1"), new Caller("bank", "a", "2"));

        _counters.Count(one, failed: true, 0);
        _counters.Count(one, failed: false, 0);
        _counters.Count(other, failed: false, 0);

        Assert.Equal([(one, 2L, 1L), (other, 1L, 0L)], Known());
    }

    [Fact]
    public void Callers_beyond_the_bound_are_counted_together_without_an_allocation()
    {
        var callers = Callers(Limits.CallersPerServiceMax + 40);
        CountAll(callers, 0);
        CountAll(callers, 1);

        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var round = 0; round < 100; round++)
        {
            CountAll(callers, 2);
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        Assert.Equal(Limits.CallersPerServiceMax + 1, _counters.Known.Length);
        Assert.Equal(("others", 40 * 102L), (_counters.Known[^1].Caller.Pod, _counters.Known[^1].Calls));
    }

    [Fact]
    public void A_caller_that_has_gone_quiet_makes_room_and_no_call_is_lost()
    {
        var callers = Callers(Limits.CallersPerServiceMax);
        CountAll(callers, 0);
        CountAll(callers[1..], GoneMicros / 2);
        var late = new Caller("bank", "late", "late");

        _counters.Count(late, failed: true, GoneMicros - 1);
        Assert.DoesNotContain(Known(), known => known.Caller == late);
        _counters.Count(late, failed: true, GoneMicros);

        Assert.Contains((late, 1L, 1L), Known());
        Assert.DoesNotContain(Known(), known => known.Caller == callers[0]);
        Assert.Equal((callers.Length * 2) - 1 + 2, Known().Sum(known => known.Calls));
    }

    private static Caller[] Callers(int count) =>
        [.. Enumerable.Range(0, count).Select(number => new Caller("bank", $"pod-{number}", $"{number}"))];

    private void CountAll(Caller[] callers, long nowMicros)
    {
        foreach (var caller in callers)
        {
            _counters.Count(caller, failed: false, nowMicros);
        }
    }

    private (Caller Caller, long Calls, long Failures)[] Known() =>
        [.. _counters.Known.ToArray().Select(known => (known.Caller, known.Calls, known.Failures))];
}
