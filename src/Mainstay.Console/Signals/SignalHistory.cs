using System.Collections.Immutable;
using Mainstay.ConsoleSite.Memory;
using Mainstay.Kernel.Signals;
using Microsoft.Data.Sqlite;

namespace Mainstay.ConsoleSite.Signals;

/// <summary>A signal began or ended.</summary>
/// <param name="At">when it was seen to</param>
/// <param name="Raised">began; else it ended</param>
/// <param name="Root">the name of the root that it stood under then; its own where it was one</param>
/// <param name="Summary">its figures then</param>
public sealed record SignalEvent(
    DateTimeOffset At, bool Raised, string Name, string Subject, Severity Severity, string Root, string Summary)
{
    public static SignalEvent Of(Signal signal, bool raised, string root, DateTimeOffset at) =>
        new(at, raised, signal.Name, signal.Subject, signal.Severity, root, signal.Reading.Summary);
}

/// <summary>
/// What signals began and ended, in the console's memory. Appending is atomic; the oldest events beyond
/// <see cref="Limits.SignalEventsMax"/> are dropped. The table is made by the first use that can. Thread safe.
/// </summary>
public sealed class SignalHistory(ConsoleDatabase database)
{
    public void Append(IReadOnlyList<SignalEvent> events)
    {
        if (events.Count == 0)
        {
            return;
        }

        using var connection = OpenTable();
        using var transaction = connection.BeginTransaction();
        foreach (var happened in events)
        {
            using var insert = connection.CreateCommand();
            insert.CommandText =
                "INSERT INTO signal_event (at_ms, raised, name, subject, severity, root, summary) "
                + "VALUES ($at, $raised, $name, $subject, $severity, $root, $summary)";
            insert.Parameters.AddWithValue("$at", happened.At.ToUnixTimeMilliseconds());
            insert.Parameters.AddWithValue("$raised", happened.Raised ? 1 : 0);
            insert.Parameters.AddWithValue("$name", happened.Name);
            insert.Parameters.AddWithValue("$subject", happened.Subject);
            insert.Parameters.AddWithValue("$severity", (int)happened.Severity);
            insert.Parameters.AddWithValue("$root", happened.Root);
            insert.Parameters.AddWithValue("$summary", happened.Summary);
            insert.ExecuteNonQuery();
        }

        using var trim = connection.CreateCommand();
        trim.CommandText = "DELETE FROM signal_event WHERE id <= (SELECT max(id) FROM signal_event) - $max";
        trim.Parameters.AddWithValue("$max", Limits.SignalEventsMax);
        trim.ExecuteNonQuery();
        transaction.Commit();
    }

    /// <summary>Events of <paramref name="from"/> up to and without <paramref name="to"/>, the oldest first.</summary>
    public ImmutableArray<SignalEvent> Between(DateTimeOffset from, DateTimeOffset to)
    {
        using var connection = OpenTable();
        using var command = connection.CreateCommand();
        command.CommandText =
            "SELECT at_ms, raised, name, subject, severity, root, summary FROM signal_event "
            + "WHERE at_ms >= $from AND at_ms < $to ORDER BY at_ms, id";
        command.Parameters.AddWithValue("$from", from.ToUnixTimeMilliseconds());
        command.Parameters.AddWithValue("$to", to.ToUnixTimeMilliseconds());
        return Read(command);
    }

    /// <summary>Those that began and, as far as was written, have not ended: what a console starts from.</summary>
    public ImmutableArray<SignalEvent> Open()
    {
        using var connection = OpenTable();
        using var command = connection.CreateCommand();
        command.CommandText =
            "SELECT at_ms, raised, name, subject, severity, root, summary FROM signal_event "
            + "WHERE id IN (SELECT max(id) FROM signal_event GROUP BY name, subject) AND raised = 1 ORDER BY id";
        return Read(command);
    }

    private SqliteConnection OpenTable()
    {
        var connection = database.Open();
        try
        {
            using var command = connection.CreateCommand();
            command.CommandText =
                """
                CREATE TABLE IF NOT EXISTS signal_event (
                    id INTEGER PRIMARY KEY AUTOINCREMENT,
                    at_ms INTEGER NOT NULL,
                    raised INTEGER NOT NULL,
                    name TEXT NOT NULL,
                    subject TEXT NOT NULL,
                    severity INTEGER NOT NULL,
                    root TEXT NOT NULL,
                    summary TEXT NOT NULL);
                CREATE INDEX IF NOT EXISTS signal_event_at ON signal_event (at_ms);
                """;
            command.ExecuteNonQuery();
            return connection;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    private static ImmutableArray<SignalEvent> Read(SqliteCommand command)
    {
        var events = ImmutableArray.CreateBuilder<SignalEvent>();
        using var row = command.ExecuteReader();
        while (row.Read())
        {
            events.Add(new SignalEvent(
                DateTimeOffset.FromUnixTimeMilliseconds(row.GetInt64(0)),
                row.GetInt64(1) != 0,
                row.GetString(2),
                row.GetString(3),
                (Severity)Math.Clamp(row.GetInt32(4), (int)Severity.Info, (int)Severity.Critical),
                row.GetString(5),
                row.GetString(6)));
        }

        return events.ToImmutable();
    }
}
