using System.Collections.Immutable;
using Mainstay.ApiServer.Storage;
using Mainstay.Kernel;

namespace Mainstay.ApiServer.Watch;

/// <summary>One change of one object, as watchers of its resource need it.</summary>
/// <param name="Revision">the revision of the change; all changes of one transaction share it</param>
/// <param name="Key">the object's key in the store</param>
/// <param name="Now">the object after the change; null when it was deleted</param>
/// <param name="Before">the object before the change; null when it was created</param>
/// <param name="Last">for a deletion: the last state, carrying the revision of the deletion</param>
internal sealed record CachedEvent(
    long Revision, string Key, StoredObject? Now, StoredObject? Before, StoredObject? Last);

/// <summary>
/// What is known of one resource: the objects as of one revision, and the changes that led there, as far back as the
/// ring holds them. Pure: no clock, no lock, no I/O.
/// <code>
/// replace {a@3} at 5      -> objects {a@3}, revision 5, floor 5
/// apply b@6, progress 9   -> objects {a@3, b@6}, revision 9
/// since 5 -> [b@6]        since 9 -> []        since 4 -> too old: what lies at 5 or below may have been missed
/// </code>
/// </summary>
internal sealed class WatchHistory(int eventsMax)
{
    private readonly CachedEvent[] _ring = new CachedEvent[eventsMax];
    private long _appended;

    public ImmutableSortedDictionary<string, StoredObject> Objects { get; private set; } =
        ImmutableSortedDictionary.Create<string, StoredObject>(StringComparer.Ordinal);

    /// <summary>Everything at or below this revision is in <see cref="Objects"/>.</summary>
    public long Revision { get; private set; }

    /// <summary>Every change above this revision is still in the ring.</summary>
    public long Floor { get; private set; }

    /// <summary>Starts anew from a list of everything. What was before is forgotten.</summary>
    public void Replace(IEnumerable<StoredObject> objects, long revision)
    {
        Objects = objects.ToImmutableSortedDictionary(one => one.Key, one => one, StringComparer.Ordinal);
        Array.Clear(_ring);
        _appended = 0;
        Revision = revision;
        Floor = revision;
    }

    /// <returns>the change as watchers need it; null when it changes nothing (a deletion of what never was
    /// here)</returns>
    public CachedEvent? Put(StoredObject now)
    {
        Invariant.That(now.Revision > Floor && now.Revision >= Revision, "changes come in the order of revisions");
        var before = Objects.GetValueOrDefault(now.Key);
        Objects = Objects.SetItem(now.Key, now);
        return Append(new CachedEvent(now.Revision, now.Key, now, before, null));
    }

    public CachedEvent? Delete(string key, long revision)
    {
        Invariant.That(revision > Floor && revision >= Revision, "changes come in the order of revisions");
        if (!Objects.TryGetValue(key, out var before))
        {
            return null;
        }

        Objects = Objects.Remove(key);
        return Append(new CachedEvent(revision, key, null, before, before.AtRevision(revision)));
    }

    /// <summary>Nothing is missing up to this revision. Going backwards is no progress and is ignored.</summary>
    public void Advance(long revision) => Revision = Math.Max(Revision, revision);

    /// <returns>the changes after the revision, oldest first; null when some of them are gone</returns>
    public IReadOnlyList<CachedEvent>? Since(long revision)
    {
        if (revision < Floor)
        {
            return null;
        }

        var held = (int)Math.Min(_appended, _ring.Length);
        var first = held;
        while (first > 0 && At(_appended - held + first - 1).Revision > revision)
        {
            first--;
        }

        var changes = new CachedEvent[held - first];
        for (var i = first; i < held; i++)
        {
            changes[i - first] = At(_appended - held + i);
        }

        return changes;
    }

    private CachedEvent At(long number) => _ring[number % _ring.Length];

    private CachedEvent Append(CachedEvent change)
    {
        var slot = _appended % _ring.Length;
        if (_appended >= _ring.Length)
        {
            Floor = _ring[slot].Revision;
        }

        _ring[slot] = change;
        _appended++;
        return change;
    }
}
