using System.Collections.Immutable;
using Mainstay.Kube;

namespace Mainstay.ConsoleSite.Scrape;

/// <summary>
/// Turns readings of counters into figures over time. Example, slots of 5 s: a router's counter read 100, then 130 in
/// the same
/// slot, then 20: the router started anew, so the slot holds 30 + 20 requests. A first reading, or one after a long
/// gap, only sets the mark: when its requests happened is not known. Not thread safe: its owner locks.
/// </summary>
internal sealed class TrafficBook
{
    private readonly Dictionary<string, Reading> _readings = new(StringComparer.Ordinal);
    private readonly Dictionary<ObjectKey, TrafficSeries> _services = [];
    private readonly Dictionary<string, TrafficSeries> _routers = new(StringComparer.Ordinal);
    private readonly SortedSet<long> _observedSlots = [];
    private ImmutableArray<double> _bounds = [];
    private DateTimeOffset? _since;
    private DateTimeOffset _until;

    public void Add(string router, RouterCounters counters, DateTimeOffset at)
    {
        if (_bounds.Length == 0)
        {
            _bounds = [.. counters.Services.Values.SelectMany(service => service.UpTo.Keys).Distinct().Order()];
        }

        var earlier = _readings.GetValueOrDefault(router);
        _readings[router] = new Reading(counters, at);
        if (earlier is null || at - earlier.At > Limits.ScrapeGapMax || at < earlier.At)
        {
            return;
        }

        // Two readings rarely meet at a border of slots: the middle between them tells where their requests belong.
        var slot = SlotOf(earlier.At + ((at - earlier.At) / 2));
        _since ??= earlier.At;
        _until = at > _until ? at : _until;
        _observedSlots.Add(slot);
        if (_observedSlots.RemoveWhere(old => old <= slot - Limits.Slots) > 0)
        {
            Prune(slot);
        }

        var through = Series(_routers, router);
        foreach (var (key, later) in counters.Services)
        {
            var before = earlier.Counters.Services.GetValueOrDefault(key);
            var restarted = before is null || later.Requests < before.Requests;
            var change = new TrafficChange(later, restarted ? null : before);
            var isCalled = later.Requests != (change.Earlier?.Requests ?? 0);
            if (_services.ContainsKey(key) || (isCalled && _services.Count < Limits.SeriesMax))
            {
                Series(_services, key).Add(slot, change);
            }

            through.Add(slot, change);
        }
    }

    /// <summary>Figures of a service; null rate: nothing is known about the time in question.</summary>
    public TrafficFigures Of(ObjectKey service, DateTimeOffset now) =>
        Figures(_services.GetValueOrDefault(service), now);

    public TrafficFigures Through(string router, DateTimeOffset now) =>
        _readings.ContainsKey(router) ? Figures(_routers.GetValueOrDefault(router), now) : TrafficFigures.None;

    /// <summary>Services that had traffic within the history.</summary>
    public IEnumerable<ObjectKey> Services => _services.Keys;

    /// <summary>Forgets a router that is no more.</summary>
    public void Forget(string router)
    {
        _readings.Remove(router);
        _routers.Remove(router);
    }

    /// <summary>What nobody has called within the history has none: its Service may be gone for long.</summary>
    private void Prune(long slot)
    {
        foreach (var (service, _) in _services.Where(pair => pair.Value.LastSlot <= slot - Limits.Slots).ToList())
        {
            _services.Remove(service);
        }
    }

    private TrafficFigures Figures(TrafficSeries? series, DateTimeOffset now)
    {
        var last = SlotOf(now);
        var first = last - Limits.WindowSlots + 1;
        var windowStart = DateTimeOffset.FromUnixTimeSeconds(first * Limits.SlotSeconds);
        var start = _since > windowStart ? _since.Value : windowStart;
        var seconds = ((now < _until ? now : _until) - start).TotalSeconds;
        if (_since is null || seconds < 0.5 || !_observedSlots.Any(slot => slot >= first && slot <= last))
        {
            return TrafficFigures.None with { History = History(series, last) };
        }

        var window = series?.Window(first, last) ?? new TrafficSums(0, 0, 0, null, null);
        return new TrafficFigures(
            window.Requests / seconds,
            window.Requests > 0 ? 1 - (window.Errors / window.Requests) : null,
            window.Requests > 0 ? window.RouterErrors / window.Requests : null,
            window.P50Seconds,
            window.P95Seconds,
            History(series, last));
    }

    private ImmutableArray<TrafficPoint?> History(TrafficSeries? series, long last)
    {
        var points = ImmutableArray.CreateBuilder<TrafficPoint?>(Limits.Slots);

        // The running slot is left out: it always looks like a fall.
        for (var slot = last - Limits.Slots; slot < last; slot++)
        {
            // The slot in which observation began is left out too: it was seen in part.
            points.Add(_observedSlots.Contains(slot) && slot * Limits.SlotSeconds >= _since?.ToUnixTimeSeconds()
                ? series?.Point(slot) ?? new TrafficPoint(0, 0)
                : null);
        }

        return points.ToImmutable();
    }

    private TrafficSeries Series<TKey>(Dictionary<TKey, TrafficSeries> from, TKey key)
        where TKey : notnull
    {
        if (!from.TryGetValue(key, out var series))
        {
            from.Add(key, series = new TrafficSeries(_bounds));
        }

        return series;
    }

    private static long SlotOf(DateTimeOffset at) => at.ToUnixTimeSeconds() / Limits.SlotSeconds;

    private sealed record Reading(RouterCounters Counters, DateTimeOffset At);
}

/// <summary>Counters now and before; before is null where the counter began at 0 in between.</summary>
internal readonly record struct TrafficChange(ServiceCounters Later, ServiceCounters? Earlier);

internal sealed record TrafficSums(
    double Requests, double Errors, double RouterErrors, double? P50Seconds, double? P95Seconds);

/// <summary>A slot of the history.</summary>
internal readonly record struct TrafficPoint(double RatePerSecond, double ErrorsPerSecond);

/// <param name="RatePerSecond">null: not known, which is not 0</param>
/// <param name="Success">share without 5xx; null without requests</param>
/// <param name="RouterErrors">share that the router itself answered with 5xx</param>
/// <param name="History">oldest first; null: nobody looked</param>
internal sealed record TrafficFigures(
    double? RatePerSecond, double? Success, double? RouterErrors, double? P50Seconds, double? P95Seconds,
    ImmutableArray<TrafficPoint?> History)
{
    public static readonly TrafficFigures None = new(null, null, null, null, null, []);
}
