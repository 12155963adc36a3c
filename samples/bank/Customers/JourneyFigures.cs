using System.Collections.Immutable;

namespace Bank.Customers;

/// <summary>
/// What is counted of one journey. Latency is that of the attempt that brought the answer. Thread safe.
/// </summary>
internal sealed class JourneyFigures
{
    // Upper bounds in milliseconds, 20 % apart, up to about 20 s: a percentile is right to within 20 %.
    private static readonly ImmutableArray<double> Bounds =
        [.. Enumerable.Range(0, 56).Select(step => 0.8 * Math.Pow(1.2, step))];

    private readonly Lock _lock = new();
    private readonly long[] _latencies = new long[Bounds.Length + 1];
    private long _sent;
    private long _succeeded;
    private long _refused;
    private long _failedAttempts;
    private long _shed;
    private string? _lastFailure;

    public void Sent() => Interlocked.Increment(ref _sent);

    public void Shed() => Interlocked.Increment(ref _shed);

    public void Succeeded(TimeSpan took) => Answered(ref _succeeded, took);

    public void Refused(TimeSpan took) => Answered(ref _refused, took);

    public void AttemptFailed(string why)
    {
        Interlocked.Increment(ref _failedAttempts);
        Volatile.Write(ref _lastFailure, why);
    }

    public JourneyReport Report(string journey, long pending)
    {
        lock (_lock)
        {
            return new JourneyReport(
                journey,
                Interlocked.Read(ref _sent),
                Interlocked.Read(ref _succeeded),
                Interlocked.Read(ref _refused),
                Interlocked.Read(ref _failedAttempts),
                pending,
                Interlocked.Read(ref _shed),
                PercentileLocked(0.5),
                PercentileLocked(0.95),
                Volatile.Read(ref _lastFailure));
        }
    }

    private void Answered(ref long counter, TimeSpan took)
    {
        Interlocked.Increment(ref counter);
        var milliseconds = took.TotalMilliseconds;
        var bucket = 0;
        while (bucket < Bounds.Length && milliseconds > Bounds[bucket])
        {
            bucket++;
        }

        lock (_lock)
        {
            _latencies[bucket]++;
        }
    }

    private double? PercentileLocked(double share)
    {
        var total = _latencies.Sum();
        var rank = (long)Math.Ceiling(total * share);
        for (var bucket = 0; rank > 0 && bucket < Bounds.Length; bucket++)
        {
            rank -= _latencies[bucket];
            if (rank <= 0)
            {
                return Math.Round(Bounds[bucket], 1);
            }
        }

        return total == 0 ? null : Math.Round(Bounds[^1], 1);
    }
}

/// <param name="Sent">journeys begun</param>
/// <param name="Refused">journeys that ended with a refusal, such as insufficient funds: an answer, not a
/// failure</param>
/// <param name="FailedAttempts">attempts without a verdict; a payment is then tried again under the same id</param>
/// <param name="Pending">payments whose outcome is not known yet</param>
/// <param name="Shed">journeys not begun, since too many were under way</param>
internal sealed record JourneyReport(
    string Journey, long Sent, long Succeeded, long Refused, long FailedAttempts, long Pending, long Shed,
    double? P50Milliseconds, double? P95Milliseconds, string? LastFailure);

internal sealed record LoadReport(
    string Run, double RatePerSecond, DateTimeOffset Since, long AcceptedPayments,
    IReadOnlyList<JourneyReport> Journeys);

internal sealed record RateSetting
{
    public required double PerSecond { get; init; }
}

/// <summary>Whether every accepted payment stands in the ledger exactly once and as it was asked for.</summary>
/// <param name="BookedUnacknowledged">booked, and the answer has not reached us: pending, not wrong</param>
internal sealed record Verification(
    string Run, long Accepted, long Booked, long BookedUnacknowledged, IReadOnlyList<string> Missing,
    IReadOnlyList<string> Doubled, IReadOnlyList<string> Altered)
{
    public bool Sound => Missing.Count + Doubled.Count + Altered.Count == 0;
}
