using System.Collections.Immutable;
using Mainstay.Kube;

namespace Mainstay.ConsoleSite.Cluster;

/// <summary>
/// When each lease was last seen to advance, by our own clock. The node's clock is believed once only, for a lease seen
/// for the first time, and never into the future. Written by the reflector's loop, read by any thread.
/// </summary>
internal sealed class LeaseBook(TimeProvider time)
{
    private ImmutableDictionary<string, DateTimeOffset> _seen = ImmutableDictionary<string, DateTimeOffset>.Empty;

    public DateTimeOffset? Of(string node) =>
        Volatile.Read(ref _seen).TryGetValue(node, out var at) ? at : null;

    public void Take(CacheChange<LeaseObject> change)
    {
        var now = time.GetUtcNow();
        var seen = Volatile.Read(ref _seen);
        seen = change switch
        {
            { New: null } => seen.Remove(change.Key.Name),
            { Old: null, New.RenewTime: { } renewed } => seen.SetItem(change.Key.Name, renewed < now ? renewed : now),
            _ when change.Old?.RenewTime != change.New.RenewTime => seen.SetItem(change.Key.Name, now),
            _ => seen,
        };
        Volatile.Write(ref _seen, seen);
    }
}
