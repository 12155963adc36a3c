using Mainstay.Router.Discovery;

namespace Mainstay.Router.Metrics;

/// <summary>
/// Who calls a service, and how often that fails: from it a reader tells which dependency the failures of the caller
/// come from. One loop writes, a scrape reads from another thread. A caller is found by its very object, as each pod
/// has one: a few comparisons and no allocation for a routine call. Of more callers than the bound the oldest make
/// room.
/// </summary>
internal sealed class CallerCounters
{
    private CallerCount[] _known = [];

    public ReadOnlySpan<CallerCount> Known => Volatile.Read(ref _known);

    public void Count(Caller caller, bool failed)
    {
        var count = Find(caller) ?? Add(caller);
        count.Calls++;
        count.Failures += failed ? 1 : 0;
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

    private CallerCount Add(Caller caller)
    {
        var added = new CallerCount(caller);
        var kept = _known.Length < Limits.CallersPerServiceMax ? _known : _known[1..];
        Volatile.Write(ref _known, [.. kept, added]);
        return added;
    }
}

/// <summary>Calls of one pod to one service through one loop, since the pod was first seen there.</summary>
internal sealed class CallerCount(Caller caller)
{
    public long Calls;
    public long Failures;

    public Caller Caller { get; } = caller;
}
