namespace Mainstay.Router.Resilience;

/// <summary>
/// Whether the calls of one service go to its fallback, as all loops of a router have it: what one loop has found out,
/// the others need not find out again. Example with two loops, one of which has few calls:
///     loop 1 tells true  (turn 1) -> loop 2 takes the fallback, too
///     loop 1 tells false (turn 2) -> loop 2 is back with it, though it had no five probes of its own
/// Thread safe, without a lock.
/// </summary>
internal sealed class FallbackAgreement
{
    private long _word; // the number of turns; odd: active
    private long _asked;

    public bool IsActive => (Turns & 1) != 0;

    /// <summary>How often it turned: who has seen another number before has something to forget.</summary>
    public long Turns => Volatile.Read(ref _word);

    /// <summary>
    /// Grows with the calls that came while it was active, not by one for each: two loops may count at once.
    /// </summary>
    public long Asked => Volatile.Read(ref _asked);

    public void Ask() => Volatile.Write(ref _asked, Asked + 1);

    /// <returns>the turns, this one counted, if it was one</returns>
    public long Tell(bool isActive)
    {
        while (true)
        {
            var turns = Turns;
            if (((turns & 1) != 0) == isActive)
            {
                return turns;
            }

            if (Interlocked.CompareExchange(ref _word, turns + 1, turns) == turns)
            {
                return turns + 1;
            }
        }
    }
}
