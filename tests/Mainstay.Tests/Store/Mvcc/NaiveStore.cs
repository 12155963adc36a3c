using Mainstay.Etcd;
using Mainstay.Etcd.Protocol;

namespace Mainstay.Tests.Store.Mvcc;

/// <summary>
/// The model: a whole copy of the store for each revision. Slow, and plain enough to be believed. Only what the real
/// one is compared on.
/// </summary>
internal sealed class NaiveStore
{
    private readonly List<SortedDictionary<string, NaiveKey>> _byRevision =
        [new(StringComparer.Ordinal), new(StringComparer.Ordinal)];

    public long Revision => _byRevision.Count - 1;

    public long Compacted { get; private set; }

    public void Put(string key, string value)
    {
        var next = Next();
        var old = next.GetValueOrDefault(key);
        next[key] = new NaiveKey(value, old?.Create ?? Revision, Revision, (old?.Version ?? 0) + 1);
    }

    public int Delete(string from, string to)
    {
        var doomed = Keys(_byRevision[^1], from, to).ToList();
        if (doomed.Count > 0)
        {
            var next = Next();
            doomed.ForEach(key => next.Remove(key));
        }

        return doomed.Count;
    }

    public EtcdError? Compact(long revision)
    {
        if (revision > Revision)
        {
            return EtcdErrors.FutureRevision;
        }

        if (revision <= Compacted)
        {
            return EtcdErrors.Compacted;
        }

        Compacted = revision;
        return null;
    }

    public bool IsReadable(long revision) => revision >= Compacted && revision <= Revision;

    /// <summary>Keys from, without to, at a revision, with all that a client sees of them.</summary>
    public IReadOnlyList<string> Range(string from, string to, long revision) =>
        [.. Keys(_byRevision[(int)revision], from, to)
            .Select(key => Text(key, _byRevision[(int)revision][key]))];

    public static string Text(KeyValue kv) => Text(
        kv.Key.ToStringUtf8(),
        new NaiveKey(kv.Value.ToStringUtf8(), kv.CreateRevision, kv.ModRevision, kv.Version));

    private static string Text(string key, NaiveKey value) => $"{key}={value}";

    private static IEnumerable<string> Keys(SortedDictionary<string, NaiveKey> all, string from, string to) =>
        all.Keys.Where(key => string.CompareOrdinal(key, from) >= 0 && string.CompareOrdinal(key, to) < 0);

    private SortedDictionary<string, NaiveKey> Next()
    {
        var next = new SortedDictionary<string, NaiveKey>(_byRevision[^1], StringComparer.Ordinal);
        _byRevision.Add(next);
        return next;
    }

    private sealed record NaiveKey(string Value, long Create, long Mod, long Version);
}
