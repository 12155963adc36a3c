using System.Collections.Immutable;
using Mainstay.ConsoleSite.Memory;
using Microsoft.Data.Sqlite;

namespace Mainstay.ConsoleSite.Changes;

/// <summary>
/// All that changed in the last 30 days, in the console's memory: it can be read while everything else is down, and
/// says
/// when it was last fed. Thread safe, and safe between processes.
/// </summary>
/// <exception cref="SqliteException">thrown by every member where the file cannot be read or written</exception>
public sealed class ChangeLedger
{
    /// <summary>Changes are kept for this long: twice what a person looks back.</summary>
    public static readonly TimeSpan Retention = TimeSpan.FromDays(30);

    /// <summary>Rows at most, whatever their age; the oldest go first. A row has some 300 bytes.</summary>
    public const int RowsMax = 50_000;

    /// <summary>Rows that one question gives at most, the newest.</summary>
    public const int AnswerMax = 5000;

    private readonly ConsoleDatabase _database;

    public ChangeLedger(ConsoleDatabase database)
    {
        _database = database;
        using var connection = database.Open();
        connection.Execute(
            """
            CREATE TABLE IF NOT EXISTS changes (
                number INTEGER PRIMARY KEY, at INTEGER NOT NULL, source TEXT NOT NULL, kind TEXT NOT NULL,
                namespace TEXT NOT NULL, name TEXT NOT NULL, what TEXT NOT NULL, detail TEXT NOT NULL,
                actor TEXT NOT NULL, key TEXT NOT NULL UNIQUE);
            CREATE INDEX IF NOT EXISTS changes_by_time ON changes (at);
            CREATE TABLE IF NOT EXISTS changes_fed (source TEXT PRIMARY KEY, at INTEGER NOT NULL);
            """);
    }

    /// <summary>Keeps a change.</summary>
    /// <returns>false where one with its key is kept already</returns>
    public bool Append(Change change)
    {
        using var connection = _database.Open();
        return connection.Execute(
            """
            INSERT INTO changes (at, source, kind, namespace, name, what, detail, actor, key)
            VALUES ($at, $source, $kind, $namespace, $name, $what, $detail, $actor, $key) ON CONFLICT (key) DO NOTHING
            """,
            ("$at", change.At),
            ("$source", change.Source),
            ("$kind", change.Kind),
            ("$namespace", change.Namespace),
            ("$name", change.Name),
            ("$what", change.What),
            ("$detail", change.Detail),
            ("$actor", change.Actor),
            ("$key", change.Key)) == 1;
    }

    /// <summary>Changes from a moment (included) to another (not included), the newest first.</summary>
    public ImmutableArray<Change> Between(DateTimeOffset from, DateTimeOffset to)
    {
        using var connection = _database.Open();
        using var command = connection.Command(
            $"""
            SELECT * FROM changes WHERE at >= $from AND at < $to ORDER BY at DESC, number DESC LIMIT {AnswerMax}
            """,
            ("$from", from),
            ("$to", to));
        using var row = command.ExecuteReader();
        var found = ImmutableArray.CreateBuilder<Change>();
        while (row.Read())
        {
            found.Add(new Change
            {
                At = row.Time("at"),
                Source = row.Text("source"),
                Kind = row.Text("kind"),
                Namespace = row.Text("namespace"),
                Name = row.Text("name"),
                What = row.Text("what"),
                Detail = row.Text("detail"),
                Actor = row.Text("actor"),
                Key = row.Text("key"),
            });
        }

        return found.ToImmutable();
    }

    /// <summary>Says that a source was heard at a moment, whether or not anything had changed.</summary>
    public void Fed(string source, DateTimeOffset at)
    {
        using var connection = _database.Open();
        connection.Execute(
            """
            INSERT INTO changes_fed (source, at) VALUES ($source, $at)
            ON CONFLICT (source) DO UPDATE SET at = max(at, excluded.at)
            """,
            ("$source", source),
            ("$at", at));
    }

    /// <summary>When each source was last heard. What happened since is not in the ledger.</summary>
    public ImmutableSortedDictionary<string, DateTimeOffset> FedAt()
    {
        using var connection = _database.Open();
        using var command = connection.Command("SELECT source, at FROM changes_fed");
        using var row = command.ExecuteReader();
        var fed = ImmutableSortedDictionary.CreateBuilder<string, DateTimeOffset>(StringComparer.Ordinal);
        while (row.Read())
        {
            fed[row.Text("source")] = row.Time("at");
        }

        return fed.ToImmutable();
    }

    /// <summary>Forgets what is older than the retention, and the oldest above the bound of rows.</summary>
    public void Forget(DateTimeOffset now)
    {
        using var connection = _database.Open();
        connection.Execute("DELETE FROM changes WHERE at < $before", ("$before", now - Retention));
        connection.Execute(
            """
            DELETE FROM changes WHERE number IN
                (SELECT number FROM changes ORDER BY at DESC, number DESC LIMIT -1 OFFSET $rows)
            """,
            ("$rows", RowsMax));
    }
}
