using System.Collections.Immutable;
using System.Text.Json;
using Mainstay.Kernel;

namespace Mainstay.Kube;

/// <summary>
/// What a reflector knows: the last good value of each object, and which objects make no sense. Reads payloads one by
/// one, so that a bad one harms none but itself. Owned by the reflector's loop; <see cref="Quarantine"/> is for any
/// thread.
/// </summary>
internal sealed class ReflectorJournal<T>(
    string kind, ObjectReader<T> read, IReflectorHandler<T> handler, TimeProvider time)
    where T : class
{
    private Dictionary<ObjectKey, T> _good = [];
    private Dictionary<ObjectKey, T> _listed = [];
    private readonly HashSet<ObjectKey> _listedKeys = [];
    private int _nameless;
    private ImmutableDictionary<ObjectKey, QuarantinedObject> _quarantine =
        ImmutableDictionary<ObjectKey, QuarantinedObject>.Empty;

    public ImmutableDictionary<ObjectKey, QuarantinedObject> Quarantine => Volatile.Read(ref _quarantine);

    public static string RevisionOf(JsonElement payload) => payload.Child("metadata")?.Text("resourceVersion") ?? "";

    public void BeginList()
    {
        _listed = [];
        _listedKeys.Clear();
        _nameless = 0;
    }

    public void TakeListed(JsonElement item)
    {
        ObjectKey key;
        try
        {
            key = ObjectKey.Of(item);
        }
        catch (MalformedObjectException fault)
        {
            key = new ObjectKey("", $"(nameless {++_nameless})");
            _listedKeys.Add(key);
            Bar(key, fault.Message);
            return;
        }
        _listedKeys.Add(key);
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
    public void Deliver(string revision)
    {
        foreach (var key in Quarantine.Keys)
        {
            if (!_listedKeys.Contains(key))
            {
                Release(key);
            }
        }
        _good = _listed;
        // The handler's own copy: ours changes with the next event.
        handler.Replaced(new Dictionary<ObjectKey, T>(_good), revision);
        _listed = [];
        _listedKeys.Clear();
    }

    /// <summary>Takes an added or changed object, and returns its revision.</summary>
    /// <exception cref="MalformedObjectException">it has no name, so only a list can tell what changed</exception>
    public string Change(JsonElement payload)
    {
        var key = ObjectKey.Of(payload);
        var revision = RevisionOf(payload);
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
        _good.Remove(key);
        Release(key);
        handler.Deleted(key, revision);
        return revision;
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
            // Whatever a foreign object does to its reader, it does to that object alone.
            Bar(key, fault.Message);
            return null;
        }
    }

    private void Bar(ObjectKey key, string reason)
    {
        var since = Quarantine.TryGetValue(key, out var known) ? known.Since : time.GetUtcNow();
        var barred = new QuarantinedObject(kind, key, reason, since) { HasLastGood = _good.ContainsKey(key) };
        if (barred != known)
        {
            Volatile.Write(ref _quarantine, _quarantine.SetItem(key, barred));
            handler.Quarantined(barred);
        }
    }

    private void Release(ObjectKey key)
    {
        if (_quarantine.ContainsKey(key))
        {
            Volatile.Write(ref _quarantine, _quarantine.Remove(key));
            handler.Released(key);
        }
    }
}
