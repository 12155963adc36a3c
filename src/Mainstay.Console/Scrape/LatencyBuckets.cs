using System.Collections.Immutable;

namespace Mainstay.ConsoleSite.Scrape;

/// <summary>
/// A histogram of durations, and percentiles of it. The bounds are those that the first router used; a router with
/// others is fitted in so that no duration is shown shorter than it was.
/// </summary>
internal sealed class LatencyBuckets(ImmutableArray<double> bounds)
{
    private readonly double[] _counts = new double[bounds.Length];

    /// <summary>Adds what lies between two readings; the earlier one is null where the router started anew.</summary>
    public void Add(IReadOnlyDictionary<double, double> later, IReadOnlyDictionary<double, double>? earlier)
    {
        var below = 0.0;
        for (var index = 0; index < bounds.Length; index++)
        {
            var upTo = Math.Max(below, At(later, bounds[index]) - (earlier is null ? 0 : At(earlier, bounds[index])));
            _counts[index] += upTo - below;
            below = upTo;
        }
    }

    public void Add(LatencyBuckets other)
    {
        for (var index = 0; index < _counts.Length; index++)
        {
            _counts[index] += other._counts[index];
        }
    }

    public void Clear() => Array.Clear(_counts);

    /// <summary>Seconds that a share of the requests stayed below; null without requests.</summary>
    public double? Percentile(double share)
    {
        var total = _counts.Sum();
        if (total <= 0)
        {
            return null;
        }

        var rank = total * share;
        for (var index = 0; index < bounds.Length; index++)
        {
            if (rank <= _counts[index] && _counts[index] > 0)
            {
                // Evenly spread within a bucket; above the last bound nothing is known but that it was more.
                var low = index == 0 ? 0 : bounds[index - 1];
                return double.IsInfinity(bounds[index])
                    ? low
                    : low + ((bounds[index] - low) * (rank / _counts[index]));
            }

            rank -= _counts[index];
        }

        return bounds.LastOrDefault(bound => !double.IsInfinity(bound));
    }

    private static double At(IReadOnlyDictionary<double, double> upTo, double bound)
    {
        if (upTo.TryGetValue(bound, out var exact))
        {
            return exact;
        }

        var best = 0.0;
        foreach (var (key, count) in upTo)
        {
            best = key <= bound ? Math.Max(best, count) : best;
        }

        return best;
    }
}
