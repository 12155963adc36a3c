namespace Mainstay.ApiServer.Observation;

/// <summary>
/// How long calls to the store took in the last seconds. Bounded: the oldest make way. Thread safe.
/// </summary>
internal sealed class StoreLatency(TimeProvider time)
{
    private readonly Lock _lock = new(); // guards the queue; nothing is awaited under it
    private readonly Queue<(long At, TimeSpan Took)> _calls = new();

    /// <summary>The moment that <see cref="End"/> wants back.</summary>
    public long Begin() => time.GetTimestamp();

    /// <summary>A call that ended, with an answer or without.</summary>
    public void End(long began) => Record(time.GetElapsedTime(began));

    public void Record(TimeSpan took)
    {
        lock (_lock)
        {
            _calls.Enqueue((time.GetTimestamp(), took));
            if (_calls.Count > Limits.StoreLatencyCallsMax)
            {
                _calls.Dequeue();
            }
        }
    }

    /// <summary>How many of the calls of the last ten seconds were slow, and the slowest.</summary>
    public (int Slow, int All, TimeSpan Worst) Recent()
    {
        lock (_lock)
        {
            while (_calls.TryPeek(out var oldest) && time.GetElapsedTime(oldest.At) > Limits.StoreLatencyWindow)
            {
                _calls.Dequeue();
            }

            var worst = _calls.Count == 0 ? TimeSpan.Zero : _calls.Max(call => call.Took);
            return (_calls.Count(call => call.Took >= Limits.StoreSlowCall), _calls.Count, worst);
        }
    }
}
