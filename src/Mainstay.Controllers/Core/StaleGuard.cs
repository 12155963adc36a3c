using Mainstay.Kernel.Signals;

namespace Mainstay.Controllers.Core;

/// <summary>
/// When to leave an API server whose news stand still: the heartbeat, which passes through every hop each second, has
/// not advanced for ten seconds. All is listed anew then, by quorum and from another server where there is one.
/// <code>
///     10:00:00  sequence 41
///     10:00:10  41 still: leave and list
///     10:00:30  41 still: again, each time after twice the wait (the writer itself may be dead)
///     10:00:31  42: all is well, and the next wait is ten seconds again
/// </code>
/// Without a heartbeat (no router writes one here) there is nothing to go by. One loop owns it.
/// </summary>
internal sealed class StaleGuard(TimeProvider time)
{
    private long _sequence = -1;
    private long _triedAt;
    private TimeSpan _wait = Limits.HeartbeatStale;

    /// <summary>Whether to leave and list now; asked once, answered once.</summary>
    public bool IsDue(Hop hop)
    {
        if (hop.Sequence != _sequence)
        {
            (_sequence, _triedAt, _wait) = (hop.Sequence, 0, Limits.HeartbeatStale);
        }
        if (hop.Age is not { } age || age < Limits.HeartbeatStale
            || (_triedAt != 0 && time.GetElapsedTime(_triedAt) < _wait))
        {
            return false;
        }
        _wait = _triedAt == 0 ? Limits.HeartbeatStale * 2 : _wait * 2;
        _wait = _wait > Limits.StaleListsCap ? Limits.StaleListsCap : _wait;
        _triedAt = time.GetTimestamp();
        return true;
    }
}
