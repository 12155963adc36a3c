using System.Collections.Immutable;
using Mainstay.Kube;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging;

namespace Mainstay.ConsoleSite.Changes;

/// <summary>
/// Turns what a reflector tells of one kind into rows of the ledger. First the rows are written, then what is known: a
/// crash in between tells the same again, under the same keys. A row that cannot be written leaves the old state known,
/// so that the next word about the object tells it. One reflector's loop owns it.
/// </summary>
internal sealed class ChangeFeed : IReflectorHandler<Facts>
{
    private readonly string _kind;
    private readonly ChangeLedger _ledger;
    private readonly KnownFacts _store;
    private readonly ChangeFeedWorld _world;
    private readonly bool _tellsFirstList;
    private Dictionary<ObjectKey, Facts> _known = [];
    private bool _everListed;
    private bool _isBlind = true;
    private bool _failing;

    /// <param name="tellsFirstList">whether objects of the very first list are told as created</param>
    public ChangeFeed(string kind, bool tellsFirstList, ChangeFeedWorld world)
    {
        _kind = kind;
        _tellsFirstList = tellsFirstList;
        _world = world;
        (_ledger, _store) = (world.Ledger, world.Known);
        if (_store.Load(kind) is { } known)
        {
            _known = known.ToDictionary();
            _everListed = true;
        }
    }

    public void Replaced(IReadOnlyDictionary<ObjectKey, Facts> objects, string revision)
    {
        foreach (var key in _known.Keys.Where(key => !objects.ContainsKey(key)).ToList())
        {
            Take(key, null);
        }

        foreach (var (key, facts) in objects)
        {
            Take(key, facts);
        }

        if (!_everListed && Written(() => _store.Listed(_kind)))
        {
            _everListed = true;
        }

        _isBlind = false;
    }

    public void Changed(ObjectKey key, Facts value, string revision) => Take(key, value);

    public void Deleted(ObjectKey key, string revision) => Take(key, null);

    public void Disturbed(ReflectorDisturbance disturbance)
    {
        // A watch that goes on from its revision misses nothing; a list after a gap does not tell when.
        _isBlind |= disturbance.ListsAgain;
        _world.Logger.FeedDisturbed(_kind, disturbance.Server.ToString(), disturbance.Reason);
    }

    private void Take(ObjectKey key, Facts? facts)
    {
        var old = _known.GetValueOrDefault(key);
        if (old is not null && facts is not null && Same(old, facts))
        {
            return;
        }

        var step = new FactStep(_kind, key, old, facts, _world.Time.GetUtcNow())
        {
            AfterBlindness = _isBlind && _everListed,
        };
        var verdict = FactDiff.Of(step);
        var isFirstList = old is null && !_everListed && !_tellsFirstList;
        var written = Written(() =>
        {
            foreach (var change in isFirstList ? [] : verdict.Changes)
            {
                _ledger.Append(change);
            }

            _store.Save(_kind, key, verdict.Known);
        });
        if (!written)
        {
            return;
        }

        if (verdict.Known is { } known)
        {
            _known[key] = known;
        }
        else
        {
            _known.Remove(key);
        }
    }

    /// <summary>What is remembered beside what is read does not count.</summary>
    private static bool Same(Facts old, Facts fresh) =>
        (old with { Values = old.Values.Remove(FactNames.Earlier) }).SameAs(fresh);

    private bool Written(Action write)
    {
        try
        {
            write();
            _failing = false;
            return true;
        }
        catch (SqliteException fault)
        {
            // A full disk must not end the one program that shows what is wrong.
            if (!_failing)
            {
                _world.Logger.LedgerNotWritten(fault.Message);
                _failing = true;
            }

            return false;
        }
    }
}

/// <summary>What every feed writes to.</summary>
internal sealed record ChangeFeedWorld(ChangeLedger Ledger, KnownFacts Known, TimeProvider Time, ILogger Logger);
