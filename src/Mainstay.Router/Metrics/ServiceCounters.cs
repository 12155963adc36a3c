namespace Mainstay.Router.Metrics;

/// <summary>
/// One loop's counters of one service. Only that loop writes them, as plain numbers; a scrape reads them from another
/// thread and may see a call half counted, which the next scrape mends.
/// </summary>
internal sealed class ServiceCounters(string scope, string name)
{
    /// <summary>Upper bounds in microseconds; the last bucket has none.</summary>
    public static readonly long[] BoundsMicros =
    [
        1_000, 2_500, 5_000, 10_000, 25_000, 50_000, 100_000,
        250_000, 500_000, 1_000_000, 2_500_000, 5_000_000, 10_000_000,
    ];

    public readonly long[] ByServiceClass = new long[6];
    public readonly long[] ByRouterClass = new long[6];
    public readonly long[] Buckets = new long[BoundsMicros.Length + 1];
    public long SumMicros;
    public long InFlight;

    /// <summary>Calls that went to the service's fallback.</summary>
    public long FallbackCalls;

    public CallerCounters Callers { get; } = new();

    public string Namespace { get; } = scope;

    public string Name { get; } = name;

    public void Answered(int status, bool byRouter, long micros)
    {
        var classes = byRouter ? ByRouterClass : ByServiceClass;
        classes[Math.Clamp(status / 100, 1, 5)]++;
        SumMicros += micros;
        var bucket = 0;
        while (bucket < BoundsMicros.Length && micros > BoundsMicros[bucket])
        {
            bucket++;
        }

        Buckets[bucket]++;
    }

    /// <summary>Adds another loop's counters, on the scrape's side.</summary>
    public void Add(ServiceCounters other)
    {
        for (var status = 0; status < ByServiceClass.Length; status++)
        {
            ByServiceClass[status] += other.ByServiceClass[status];
            ByRouterClass[status] += other.ByRouterClass[status];
        }

        for (var bucket = 0; bucket < Buckets.Length; bucket++)
        {
            Buckets[bucket] += other.Buckets[bucket];
        }

        SumMicros += other.SumMicros;
        InFlight += other.InFlight;
        FallbackCalls += other.FallbackCalls;
    }
}
