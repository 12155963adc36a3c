using Mainstay.Router.Discovery;

namespace Mainstay.Router.Metrics;

/// <summary>
/// Who calls a service, and how often that fails: from it a reader tells which dependency the failures of the caller
/// come from. One loop writes, a scrape reads from another thread. A caller is found by its very object, as each pod
/// has one: a few comparisons and no allocation for a routine call. Of more callers than the bound those that have not
/// called for long make room; while there is none such, the rest are counted together.
/// </summary>
internal sealed class CallerCounters
{
    private static readonly Caller Rest = new("", "others", "");

    private readonly CallerCount _others = new(Rest);
    private CallerCount[] _known = [];

    /// <summary>The last is that of the others, once there are any.</summary>
    public ReadOnlySpan<CallerCount> Known => Volatile.Read(ref _known);

    /// <param name="caller">who</param>
    /// <param name="failed">whether its call came to nothing</param>
    /// <param name="nowMicros">the time</param>
    public void Count(Caller caller, bool failed, long nowMicros)
    {
        var count = Find(caller) ?? Add(caller, nowMicros);
        count.LastMicros = nowMicros;
        count.Add(1, failed ? 1 : 0);
    }

    private CallerCount? Find(Caller caller)
    {
        foreach (var count in _known)
        {
            if (ReferenceEquals(count.Caller, caller))
            {
                return count;
            }
        }

        return null;
    }

    private CallerCount Add(Caller caller, long nowMicros)
    {
        if (_known.Length < Limits.CallersPerServiceMax)
        {
            Volatile.Write(ref _known, [.. _known, new CallerCount(caller)]);
            return _known[^1];
        }

        if (_known.Length == Limits.CallersPerServiceMax)
        {
            Volatile.Write(ref _known, [.. _known, _others]);
        }

        var place = Longest(_known);
        if (nowMicros - _known[place].LastMicros < Limits.CallerGoneMilliseconds * 1000L)
        {
            return _others;
        }

        _others.Add(_known[place].Calls, _known[place].Failures);
        CallerCount[] next = [.. _known];
        next[place] = new CallerCount(caller);
        Volatile.Write(ref _known, next);
        return next[place];
    }

    /// <returns>the place of the one that has not called for the longest time, the others apart</returns>
    private static int Longest(CallerCount[] known)
    {
        var place = 0;
        for (var index = 1; index < Limits.CallersPerServiceMax; index++)
        {
            place = known[index].LastMicros < known[place].LastMicros ? index : place;
        }

        return place;
    }
}

/// <summary>Calls of one pod to one service through one loop, since the pod was first seen there.</summary>
internal sealed class CallerCount(Caller caller)
{
    public Caller Caller { get; } = caller;

    public long Calls { get; private set; }

    public long Failures { get; private set; }

    /// <summary>When it called last.</summary>
    public long LastMicros { get; set; }

    public void Add(long calls, long failures)
    {
        Calls += calls;
        Failures += failures;
    }
}
