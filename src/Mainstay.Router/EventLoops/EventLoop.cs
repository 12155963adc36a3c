using System.Collections.Concurrent;
using Mainstay.Kernel;
using Mainstay.Router.Linux;

namespace Mainstay.Router.EventLoops;

/// <summary>
/// One thread's loop over the sockets it owns. A turn is: wait for events, hand each to its owner, let those go on that
/// had more to do, fire the deadlines that have passed, do what other threads have posted. Nothing here takes a lock or
/// allocates in a turn without posts. Only <see cref="Post"/>, <see cref="Wake"/> and the pulse may be used from
/// elsewhere.
/// </summary>
internal sealed class EventLoop : IDisposable
{
    private const int FirstSlots = 256;

    private readonly TimeProvider _time;
    private readonly long _unitsPerMicro;
    private readonly Epoll _epoll = new();
    private readonly WakeUp _wakeUp = new();
    private readonly ConcurrentQueue<Action> _posts = new();
    private Watched?[] _slots = new Watched?[FirstSlots];
    private uint[] _generations = new uint[FirstSlots];
    private int[] _freeSlots = new int[FirstSlots];
    private int _freeCount;
    private int _slotCount;
    private Watched?[] _again = new Watched?[FirstSlots];
    private Watched?[] _againNext = new Watched?[FirstSlots];
    private int _againCount;
    private long _lastTurnMicros;
    private bool _stopping;

    public EventLoop(TimeProvider time)
    {
        Invariant.That(time.TimestampFrequency >= 1_000_000, "the clock tells microseconds");
        _time = time;
        _unitsPerMicro = time.TimestampFrequency / 1_000_000;
        NowMicros = ReadClock();
        _lastTurnMicros = NowMicros;
        Timers = new TimerWheel(NowMicros);
        _wakeUp.Slot = TakeSlot(_wakeUp);
        var added = _epoll.Add(_wakeUp.Descriptor, KeyOf(_wakeUp.Slot));
        Invariant.That(added, "a new epoll instance takes its first descriptor");
    }

    public TimerWheel Timers { get; }

    public BufferPool Buffers { get; } = new();

    /// <summary>The time of this turn; <see cref="ReadClock"/> where a measurement needs it exactly.</summary>
    public long NowMicros { get; private set; }

    /// <summary>When the last turn began; any thread may read it.</summary>
    public long LastTurnMicros => Volatile.Read(ref _lastTurnMicros);

    public long ReadClock() => _time.GetTimestamp() / _unitsPerMicro;

    /// <summary>Turns until <see cref="Stop"/> has been posted.</summary>
    public void Run()
    {
        while (!_stopping)
        {
            Turn(Limits.PulseMilliseconds);
        }
    }

    public void Stop() => _stopping = true;

    public void Turn(int waitMillisecondsMax)
    {
        var wait = _againCount > 0 ? 0 : Timers.WaitMilliseconds(ReadClock(), waitMillisecondsMax);
        var count = _epoll.Wait(wait);
        NowMicros = ReadClock();
        Volatile.Write(ref _lastTurnMicros, NowMicros);
        for (var index = 0; index < count; index++)
        {
            Dispatch(_epoll.Key(index), _epoll.Flags(index));
        }

        RunAgain();
        Timers.Advance(NowMicros);
        while (_posts.TryDequeue(out var action))
        {
            action();
        }
    }

    /// <summary>
    /// Watches a descriptor until it is closed; its owner must call <see cref="Forget"/> before closing it.
    /// </summary>
    public bool Watch(Watched owner, int descriptor)
    {
        owner.Slot = TakeSlot(owner);
        if (_epoll.Add(descriptor, KeyOf(owner.Slot)))
        {
            return true;
        }

        Forget(owner);
        return false;
    }

    /// <summary>Events that are still under way for the owner's descriptor will find nobody.</summary>
    public void Forget(Watched owner)
    {
        if (owner.Slot < 0)
        {
            return;
        }

        _slots[owner.Slot] = null;
        _generations[owner.Slot]++;
        _freeSlots[_freeCount++] = owner.Slot;
        owner.Slot = -1;
    }

    /// <summary>
    /// The owner has more to do and lets others go first. With edge-triggered events nobody else would remind it.
    /// </summary>
    public void Again(Watched owner)
    {
        if (_againCount == _again.Length)
        {
            Array.Resize(ref _again, _againCount * 2);
            Array.Resize(ref _againNext, _againCount * 2);
        }

        _again[_againCount++] = owner;
    }

    /// <summary>Runs an action on the loop's thread, soon. Any thread may call it.</summary>
    public void Post(Action action)
    {
        _posts.Enqueue(action);
        _wakeUp.Signal();
    }

    /// <summary>Makes the loop turn now. Any thread may call it.</summary>
    public void Wake() => _wakeUp.Signal();

    public void Dispose()
    {
        _wakeUp.Dispose();
        _epoll.Dispose();
    }

    private void Dispatch(ulong key, uint flags)
    {
        var slot = (int)(uint)key;
        if (_generations[slot] == (uint)(key >> 32))
        {
            _slots[slot]?.OnEvents(flags);
        }
    }

    private void RunAgain()
    {
        if (_againCount == 0)
        {
            return;
        }

        (_again, _againNext) = (_againNext, _again);
        var count = _againCount;
        _againCount = 0;
        for (var index = 0; index < count; index++)
        {
            // An owner that was closed meanwhile is skipped; a reused one at worst looks once in vain.
            var owner = _againNext[index];
            _againNext[index] = null;
            if (owner is { Slot: >= 0 })
            {
                owner.OnAgain();
            }
        }
    }

    private ulong KeyOf(int slot) => ((ulong)_generations[slot] << 32) | (uint)slot;

    private int TakeSlot(Watched owner)
    {
        if (_freeCount > 0)
        {
            var free = _freeSlots[--_freeCount];
            _slots[free] = owner;
            return free;
        }

        if (_slotCount == _slots.Length)
        {
            Array.Resize(ref _slots, _slotCount * 2);
            Array.Resize(ref _generations, _slotCount * 2);
            Array.Resize(ref _freeSlots, _slotCount * 2);
        }

        _slots[_slotCount] = owner;
        return _slotCount++;
    }
}
