using System.Collections.Immutable;
using System.Text.Json;
using Mainstay.Kernel;

namespace Mainstay.Kube;

/// <summary>
/// What a reflector knows: the last good value of each object, its revision, and which objects make no sense. Reads
/// payloads one by one, so that a bad one harms none but itself; an event older than what is known of its object is
/// passed over, as far as revisions are numbers. Owned by the reflector's loop; <see cref="Quarantine"/> is for any
/// thread.
/// </summary>
internal sealed class ReflectorJournal<T>(
    ReflectorOptions options, ObjectReader<T> read, IReflectorHandler<T> handler, TimeProvider time)
    where T : class
{
    private Dictionary<ObjectKey, T> _good = [];
    private Dictionary<ObjectKey, T> _listed = [];
    private Dictionary<ObjectKey, string> _revisions = [];
    private Dictionary<ObjectKey, string> _listedRevisions = [];
    private readonly Dictionary<ObjectKey, string> _deletedAt = [];
    private readonly Queue<ObjectKey> _deleted = new();
    private int _nameless;
    private ImmutableDictionary<ObjectKey, QuarantinedObject> _quarantine =
        ImmutableDictionary<ObjectKey, QuarantinedObject>.Empty;

    public ImmutableDictionary<ObjectKey, QuarantinedObject> Quarantine => Volatile.Read(ref _quarantine);

    public static string RevisionOf(JsonElement payload) => payload.Child("metadata")?.Text("resourceVersion") ?? "";

    public void BeginList()
    {
        _listed = [];
        _listedRevisions = [];
        _nameless = 0;
    }

    public void TakeListed(JsonElement item)
    {
        ObjectKey key;
        try
        {
            key = ObjectKey.Of(item);
        }
        catch (MalformedObjectException fault) when (!options.IsStrict)
        {
            key = new ObjectKey("", $"(nameless {++_nameless})");
            _listedRevisions[key] = "";
            Bar(key, fault.Message);
            return;
        }
        _listedRevisions[key] = RevisionTolerantly(item);
        if (TryRead(key, item) is { } value)
        {
            _listed[key] = value;
        }
        else if (_good.TryGetValue(key, out var last))
        {
            _listed[key] = last;
        }
    }

    /// <summary>The list is complete: it becomes what is known, and what it does not have is gone.</summary>
    /// <param name="revision">of the list</param>
    /// <param name="askedFor">why this list was asked for by the owner; null when it was not</param>
    public void Deliver(string revision, string? askedFor)
    {
        foreach (var key in Quarantine.Keys)
        {
            if (!_listedRevisions.ContainsKey(key))
            {
                Release(key);
            }
        }
        if (askedFor is not null && Difference(askedFor) is { Count: > 0 } repair)
        {
            handler.Repaired(repair);
        }
        (_good, _revisions) = (_listed, _listedRevisions);
        _deletedAt.Clear();
        _deleted.Clear();
        // The handler's own copy: ours changes with the next event.
        handler.Replaced(new Dictionary<ObjectKey, T>(_good), revision);
        (_listed, _listedRevisions) = ([], []);
    }

    /// <summary>Takes an added or changed object, and returns its revision.</summary>
    /// <exception cref="MalformedObjectException">it has no name, so only a list can tell what changed</exception>
    public string Change(JsonElement payload)
    {
        var key = ObjectKey.Of(payload);
        var revision = RevisionOf(payload);
        if (IsOld(key, revision))
        {
            return revision;
        }
        _revisions[key] = revision;
        if (TryRead(key, payload) is { } value)
        {
            _good[key] = value;
            handler.Changed(key, value, revision);
        }
        return revision;
    }

    /// <summary>Forgets an object, and returns the revision. Only the name and revision of the payload are
    /// read.</summary>
    public string Delete(JsonElement payload)
    {
        var key = ObjectKey.Of(payload);
        var revision = RevisionOf(payload);
        if (IsOld(key, revision))
        {
            return revision;
        }
        _good.Remove(key);
        _revisions.Remove(key);
        RememberDeletion(key, revision);
        Release(key);
        handler.Deleted(key, revision);
        return revision;
    }

    /// <summary>Whether something newer of the object is known, its end included.</summary>
    private bool IsOld(ObjectKey key, string revision) =>
        (_revisions.TryGetValue(key, out var known) || _deletedAt.TryGetValue(key, out known))
        && ResourceVersion.IsOlder(revision, known);

    private void RememberDeletion(ObjectKey key, string revision)
    {
        if (_deletedAt.TryAdd(key, revision))
        {
            _deleted.Enqueue(key);
        }
        _deletedAt[key] = revision;
        if (_deleted.Count > Limits.DeletionsRemembered)
        {
            _deletedAt.Remove(_deleted.Dequeue());
        }
    }

    private ReflectorRepair Difference(string reason)
    {
        var missing = _listedRevisions.Keys.Where(key => !_revisions.ContainsKey(key));
        var changed = _listedRevisions
            .Where(listed => _revisions.TryGetValue(listed.Key, out var known) && known != listed.Value)
            .Select(listed => listed.Key);
        var gone = _revisions.Keys.Where(key => !_listedRevisions.ContainsKey(key));
        return new ReflectorRepair(reason, [.. missing], [.. changed], [.. gone]);
    }

    private string RevisionTolerantly(JsonElement item)
    {
        try
        {
            return RevisionOf(item);
        }
        catch (MalformedObjectException) when (!options.IsStrict)
        {
            return "";
        }
    }

    private T? TryRead(ObjectKey key, JsonElement payload)
    {
        try
        {
            var value = read(payload);
            Release(key);
            return value;
        }
        catch (Exception fault) when (fault is not (InvariantException or OutOfMemoryException))
        {
            if (options.IsStrict)
            {
                throw new WatchBrokenException($"{options.Kind} {key} cannot be read: {fault.Message}");
            }
            // Whatever a foreign object does to its reader, it does to that object alone.
            Bar(key, fault.Message);
            return null;
        }
    }

    private void Bar(ObjectKey key, string reason)
    {
        var since = Quarantine.TryGetValue(key, out var known) ? known.Since : time.GetUtcNow();
        var barred = new QuarantinedObject(options.Kind, key, reason, since) { HasLastGood = _good.ContainsKey(key) };
        if (barred != known)
        {
            Volatile.Write(ref _quarantine, _quarantine.SetItem(key, barred));
            handler.Quarantined(barred);
        }
    }

    private void Release(ObjectKey key)
    {
        if (_quarantine.TryGetValue(key, out var barred))
        {
            Volatile.Write(ref _quarantine, _quarantine.Remove(key));
            handler.Released(barred);
        }
    }
}
