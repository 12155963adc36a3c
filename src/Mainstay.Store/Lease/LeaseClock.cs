namespace Mainstay.Store.Lease;

/// <summary>
/// When each lease ends. A lease of 10 s started at 0 s and renewed at 7 s is due at 17 s. Times are a span since the
/// store's start, so that a wall clock that jumps ends no lease. After a restart every lease has its whole time
/// again: nobody could renew while the store was down. Not thread safe.
/// </summary>
internal sealed class LeaseClock
{
    private static readonly TimeSpan EndRetry = TimeSpan.FromSeconds(1);

    private readonly Dictionary<long, Term> _terms = [];

    // Due, but its keys are not yet deleted on the disk.
    private readonly Dictionary<long, Term> _ending = [];

    // May hold a time that a renewal has made stale; it is put right when it comes up.
    private readonly PriorityQueue<long, TimeSpan> _queue = new();

    public void Start(long id, long ttlSeconds, TimeSpan now) =>
        Set(id, new Term(TimeSpan.FromSeconds(ttlSeconds), now + TimeSpan.FromSeconds(ttlSeconds)));

    /// <summary>The granted time in seconds, starting anew; null where the lease is gone or is being ended.</summary>
    public long? Renew(long id, TimeSpan now)
    {
        if (!_terms.TryGetValue(id, out var term))
        {
            return null;
        }

        _terms[id] = term with { Ends = now + term.Ttl };
        return (long)term.Ttl.TotalSeconds;
    }

    /// <summary>The lease is gone, by itself or by request.</summary>
    public void Stop(long id)
    {
        _terms.Remove(id);
        _ending.Remove(id);
    }

    /// <summary>A lease that was due could not be ended: it comes up again soon.</summary>
    public void EndFailed(long id, TimeSpan now)
    {
        if (_ending.Remove(id, out var term))
        {
            Set(id, term with { Ends = now + EndRetry });
        }
    }

    /// <summary>Whole seconds left, at least 0; null where the lease is gone.</summary>
    public long? RemainingSeconds(long id, TimeSpan now)
    {
        if (_terms.TryGetValue(id, out var term))
        {
            return (long)Math.Max(0, (term.Ends - now).TotalSeconds);
        }

        return _ending.ContainsKey(id) ? 0 : null;
    }

    /// <summary>Takes out the leases that are due; from here on they can no longer be renewed.</summary>
    public IReadOnlyList<long> TakeDue(TimeSpan now, int countMax)
    {
        var due = new List<long>();
        while (due.Count < countMax && _queue.TryPeek(out var id, out var at) && at <= now)
        {
            _queue.Dequeue();
            if (!_terms.TryGetValue(id, out var term))
            {
                continue;
            }

            if (term.Ends > now)
            {
                _queue.Enqueue(id, term.Ends);
                continue;
            }

            _terms.Remove(id);
            _ending[id] = term;
            due.Add(id);
        }

        return due;
    }

    private void Set(long id, Term term)
    {
        _terms[id] = term;
        _queue.Enqueue(id, term.Ends);
    }

    private readonly record struct Term(TimeSpan Ttl, TimeSpan Ends);
}
