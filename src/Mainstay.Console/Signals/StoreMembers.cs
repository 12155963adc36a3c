using System.Collections.Immutable;
using Mainstay.ConsoleSite.Changes;
using Microsoft.Data.Sqlite;

namespace Mainstay.ConsoleSite.Signals;

/// <summary>
/// Which members of the store are asked for their health. Members come and go while the console runs: the list of an
/// API server counts as soon as there is one, and is kept when it is not heard any more.
/// <code>
///     started with     etcd-0 etcd-1 etcd-2       asked until an API server tells, with those of the last run
///     told             etcd-1 etcd-2 etcd-3       etcd-0 is forgotten, not down; etcd-3 by its client URL
/// </code>
/// A member that the options name is asked where they say: its health may have an address of its own. Where they name
/// none, none is asked. Thread safe.
/// </summary>
internal sealed class StoreMembers(IReadOnlyDictionary<string, Uri> configured)
{
    private readonly Lock _lock = new(); // guards the two below
    private ImmutableSortedDictionary<string, Uri> _present =
        configured.ToImmutableSortedDictionary(StringComparer.Ordinal);
    private bool _isTold;

    /// <summary>By name, each with the address that answers <c>/health</c>.</summary>
    public ImmutableSortedDictionary<string, Uri> Now
    {
        get
        {
            lock (_lock)
            {
                return _present;
            }
        }
    }

    /// <summary>Members of the last run: whether the options are newer or older than these is not known.</summary>
    /// <param name="known">what the ledger knows of them; null: nothing</param>
    public void Remember(IEnumerable<Facts>? known)
    {
        lock (_lock)
        {
            if (!_isTold && configured.Count > 0)
            {
                _present = _present.SetItems(Asked(known ?? []));
            }
        }
    }

    /// <param name="members">all that there are, as an API server lists them</param>
    public void Told(IEnumerable<Facts> members)
    {
        var present = Asked(members).ToImmutableSortedDictionary(StringComparer.Ordinal);
        lock (_lock)
        {
            if (configured.Count > 0 && !present.IsEmpty)
            {
                (_present, _isTold) = (present, true);
            }
        }
    }

    /// <summary>The members that the options name, and those that a console of before knew.</summary>
    public static StoreMembers Of(ConsoleOptions options, KnownFacts known)
    {
        var members = new StoreMembers(options.StoreMembers);
        try
        {
            members.Remember(known.Load(StoreFeed.MemberKind)?.Values);
        }
        catch (SqliteException)
        {
            // Who writes to the file says that it cannot be used; the options are enough to begin with.
        }

        return members;
    }

    /// <summary>One without a name was announced and has not started yet: there is nobody to ask.</summary>
    private Dictionary<string, Uri> Asked(IEnumerable<Facts> members)
    {
        var asked = new Dictionary<string, Uri>(StringComparer.Ordinal);
        foreach (var member in members.Where(member => member[FactNames.Name].Length > 0))
        {
            var name = member[FactNames.Name];
            if (configured.TryGetValue(name, out var own)
                || Uri.TryCreate(member[FactNames.Address].Split(' ')[0], UriKind.Absolute, out own))
            {
                asked[name] = own;
            }
        }

        return asked;
    }
}
