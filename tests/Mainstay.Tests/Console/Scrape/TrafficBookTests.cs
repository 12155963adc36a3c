using Mainstay.ConsoleSite.Scrape;
using Mainstay.Kube;
using Limits = Mainstay.ConsoleSite.Limits;

namespace Mainstay.Tests.ConsoleSite.Scrape;

public sealed class TrafficBookTests
{
    private static readonly ObjectKey Payments = new("bank", "payments");
    private static readonly DateTimeOffset Start = DateTimeOffset.FromUnixTimeSeconds(1_800_000_000);

    private readonly TrafficBook _book = new();

    [Fact]
    public void A_steady_counter_is_its_rate()
    {
        for (var second = 0; second <= 30; second++)
        {
            _book.Add("r1", Counters(total: 1000 + (20 * second), failed: 5 * second), At(second));
        }

        var figures = _book.Of(Payments, At(30));

        Assert.Equal(20, figures.RatePerSecond!.Value, 0.1);
        Assert.Equal(0.75, figures.Success!.Value, 0.001);
    }

    [Fact]
    public void The_first_reading_only_sets_the_mark()
    {
        _book.Add("r1", Counters(total: 1_000_000), At(0));

        Assert.Null(_book.Of(Payments, At(1)).RatePerSecond);
        _book.Add("r1", Counters(total: 1_000_010), At(1));
        _book.Add("r1", Counters(total: 1_000_020), At(2));
        Assert.Equal(10, _book.Of(Payments, At(2)).RatePerSecond!.Value, 0.1);
    }

    [Fact]
    public void A_router_that_starts_anew_is_counted_from_zero_and_never_below()
    {
        _book.Add("r1", Counters(total: 100), At(0));
        _book.Add("r1", Counters(total: 130), At(1));
        _book.Add("r1", Counters(total: 20), At(2));

        // 30 before the restart and 20 after it, in 2 s.
        Assert.Equal(25, _book.Of(Payments, At(2)).RatePerSecond!.Value, 0.1);
    }

    [Fact]
    public void What_happened_in_a_long_gap_is_not_told_as_if_it_happened_now()
    {
        _book.Add("r1", Counters(total: 100), At(0));
        _book.Add("r1", Counters(total: 110), At(1));
        _book.Add("r1", Counters(total: 900_000), At(100));
        _book.Add("r1", Counters(total: 900_010), At(101));

        Assert.InRange(_book.Of(Payments, At(102)).RatePerSecond!.Value, 0.5, 5);
    }

    [Fact]
    public void Two_routers_add_up_and_each_is_told_alone()
    {
        for (var second = 0; second <= 20; second++)
        {
            _book.Add("r1", Counters(total: 10 * second), At(second));
            _book.Add("r2", Counters(total: 30 * second), At(second));
        }

        Assert.Equal(40, _book.Of(Payments, At(20)).RatePerSecond!.Value, 0.2);
        Assert.Equal(30, _book.Through("r2", At(20)).RatePerSecond!.Value, 0.2);
    }

    [Fact]
    public void A_service_without_requests_has_rate_zero_and_no_success()
    {
        for (var second = 0; second <= 20; second++)
        {
            _book.Add("r1", Counters(total: 100), At(second));
        }

        var idle = _book.Of(Payments, At(20));
        var stranger = _book.Of(new ObjectKey("bank", "nobody"), At(20));

        Assert.Equal((0.0, null, null), (idle.RatePerSecond, idle.Success, idle.P95Seconds));
        Assert.Equal((0.0, null, null), (stranger.RatePerSecond, stranger.Success, stranger.P95Seconds));
    }

    [Fact]
    public void When_nobody_looked_lately_nothing_is_known()
    {
        _book.Add("r1", Counters(total: 100), At(0));
        _book.Add("r1", Counters(total: 200), At(1));

        var figures = _book.Of(Payments, At(60));

        Assert.Null(figures.RatePerSecond);
        Assert.Null(figures.History[^1]);
    }

    [Fact]
    public void Percentiles_come_from_what_the_buckets_gained()
    {
        _book.Add("r1", Counters(total: 100, (0.01, 0), (0.1, 0), (double.PositiveInfinity, 100)), At(0));
        _book.Add("r1", Counters(total: 200, (0.01, 60), (0.1, 100), (double.PositiveInfinity, 200)), At(1));

        var figures = _book.Of(Payments, At(1));

        // 100 new ones: 60 within 10 ms, 40 more within 100 ms; the old slow hundred is no part of it.
        Assert.Equal(0.01 * 50 / 60, figures.P50Seconds!.Value, 0.0001);
        Assert.Equal(0.01 + (0.09 * 35 / 40), figures.P95Seconds!.Value, 0.0001);
    }

