using System.Numerics;

namespace Mainstay.Router.EventLoops;

/// <summary>A deadline of one owner. It is linked into one slot of the wheel at most.</summary>
internal sealed class TimerNode(ITimed owner)
{
    public const long Never = long.MaxValue;

    public readonly ITimed Owner = owner;
    public long DeadlineMicros = Never;
    public long SlotTick = Never;
    public TimerNode? Next;
    public TimerNode? Previous;
}

/// <summary>Who is told that its deadline has passed.</summary>
internal interface ITimed
{
    void OnDeadline(long nowMicros);
}

/// <summary>
/// A hashed wheel of 1024 slots of 8 ms, about 8 s round. Deadlines move with every call and rarely pass, so moving
/// one later only writes a field: the node stays in its slot, and is put into the right one when that slot comes up. A
/// deadline may pass up to 8 ms late and never early. Owned by one loop.
/// </summary>
internal sealed class TimerWheel
{
    private const int SlotCount = 1024;
    private const long TickMicros = 8_000;

    private readonly TimerNode?[] _slots = new TimerNode?[SlotCount];
    private readonly ulong[] _occupied = new ulong[SlotCount / 64];
    private long _tick;

    public TimerWheel(long nowMicros) => _tick = nowMicros / TickMicros;

    public void Set(TimerNode node, long deadlineMicros)
    {
        node.DeadlineMicros = deadlineMicros;
        if (deadlineMicros == TimerNode.Never)
        {
            return;
        }

        var tick = TickFor(deadlineMicros);
        if (node.SlotTick <= tick)
        {
            return;
        }

        Remove(node);
        node.DeadlineMicros = deadlineMicros;
        Link(node, tick);
    }

    /// <summary>Takes the node out of the wheel: its owner goes away.</summary>
    public void Remove(TimerNode node)
    {
        node.DeadlineMicros = TimerNode.Never;
        if (node.SlotTick == TimerNode.Never)
        {
            return;
        }

        var slot = (int)(node.SlotTick % SlotCount);
        if (node.Previous is null)
        {
            _slots[slot] = node.Next;
            if (node.Next is null)
            {
                _occupied[slot / 64] &= ~(1UL << (slot % 64));
            }
        }
        else
        {
            node.Previous.Next = node.Next;
        }

        if (node.Next is not null)
        {
            node.Next.Previous = node.Previous;
        }

        node.Next = null;
        node.Previous = null;
        node.SlotTick = TimerNode.Never;
    }

    /// <summary>Tells every owner whose deadline has passed. Owners may set and remove nodes meanwhile.</summary>
    public void Advance(long nowMicros)
    {
        var last = nowMicros / TickMicros;
        var first = Math.Max(_tick + 1, last - SlotCount + 1);
        for (var tick = first; tick <= last; tick++)
        {
            _tick = tick;
            var slot = (int)(tick % SlotCount);
            // A node that is linked again meanwhile goes to a later tick; one full round later is another slot's turn.
            while (_slots[slot] is { } node)
            {
                var deadline = node.DeadlineMicros;
                Remove(node);
                if (deadline <= nowMicros)
                {
                    node.Owner.OnDeadline(nowMicros);
                }
                else if (deadline != TimerNode.Never)
                {
                    node.DeadlineMicros = deadline;
                    Link(node, Math.Max(TickFor(deadline), last + 1));
                }
            }
        }

        _tick = Math.Max(_tick, last);
    }

    /// <summary>Milliseconds until the next slot with a node comes up, at most <paramref name="most"/>.</summary>
    public int WaitMilliseconds(long nowMicros, int most)
    {
        var start = (int)((_tick + 1) % SlotCount);
        for (var step = 0; step <= _occupied.Length; step++)
        {
            var word = ((start / 64) + step) % _occupied.Length;
            var bits = _occupied[word];
            if (step == 0)
            {
                bits &= ulong.MaxValue << (start % 64);
            }

            if (bits != 0)
            {
                var slot = (word * 64) + BitOperations.TrailingZeroCount(bits);
                var ticks = ((slot - start) + SlotCount) % SlotCount;
                var dueMicros = (_tick + 1 + ticks) * TickMicros;
                return (int)Math.Clamp((dueMicros - nowMicros + 999) / 1000, 0, most);
            }
        }

        return most;
    }

    /// <summary>The tick at whose start the deadline has surely passed, within one round of the wheel.</summary>
    private long TickFor(long deadlineMicros)
    {
        var tick = (deadlineMicros + TickMicros - 1) / TickMicros;
        return Math.Clamp(tick, _tick + 1, _tick + SlotCount - 1);
    }

    private void Link(TimerNode node, long tick)
    {
        tick = Math.Min(tick, _tick + SlotCount - 1);
        var slot = (int)(tick % SlotCount);
        node.SlotTick = tick;
        node.Previous = null;
        node.Next = _slots[slot];
        if (node.Next is not null)
        {
            node.Next.Previous = node;
        }

        _slots[slot] = node;
        _occupied[slot / 64] |= 1UL << (slot % 64);
    }
}
