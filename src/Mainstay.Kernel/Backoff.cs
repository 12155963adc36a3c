namespace Mainstay.Kernel;

/// <summary>
/// Exponential back-off with jitter, bounded. For first 1 s, cap 30 s, factor 2 and no jitter the delays are
/// 1, 2, 4, 8, 16, 30, 30 ... seconds; <see cref="Reset"/> starts again at 1. Not thread safe: one owner, one loop.
/// </summary>
public sealed class Backoff
{
    private readonly BackoffOptions _options;
    private readonly Random _random;
    private int _failures;

    public Backoff(BackoffOptions options, Random random)
    {
        Invariant.That(options.First > TimeSpan.Zero, "a back-off starts above zero");
        Invariant.That(options.Cap >= options.First, "a back-off grows");
        Invariant.That(options.Jitter is >= 0 and < 1, "jitter is a share of the delay");
        _options = options;
        _random = random;
    }

    /// <summary>Failures since the start or the last <see cref="Reset"/>.</summary>
    public int Failures => _failures;

    /// <summary>The time to wait before the next try. Each call counts one more failure.</summary>
    public TimeSpan Next()
    {
        // In ticks as a double, which cannot overflow; the cap brings it back into range.
        var grown = _options.First.Ticks * Math.Pow(_options.Factor, _failures);
        _failures++;
        var capped = Math.Min(grown, _options.Cap.Ticks);
        return TimeSpan.FromTicks((long)(capped * (1 - (_options.Jitter * _random.NextDouble()))));
    }

    public void Reset() => _failures = 0;
}

/// <param name="First">the first delay</param>
/// <param name="Cap">the longest delay</param>
/// <param name="Factor">how much longer each delay is than the one before</param>
/// <param name="Jitter">the share of a delay, 0 to below 1, that chance may take away; tests use 0</param>
public sealed record BackoffOptions(TimeSpan First, TimeSpan Cap, double Factor = 2, double Jitter = 0.2);