    [Fact]
    public void A_router_with_other_bounds_makes_nothing_look_faster()
    {
        _book.Add("r1", Counters(total: 0, (0.01, 0), (0.1, 0), (double.PositiveInfinity, 0)), At(0));
        _book.Add("r2", Counters(total: 0, (0.05, 0), (double.PositiveInfinity, 0)), At(0));
        _book.Add("r2", Counters(total: 100, (0.05, 100), (double.PositiveInfinity, 100)), At(1));
        _book.Add("r1", Counters(total: 0, (0.01, 0), (0.1, 0), (double.PositiveInfinity, 0)), At(1));

        // Up to 50 ms fits into "up to 100 ms" only.
        Assert.InRange(_book.Of(Payments, At(1)).P50Seconds!.Value, 0.05, 0.1);
    }

    [Fact]
    public void The_history_has_a_point_per_slot_and_gaps_where_nobody_looked()
    {
        for (var second = 0; second <= 60; second++)
        {
            if (second is < 20 or > 40)
            {
                _book.Add("r1", Counters(total: 10 * second), At(second));
            }
        }

        var history = _book.Of(Payments, At(60)).History;

        Assert.Equal(60, history.Length);
        Assert.Null(history[^6]);
        Assert.Equal(10, history[^1]!.Value.RatePerSecond, 0.1);
        Assert.Equal(history.Length - 8, history.TakeWhile(point => point is null).Count() + 4);
    }

    [Fact]
    public void What_nobody_has_called_within_the_history_is_forgotten_and_comes_back_with_its_next_call()
    {
        const int HistorySeconds = Limits.Slots * Limits.SlotSeconds;
        for (var second = 0; second <= 2 * HistorySeconds; second += 5)
        {
            _book.Add("r1", Counters(total: 10 * Math.Min(second, 20)), At(second));
            if (second is > 0 and <= HistorySeconds)
            {
                Assert.Equal([Payments], _book.Services);
            }
        }

        Assert.Empty(_book.Services);
        _book.Add("r1", Counters(total: 201), At((2 * HistorySeconds) + 5));
        Assert.Equal([Payments], _book.Services);
    }

    /// <summary>Names that come and go, as of previews of a branch each, leave room for the next ones.</summary>
    [Fact]
    public void More_names_than_are_kept_do_not_blind_it_for_those_that_come_later()
    {
        const int Slots = 3 * Limits.Slots;
        for (var slot = 0; slot < Slots; slot++)
        {
            var names = Enumerable.Range(slot * 50, 50).Select(number => $"preview-{number}");
            _book.Add("r1", RouterCounters.From([.. names.Select(name => Called(name, 0))]), At(5 * slot));
            _book.Add("r1", RouterCounters.From([.. names.Select(name => Called(name, 7))]), At((5 * slot) + 2));
        }

        var last = new ObjectKey("bank", $"preview-{(Slots * 50) - 1}");
        Assert.Contains(last, _book.Services);
        Assert.InRange(_book.Services.Count(), 50, Limits.Slots * 50);
    }

    private static Sample Called(string service, double calls) => new(
        "mainstay_router_request_total",
        [new("namespace", "bank"), new("service", service), new("status_class", "2xx")],
        calls);

    private static DateTimeOffset At(double second) => Start.AddSeconds(second);

    private static RouterCounters Counters(double total, params (double Le, double Count)[] buckets) =>
        Counters(total, 0, buckets);

    private static RouterCounters Counters(double total, double failed, params (double Le, double Count)[] buckets)
    {
        List<Sample> samples = [Request(total - failed, "2xx"), Request(failed, "5xx")];
        samples.AddRange(buckets.Select(bucket => new Sample(
            "mainstay_router_request_duration_seconds_bucket",
            [.. Labels, new("le", double.IsInfinity(bucket.Le) ? "+Inf" : $"{bucket.Le}")],
            bucket.Count)));
        return RouterCounters.From(samples);
    }

    private static Sample Request(double value, string statusClass) =>
        new("mainstay_router_request_total", [.. Labels, new("status_class", statusClass)], value);

    private static KeyValuePair<string, string>[] Labels => [new("namespace", "bank"), new("service", "payments")];
}
