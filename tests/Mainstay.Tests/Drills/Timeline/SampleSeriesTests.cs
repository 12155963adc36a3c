using Mainstay.Drills.Timeline;

namespace Mainstay.Tests.Drills.Timeline;

public sealed class SampleSeriesTests
{
    [Fact]
    public void Counters_become_what_happened_in_each_second()
    {
        var series = new SampleSeries();
        series.Add(1, [Totals(sent: 11, succeeded: 8, refused: 2, failed: 0)]);
        series.Add(2, [Totals(sent: 25, succeeded: 18, refused: 4, failed: 1) with { LastFailure = "no ledger" }]);

        Assert.Equal([new JourneySample(2, "transfer", 12, 1, 3) { Failure = "no ledger" }], series.Samples);
    }

    [Fact]
    public void A_reason_is_told_in_the_second_in_which_attempts_failed_only()
    {
        var series = new SampleSeries();
        series.Add(1, [Totals(sent: 11, succeeded: 8, refused: 2, failed: 1) with { LastFailure = "no ledger" }]);
        series.Add(2, [Totals(sent: 25, succeeded: 18, refused: 4, failed: 1) with { LastFailure = "no ledger" }]);

        Assert.Equal("", Assert.Single(series.Samples).Failure);
    }

    [Fact]
    public void A_generator_that_began_anew_counts_from_zero()
    {
        var series = new SampleSeries();
        series.Add(1, [Totals(sent: 25, succeeded: 18, refused: 4, failed: 1)]);
        series.Add(2, [Totals(sent: 4, succeeded: 3, refused: 1, failed: 0)]);

        Assert.Equal([new JourneySample(2, "transfer", 4, 0, 3)], series.Samples);
    }

    private static JourneyTotals Totals(long sent, long succeeded, long refused, long failed) =>
        new("transfer", sent, succeeded, refused, failed, Pending: 3, Shed: 0);
}
