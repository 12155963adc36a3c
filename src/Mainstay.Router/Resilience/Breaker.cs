namespace Mainstay.Router.Resilience;

internal enum BreakerState : byte
{
    Closed,

    /// <summary>No calls until the time of the next probe.</summary>
    Open,

    /// <summary>One call is out to see.</summary>
    Probing,
}

/// <summary>
/// Keeps calls from an endpoint that fails. Example with 5 failures and a first wait of 1 s:
///     5 failures in a row -> Open for 1 s -> one call (Probing): fails -> Open for 2 s ... up to 30 s; answers ->
///     Closed
/// A probe whose call was cancelled says nothing: the next call probes. Owned by one loop.
/// </summary>
internal struct Breaker
{
    public const int FailuresToOpen = 5;
    public const long FirstWaitMicros = 1_000_000;
    public const long LongestWaitMicros = 30_000_000;

    private int _failures;
    private int _opened;
    private long _probeAtMicros;

    public BreakerState State { get; private set; }

    /// <summary>Whether a call may go there now.</summary>
    public readonly bool Admits(long nowMicros) =>
        State == BreakerState.Closed || (State == BreakerState.Open && nowMicros >= _probeAtMicros);

    /// <summary>A call goes there.</summary>
    /// <returns>whether it is the probe, whose end is waited for</returns>
    public bool Started(long nowMicros)
    {
        if (State != BreakerState.Open || nowMicros < _probeAtMicros)
        {
            return false;
        }

        State = BreakerState.Probing;
        return true;
    }

    public void Succeeded()
    {
        _failures = 0;
        _opened = 0;
        State = BreakerState.Closed;
    }

    public void Failed(long nowMicros)
    {
        _failures++;
        if (State == BreakerState.Closed && _failures < FailuresToOpen)
        {
            return;
        }

        var wait = Math.Min(FirstWaitMicros << Math.Min(_opened, 10), LongestWaitMicros);
        // Calls that were already out when it opened must not push the next probe away.
        if (State != BreakerState.Open)
        {
            _opened++;
            _probeAtMicros = nowMicros + wait;
        }

        State = BreakerState.Open;
    }

    /// <summary>The probe ended without a word on the endpoint.</summary>
    public void Cancelled()
    {
        if (State == BreakerState.Probing)
        {
            State = BreakerState.Open;
        }
    }
}
