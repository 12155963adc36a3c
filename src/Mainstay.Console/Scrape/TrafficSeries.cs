using System.Collections.Immutable;

namespace Mainstay.ConsoleSite.Scrape;

/// <summary>
/// What happened in each of the last <see cref="Limits.Slots"/> slots: a ring, written over as time goes on.
/// </summary>
internal sealed class TrafficSeries(ImmutableArray<double> bounds)
{
    private readonly Slot?[] _ring = new Slot?[Limits.Slots + 1];

    /// <summary>The newest in which there was a request.</summary>
    public long LastSlot { get; private set; } = -1;

    public void Add(long number, TrafficChange change)
    {
        var (later, earlier) = change;
        var slot = _ring[number % _ring.Length];
        if (later.Requests == earlier?.Requests && slot?.Number != number)
        {
            // An idle service needs no slots.
            return;
        }

        if (slot is null)
        {
            _ring[number % _ring.Length] = slot = new Slot(new LatencyBuckets(bounds));
        }

        if (slot.Number != number)
        {
            slot.Begin(number);
        }

        LastSlot = later.Requests == (earlier?.Requests ?? 0) ? LastSlot : Math.Max(LastSlot, number);
        slot.Requests += later.Requests - (earlier?.Requests ?? 0);
        slot.Errors += Grown(later.Errors, earlier?.Errors);
        slot.RouterErrors += Grown(later.RouterErrors, earlier?.RouterErrors);
        slot.Latency.Add(later.UpTo, earlier?.UpTo);
    }

    public TrafficSums Window(long first, long last)
    {
        var latency = new LatencyBuckets(bounds);
        double requests = 0, errors = 0, routerErrors = 0;
        for (var number = first; number <= last; number++)
        {
            if (Find(number) is { } slot)
            {
                requests += slot.Requests;
                errors += slot.Errors;
                routerErrors += slot.RouterErrors;
                latency.Add(slot.Latency);
            }
        }

        return new TrafficSums(requests, errors, routerErrors, latency.Percentile(0.5), latency.Percentile(0.95));
    }

    public TrafficPoint? Point(long number) => Find(number) is { } slot
        ? new TrafficPoint(slot.Requests / Limits.SlotSeconds, slot.Errors / Limits.SlotSeconds)
        : null;

    private Slot? Find(long number) => _ring[number % _ring.Length] is { } slot && slot.Number == number ? slot : null;

    private static double Grown(double later, double? earlier) => Math.Max(0, later - (earlier ?? 0));

    private sealed class Slot(LatencyBuckets latency)
    {
        public long Number { get; private set; } = -1;

        public double Requests { get; set; }

        public double Errors { get; set; }

        public double RouterErrors { get; set; }

        public LatencyBuckets Latency { get; } = latency;

        public void Begin(long number)
        {
            (Number, Requests, Errors, RouterErrors) = (number, 0, 0, 0);
            Latency.Clear();
        }
    }
}
