using System.Collections.Immutable;

namespace Mainstay.Drills.Timeline;

/// <summary>
/// From counters to what happened in each second:
/// <code>
///     1.0 s  answered 10, failed 0
///     2.0 s  answered 22, failed 1     ->  12 answered and 1 failed in the second that ends at 2.0 s
///     3.0 s  answered  4, failed 0     ->  the generator began anew: 4 and 0
/// </code>
/// </summary>
internal sealed class SampleSeries
{
    private readonly Dictionary<string, JourneyTotals> _last = [];
    private readonly ImmutableArray<JourneySample>.Builder _samples = ImmutableArray.CreateBuilder<JourneySample>();

    /// <summary>How often the counters began anew.</summary>
    public int Restarts { get; private set; }

    public ImmutableArray<JourneySample> Samples => _samples.ToImmutable();

    public void Add(double second, IEnumerable<JourneyTotals> totals)
    {
        var all = totals.ToList();
        if (all.Exists(now => _last.TryGetValue(now.Journey, out var before) && now.Sent < before.Sent))
        {
            Restarts++;
        }

        foreach (var now in all)
        {
            if (_last.TryGetValue(now.Journey, out var before))
            {
                var isNew = now.Sent < before.Sent;
                var failed = isNew ? now.FailedAttempts : now.FailedAttempts - before.FailedAttempts;
                _samples.Add(new JourneySample(
                    second,
                    now.Journey,
                    isNew ? now.Answered : now.Answered - before.Answered,
                    failed,
                    now.Pending)
                {
                    Failure = failed > 0 ? now.LastFailure : "",
                });
            }

            _last[now.Journey] = now;
        }
    }
}
