namespace Mainstay.Router.Resilience;

/// <summary>Where a call of a service with a fallback goes first.</summary>
internal enum FallbackChoice : byte
{
    Primary,

    /// <summary>To the service itself, to see whether it is well again.</summary>
    Probe,

    Fallback,
}

/// <summary>What a person wants, if anything.</summary>
internal enum FallbackMode : byte
{
    Auto,
    On,
    Off,
}

/// <summary>
/// When a service's calls go to its fallback, and when they come back. Example, with its windows:
///     at least 5 calls in 10 s, over half of them failed -> on
///     on: one call in 20, at least one a second, goes to the service as a probe
///     5 probes in a row answered, over at least 5 s -> off; a probe that fails begins the count anew
/// Without a live endpoint every call goes to the fallback at once, and that turns it on too: the way back is the same.
/// Each loop counts what it sees, and whichever finds a turn first turns all loops of the router.
/// Owned by one loop; <see cref="IsActive"/> may be read from anywhere.
/// </summary>
internal sealed class FallbackSwitch(FallbackAgreement agreement)
{
    public const int CallsMin = 5;
    public const int ProbeEvery = 20;
    public const long ProbeMicros = 1_000_000;
    public const int SuccessesToReturn = 5;
    public const long ReturnMicros = 5_000_000;
    private const int Buckets = 10;
    private const long BucketMicros = 1_000_000;

    private readonly int[] _answered = new int[Buckets];
    private readonly int[] _failed = new int[Buckets];
    private long _bucket;
    private long _probedAtMicros;
    private long _firstSuccessMicros;
    private long _turns = agreement.Turns;
    private int _sinceProbe;
    private int _successes;

    /// <summary>Calls go to the fallback now.</summary>
    public bool IsActive => agreement.IsActive;

    /// <summary>
    /// What the fallback does not take may go to the service: its last probe was answered, or the turn is over. By hand
    /// the way that a person chose holds.
    /// </summary>
    public bool MayComeBack => Mode == FallbackMode.Auto && (_successes > 0 || !IsActive);

    /// <summary>Who wants it on leaves it on: once a person lets go, the way back is the same as after a
    /// failure.</summary>
    public FallbackMode Mode
    {
        get;
        set
        {
            field = value;
            if (value != FallbackMode.Auto)
            {
                _turns = agreement.Tell(value == FallbackMode.On); // The first call afterwards is a probe.
            }
        }
    }

    /// <param name="hasLive">whether the service has an endpoint that may be called</param>
    /// <param name="nowMicros">the time</param>
    public FallbackChoice Choose(bool hasLive, long nowMicros)
    {
        if (Mode != FallbackMode.Auto)
        {
            return Mode == FallbackMode.On ? FallbackChoice.Fallback : FallbackChoice.Primary;
        }

        Hear(nowMicros);
        if (!hasLive)
        {
            Activate(nowMicros);
            agreement.Ask();
            return FallbackChoice.Fallback;
        }

        if (!IsActive)
        {
            return FallbackChoice.Primary;
        }

        agreement.Ask();
        _sinceProbe++;
        if (_sinceProbe < ProbeEvery && nowMicros - _probedAtMicros < ProbeMicros)
        {
            return FallbackChoice.Fallback;
        }

        _sinceProbe = 0;
        _probedAtMicros = nowMicros;
        return FallbackChoice.Probe;
    }

    /// <summary>The service itself had a call, and this came of it.</summary>
    public void Observe(bool isGood, long nowMicros)
    {
        if (Mode != FallbackMode.Auto)
        {
            return;
        }

        Hear(nowMicros);
        if (IsActive)
        {
            Probed(isGood, nowMicros);
            return;
        }

        var index = Turn(nowMicros);
        if (isGood)
        {
            _answered[index]++;
            return;
        }

        _failed[index]++;
        var failed = _failed.AsSpan();
        var (bad, all) = (0, 0);
        for (var bucket = 0; bucket < Buckets; bucket++)
        {
            bad += failed[bucket];
            all += failed[bucket] + _answered[bucket];
        }

        if (all >= CallsMin && bad * 2 > all)
        {
            Activate(nowMicros);
        }
    }

    private void Probed(bool isGood, long nowMicros)
    {
        if (!isGood)
        {
            _successes = 0;
            return;
        }

        _firstSuccessMicros = _successes == 0 ? nowMicros : _firstSuccessMicros;
        _successes++;
        if (_successes >= SuccessesToReturn && nowMicros - _firstSuccessMicros >= ReturnMicros)
        {
            Turned(agreement.Tell(isActive: false), nowMicros);
        }
    }

    private void Activate(long nowMicros)
    {
        _successes = 0;
        if (!IsActive)
        {
            Turned(agreement.Tell(isActive: true), nowMicros);
        }
    }

    /// <summary>Another loop has found a turn: what was counted before it says nothing of what is now.</summary>
    private void Hear(long nowMicros)
    {
        var turns = agreement.Turns;
        if (turns != _turns)
        {
            Turned(turns, nowMicros);
        }
    }

    private void Turned(long turns, long nowMicros)
    {
        _turns = turns;
        _probedAtMicros = nowMicros;
        _sinceProbe = 0;
        _successes = 0;
        Array.Clear(_answered);
        Array.Clear(_failed);
    }

    /// <summary>The bucket of now; those that were skipped meanwhile are empty.</summary>
    private int Turn(long nowMicros)
    {
        var now = nowMicros / BucketMicros;
        for (var skipped = Math.Max(_bucket + 1, now - Buckets + 1); skipped <= now; skipped++)
        {
            _answered[skipped % Buckets] = 0;
            _failed[skipped % Buckets] = 0;
        }

        _bucket = Math.Max(_bucket, now);
        return (int)(_bucket % Buckets);
    }
}
