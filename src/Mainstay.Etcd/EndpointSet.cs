namespace Mainstay.Etcd;

/// <summary>
/// Every address in use and the one that the next call goes to. The present one is kept while it serves; a better one
/// is taken when it does not. Never empty. Thread safe: readers see one whole list, only the follower changes it.
/// </summary>
internal sealed class EndpointSet : IDisposable
{
    private readonly EtcdClientOptions _options;
    private readonly TimeProvider _time;
    private Endpoint[] _all;
    private Endpoint _current;

    public EndpointSet(EtcdClientOptions options, TimeProvider time)
    {
        _options = options;
        _time = time;
        _all = [.. options.Endpoints.Distinct().Select(address => new Endpoint(address, true, options))];
        _current = _all[0];
    }

    public IReadOnlyList<Endpoint> All => Volatile.Read(ref _all);

    public int Count => All.Count;

    public Endpoint Current => Volatile.Read(ref _current);

    public Endpoint? Find(Uri address) => All.FirstOrDefault(one => one.Address == address);

    /// <summary>
    /// Leaves a member that did not serve, unless all others are known to be worse: one that refuses for want of a
    /// leader is better than one that is mute. A no-op where another call has left it already.
    /// </summary>
    public void Leave(Endpoint endpoint)
    {
        endpoint.FailedAt = _time.GetTimestamp();
        var best = BestBut(endpoint);
        if (best.Rank <= endpoint.Rank)
        {
            Interlocked.CompareExchange(ref _current, best, endpoint);
        }
    }

    /// <summary>Moves to a better member where the present one is known to serve no more.</summary>
    public void Reconsider()
    {
        var current = Current;
        var best = BestBut(current);
        if (best.Rank < current.Rank && (current.Rank > 1 || !All.Contains(current)))
        {
            Interlocked.CompareExchange(ref _current, best, current);
        }
    }

    /// <summary>Takes up new addresses, and drops those that are neither configured nor wanted.</summary>
    public void Follow(IReadOnlySet<Uri> wanted)
    {
        var all = All;
        var kept = all.Where(one => one.IsConfigured || wanted.Contains(one.Address)).ToList();
        var known = kept.Select(one => one.Address).ToHashSet();
        var added = wanted.Where(address => !known.Contains(address)).Order(ByText)
            .Select(address => new Endpoint(address, false, _options));
        Volatile.Write(ref _all, [.. kept, .. added]);
        foreach (var dropped in all.Except(kept))
        {
            if (dropped == Current)
            {
                Interlocked.CompareExchange(ref _current, BestBut(dropped), dropped);
            }

            dropped.Connection.Leave("its member was removed");
            dropped.Dispose();
        }
    }

    public void Dispose()
    {
        foreach (var endpoint in All)
        {
            endpoint.Dispose();
        }
    }

    private static readonly Comparer<Uri> ByText =
        Comparer<Uri>.Create((a, b) => string.CompareOrdinal(a.AbsoluteUri, b.AbsoluteUri));

    /// <summary>
    /// The best of the others; itself where it is alone. Among equals the one that failed longest ago, then the next in
    /// turn, so that calls do not go to and fro between two bad ones while there is a third.
    /// </summary>
    private Endpoint BestBut(Endpoint endpoint)
    {
        var all = Volatile.Read(ref _all);
        var at = Array.IndexOf(all, endpoint);
        return Enumerable.Range(1, all.Length)
            .Select(step => all[(at + step + all.Length) % all.Length])
            .Where(one => one != endpoint)
            .OrderBy(one => one.Rank)
            .ThenBy(one => one.FailedAt)
            .FirstOrDefault(endpoint);
    }
}
