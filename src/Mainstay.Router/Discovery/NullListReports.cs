using System.Collections.Immutable;
using Mainstay.Kernel.Signals;
using Mainstay.Kube;
using Mainstay.Router.Discovery.Freshness;

namespace Mainstay.Router.Discovery;

/// <summary>
/// Tells by name the objects of one kind that have null where a list belongs. The heartbeat of the kind is written with
/// empty lists: an API server that gives null for those, too, writes every empty list so (Kubernetes does, in
/// EndpointSlices), and nothing is told of it. Nor is anything where no heartbeat is. Lists are judged by the heartbeat
/// in them, events of the watch by the heartbeat that it brings. An example:
/// <code>
///     heartbeat []    bank/a null    bank/b []      "EndpointSlice bank/a has null for endpoints"
///     heartbeat null  bank/a null    bank/b null    nothing: so this server writes "empty"
/// </code>
/// Besides the watch there is a list now and then (<see cref="StartLook"/>). Thread safe.
/// </summary>
internal sealed class NullListReports(SignalBoard board, string node)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, ImmutableDictionary<ObjectKey, string>> _lists = [];
    private string _kind = "";
    private ImmutableDictionary<ObjectKey, string> _watched = ImmutableDictionary<ObjectKey, string>.Empty;
    private ImmutableDictionary<ObjectKey, string> _told = ImmutableDictionary<ObjectKey, string>.Empty;
    private bool _isUsualInWatch = true;

    /// <summary>The whole truth, as the watch begins anew.</summary>
    public void Replaced<T>(WatchedKind kind, IReadOnlyDictionary<ObjectKey, T> objects)
        where T : IDiscoveryObject
    {
        lock (_lock)
        {
            if (_kind != kind.Kind)
            {
                // The cluster serves another kind than before.
                ClearLocked();
                _kind = kind.Kind;
            }

            _watched = _watched.Clear();
            _lists[""] = Judged(objects.Select(one => KeyValuePair.Create(one.Key, one.Value.NullList)));
            TellLocked();
        }
    }

    public void Changed(ObjectKey key, IDiscoveryObject value)
    {
        lock (_lock)
        {
            if (value.Heartbeat is not null)
            {
                _isUsualInWatch = value.NullList.Length > 0;
            }
            else
            {
                _watched = value.NullList.Length > 0 ? _watched.SetItem(key, value.NullList) : _watched.Remove(key);
                // What the watch has told is newer than the lists.
                ForgetListedLocked(key);
            }

            TellLocked();
        }
    }

    public void Deleted(ObjectKey key)
    {
        lock (_lock)
        {
            _watched = _watched.Remove(key);
            ForgetListedLocked(key);
            TellLocked();
        }
    }

    /// <summary>What a list beside the watch has.</summary>
    /// <param name="server">whose it is</param>
    /// <param name="fields">of each object where it has null; empty for nowhere</param>
    public void Listed(Uri server, IReadOnlyDictionary<ObjectKey, string> fields)
    {
        lock (_lock)
        {
            _lists[server.ToString()] = Judged(fields);
            TellLocked();
        }
    }

    /// <summary>Nobody lists beside the watch any more.</summary>
    public void Unlisted()
    {
        lock (_lock)
        {
            foreach (var server in _lists.Keys.Where(server => server.Length > 0).ToArray())
            {
                _lists.Remove(server);
            }

            TellLocked();
        }
    }

    /// <summary>Of a list whose heartbeat has lists: the objects that have null.</summary>
    private static ImmutableDictionary<ObjectKey, string> Judged(IEnumerable<KeyValuePair<ObjectKey, string>> fields)
    {
        var nulls = new Dictionary<ObjectKey, string>();
        var isUsual = true;
        foreach (var (key, field) in fields)
        {
            if (key == Heartbeat.Key)
            {
                isUsual = field.Length > 0;
            }
            else if (field.Length > 0)
            {
                nulls[key] = field;
            }
        }

        return isUsual ? ImmutableDictionary<ObjectKey, string>.Empty : nulls.ToImmutableDictionary();
    }

    private void ForgetListedLocked(ObjectKey key)
    {
        foreach (var list in _lists.Keys.ToArray())
        {
            _lists[list] = _lists[list].Remove(key);
        }
    }

    private void ClearLocked()
    {
        foreach (var key in _told.Keys)
        {
            board.Clear(SignalCatalog.NullInObject, Subject(key));
        }

        (_told, _watched, _isUsualInWatch) = (_told.Clear(), _watched.Clear(), true);
        _lists.Clear();
    }

    private void TellLocked()
    {
        var now = _lists.Values.Aggregate(
            _isUsualInWatch ? ImmutableDictionary<ObjectKey, string>.Empty : _watched,
            (all, list) => all.SetItems(list));
        foreach (var key in _told.Keys.Where(key => !now.ContainsKey(key)))
        {
            board.Clear(SignalCatalog.NullInObject, Subject(key));
        }

        foreach (var (key, field) in now.Where(one => _told.GetValueOrDefault(one.Key) != one.Value))
        {
            board.Raise(SignalCatalog.NullInObject, Subject(key), new SignalReading(
                $"{_kind} {key} has null for {field}, where a list belongs: routers read it as empty, other readers " +
                "may fail on it")
            {
                Evidence = [new Evidence("field", field)],
                Culprit = new ObjectReference(_kind, key.Namespace, key.Name),
            });
        }

        _told = now;
    }

    private string Subject(ObjectKey key) => $"router/{node}/{_kind}/{key}";
}
