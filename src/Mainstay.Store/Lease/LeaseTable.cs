using System.Collections.Immutable;
using Google.Protobuf;

namespace Mainstay.Store.Lease;

internal sealed record LeaseRecord(long Id, long TtlSeconds, ImmutableHashSet<ByteString> Keys);

/// <summary>
/// Which leases there are and which keys hang on each: what must survive a restart. When a lease ends by itself is
/// <see cref="LeaseClock"/>'s, and does not. Immutable, so that a batch that could not be written is forgotten whole.
/// </summary>
internal sealed record LeaseTable(ImmutableDictionary<long, LeaseRecord> ById)
{
    public static readonly LeaseTable Empty = new(ImmutableDictionary<long, LeaseRecord>.Empty);

    public int Count => ById.Count;

    public LeaseRecord? Find(long id) => ById.GetValueOrDefault(id);

    public LeaseTable Grant(long id, long ttlSeconds) =>
        new(ById.Add(id, new LeaseRecord(id, ttlSeconds, ImmutableHashSet<ByteString>.Empty)));

    public LeaseTable End(long id) => new(ById.Remove(id));

    /// <summary>Moves a key from the lease it hung on to another; 0 is no lease.</summary>
    public LeaseTable Move(ByteString key, long from, long to)
    {
        if (from == to)
        {
            return this;
        }

        var byId = ById;
        if (from != 0 && byId.TryGetValue(from, out var old))
        {
            byId = byId.SetItem(from, old with { Keys = old.Keys.Remove(key) });
        }

        if (to != 0 && byId.TryGetValue(to, out var next))
        {
            byId = byId.SetItem(to, next with { Keys = next.Keys.Add(key) });
        }

        return new LeaseTable(byId);
    }
}
