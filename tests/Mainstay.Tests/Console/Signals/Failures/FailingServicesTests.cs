using System.Collections.Immutable;
using Mainstay.ConsoleSite.Signals.Failures;
using Mainstay.Kernel.Signals;
using static Mainstay.Tests.ConsoleSite.Signals.Failures.Reading;

namespace Mainstay.Tests.ConsoleSite.Signals.Failures;

public sealed class FailingServicesTests
{
    private readonly FailingServices _services = new(TimeSpan.FromSeconds(8));
    private DateTimeOffset _now = Noon;

    [Fact]
    public void A_service_begins_to_fail_at_one_bound_and_ends_at_a_lower_one()
    {
        Assert.Empty(Look(calls: 100, failed: 4));
        Assert.NotEmpty(Look(calls: 100, failed: 5));
        Assert.NotEmpty(Look(calls: 100, failed: 2));
        Assert.Empty(Look(calls: 1000, failed: 9));
        Assert.Empty(Look(calls: 100, failed: 2));
    }

    [Fact]
    public void A_single_failure_is_none_however_few_calls_there_are()
    {
        Assert.Empty(Look(calls: 2, failed: 2));
        Assert.NotEmpty(Look(calls: 3, failed: 3));
    }

    [Fact]
    public void A_service_that_nobody_calls_any_more_stays_failing_for_a_while_and_not_for_ever()
    {
        Assert.NotEmpty(Look(calls: 10, failed: 10));
        Assert.NotEmpty(Look(calls: 0, failed: 0));
        _now = Noon + Mainstay.ConsoleSite.Limits.FailingQuiet + TimeSpan.FromSeconds(2);
        Assert.Empty(Look(calls: 0, failed: 0));
    }

    [Fact]
    public void The_reading_has_the_figures_and_names_what_stands_out_as_its_cause()
    {
        var sum = Sum("payments", "payments-v-a@node-1 50 50", "payments-v-b@node-2 50 0");

        var reading = Assert.Single(_services.Look([sum], Noon)).Value;

        Assert.Contains(new Evidence("failedPercent", "50"), reading.Evidence);
        Assert.Contains(new Evidence("node", "node-1"), reading.Evidence);
        Assert.Contains("node/node-1", reading.CausedBy);
    }

    private ImmutableDictionary<Mainstay.Kube.ObjectKey, SignalReading> Look(int calls, int failed)
    {
        _now = _now.AddSeconds(1);
        return _services.Look([Sum("payments", $"payments-v-a@node-1 {calls} {failed}")], _now);
    }
}
