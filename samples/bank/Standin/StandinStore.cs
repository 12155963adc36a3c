using System.Diagnostics.CodeAnalysis;
using Bank.Shared;
using Microsoft.Data.Sqlite;

namespace Bank.Standin;

/// <summary>A payment that was authorised while the bank could not book it, and what became of it.</summary>
/// <param name="Booking">exactly what payments would have told the ledger: the same id is the same payment</param>
/// <param name="AcceptedAtMs">when it was authorised</param>
/// <param name="State">waiting, booked or refused (by the ledger, afterwards)</param>
/// <param name="Sequence">its place in the ledger's journal; 0 while it is not booked</param>
internal sealed record Authorised(Booking Booking, long AcceptedAtMs, string State, long Sequence = 0);

/// <summary>
/// The file of standin: a copy of the balances as the ledger's journal tells them, and the queue of what was
/// authorised. What is acknowledged is on the disk. One connection, one lock; thread safe.
///
///     balance   acc-alice | 99500
///     progress  journal up to sequence 812
///     journal   p6 | acc-alice | merchant-train | 300 | 812      the last ten thousand: what was booked by others
///     queue     p7 | acc-alice | merchant-train | 500 | waiting
/// </summary>
internal sealed class StandinStore : IDisposable
{
    private const string Schema = """
        PRAGMA journal_mode = WAL;
        PRAGMA synchronous = FULL;
        PRAGMA busy_timeout = 5000;
        CREATE TABLE IF NOT EXISTS balance(account TEXT NOT NULL PRIMARY KEY, amount INTEGER NOT NULL)
          STRICT, WITHOUT ROWID;
        CREATE TABLE IF NOT EXISTS progress(one INTEGER PRIMARY KEY CHECK (one = 1), sequence INTEGER NOT NULL) STRICT;
        INSERT INTO progress(one, sequence) VALUES (1, 0) ON CONFLICT DO NOTHING;
        CREATE TABLE IF NOT EXISTS queue(
          number INTEGER PRIMARY KEY,
          id TEXT NOT NULL UNIQUE,
          debit TEXT NOT NULL,
          credit TEXT NOT NULL,
          amount INTEGER NOT NULL CHECK (amount > 0),
          reference TEXT,
          accepted_at_ms INTEGER NOT NULL,
          state TEXT NOT NULL CHECK (state IN ('waiting', 'booked', 'refused')),
          sequence INTEGER NOT NULL DEFAULT 0
        ) STRICT;
        CREATE TABLE IF NOT EXISTS journal(
          sequence INTEGER PRIMARY KEY,
          id TEXT NOT NULL UNIQUE,
          kind TEXT NOT NULL,
          debit TEXT NOT NULL,
          credit TEXT NOT NULL,
          amount INTEGER NOT NULL,
          reference TEXT,
          accepted_at_ms INTEGER NOT NULL
        ) STRICT;
        CREATE INDEX IF NOT EXISTS queue_waiting ON queue(state, number);
        """;

    private readonly Lock _lock = new();
    private readonly SqliteConnection _connection;

    private StandinStore(SqliteConnection connection) => _connection = connection;

    /// <exception cref="StartFault">the file cannot be used</exception>
    public static StandinStore Open(string file)
    {
        var connection = new SqliteConnection(
            new SqliteConnectionStringBuilder { DataSource = file, Pooling = false }.ToString());
        try
        {
            connection.Open();
            using var command = connection.CreateCommand();
            command.CommandText = Schema;
            command.ExecuteNonQuery();
            var store = new StandinStore(connection);
            store.AddSequence();
            return store;
        }
        catch (SqliteException fault)
        {
            connection.Dispose();
            throw new StartFault($"the file of standin {file} cannot be used: {fault.Message}");
        }
    }

    /// <summary>The sequence of the ledger's journal up to which the balances are known.</summary>
    public long Sequence => Number("SELECT sequence FROM progress");

    /// <summary>A page of the journal, once: pages that were taken before change nothing.</summary>
    public void Take(JournalPage page)
    {
        lock (_lock)
        {
            using var transaction = _connection.BeginTransaction(deferred: false);
            using var known = Command("SELECT sequence FROM progress");
            var sequence = known.ExecuteScalar() is long at ? at : 0;
            foreach (var receipt in page.Items.Where(item => item.Sequence > sequence))
            {
                AddLocked(receipt.From, -receipt.Amount);
                AddLocked(receipt.To, receipt.Amount);
                KeepLocked(receipt);
            }

            using var forget = Command(
                "DELETE FROM journal WHERE sequence <= (SELECT max(sequence) FROM journal) - $n",
                ("$n", Limits.StandinJournalMax));
            forget.ExecuteNonQuery();
            using var progress = Command("UPDATE progress SET sequence = $n", ("$n", Math.Max(sequence, page.Next)));
            progress.ExecuteNonQuery();
            transaction.Commit();
        }
    }

    /// <summary>
    /// Decides and keeps in one step, so that two payments cannot spend the same money. What the ledger has booked
    /// under this id, whoever told it, is answered as booked. Money is held until the copy has its booking.
    /// </summary>
    /// <param name="booking">what is to be authorised</param>
    /// <param name="nowMs">the time</param>
    /// <param name="judge">from balance and what is held of the account to why not, or null</param>
    public Answer<Authorised> Authorise(Booking booking, long nowMs, Func<long, long, Problem?> judge)
    {
        lock (_lock)
        {
            if (FindLocked(booking.Id) is { } earlier)
            {
                return earlier.Booking == booking
                    ? earlier
                    : new Problem("id-reused", 409, $"{booking.Id} exists with other content", "id");
            }

            var balance = Scalar("SELECT amount FROM balance WHERE account = $a", ("$a", booking.From));
            var held = Scalar(
                """
                SELECT coalesce(sum(amount), 0) FROM queue WHERE debit = $a AND (state = 'waiting'
                  OR state = 'booked' AND sequence > (SELECT sequence FROM progress))
                """,
                ("$a", booking.From));
            if (judge(balance, held) is { } problem)
            {
                return problem;
            }

            using var add = Command(
                """
                INSERT INTO queue(id, debit, credit, amount, reference, accepted_at_ms, state)
                VALUES ($id, $debit, $credit, $amount, $reference, $at, 'waiting')
                """,
                ("$id", booking.Id), ("$debit", booking.From), ("$credit", booking.To), ("$amount", booking.Amount),
                ("$reference", booking.Reference ?? (object)DBNull.Value), ("$at", nowMs));
            add.ExecuteNonQuery();
            return new Authorised(booking, nowMs, "waiting");
        }
    }

    /// <summary>Those that the ledger has not decided yet, oldest first.</summary>
    public IReadOnlyList<Authorised> Waiting(int countMax)
    {
        lock (_lock)
        {
            using var command = Command(
                $"""
                SELECT {Columns} FROM (SELECT *, '{StandinService.Kind}' AS kind FROM queue)
                WHERE state = 'waiting' ORDER BY number LIMIT $n
                """,
                ("$n", countMax));
            using var row = command.ExecuteReader();
            var waiting = new List<Authorised>();
            while (row.Read())
            {
                waiting.Add(Read(row));
            }

            return waiting;
        }
    }

    /// <summary>What the ledger said in the end.</summary>
    /// <param name="id">of the payment</param>
    /// <param name="sequence">its place in the ledger's journal; null: the ledger refused it</param>
    public void Settle(string id, long? sequence)
    {
        lock (_lock)
        {
            using var command = Command(
                "UPDATE queue SET state = $s, sequence = $n WHERE id = $id",
                ("$s", sequence is null ? "refused" : "booked"), ("$n", sequence ?? 0), ("$id", id));
            command.ExecuteNonQuery();
        }
    }

    public long Count(string state)
    {
        lock (_lock)
        {
            return Scalar("SELECT count(*) FROM queue WHERE state = $s", ("$s", state));
        }
    }

    public void Dispose() => _connection.Dispose();

    private const string Columns = "id, debit, credit, amount, reference, accepted_at_ms, state, sequence, kind";

    private Authorised? FindLocked(string id)
    {
        using var command = Command(
            $"""
            SELECT {Columns} FROM (SELECT *, '{StandinService.Kind}' AS kind FROM queue) WHERE id = $id
            UNION ALL
            SELECT id, debit, credit, amount, reference, accepted_at_ms, 'booked', sequence, kind FROM journal
              WHERE id = $id
            LIMIT 1
            """,
            ("$id", id));
        using var row = command.ExecuteReader();
        return row.Read() ? Read(row) : null;
    }

    private void KeepLocked(Receipt receipt)
    {
        using var command = Command(
            """
            INSERT INTO journal(sequence, id, kind, debit, credit, amount, reference, accepted_at_ms)
            VALUES ($n, $id, $kind, $debit, $credit, $amount, $reference, $at) ON CONFLICT DO NOTHING
            """,
            ("$n", receipt.Sequence), ("$id", receipt.Id), ("$kind", receipt.Kind), ("$debit", receipt.From),
            ("$credit", receipt.To), ("$amount", receipt.Amount),
            ("$reference", receipt.Reference ?? (object)DBNull.Value),
            ("$at", receipt.BookedAt.ToUnixTimeMilliseconds()));
        command.ExecuteNonQuery();
    }

    /// <summary>A file of before the queue knew places in the journal gets the column.</summary>
    private void AddSequence()
    {
        if (Number("SELECT count(*) FROM pragma_table_info('queue') WHERE name = 'sequence'") == 0)
        {
            using var command = Command("ALTER TABLE queue ADD COLUMN sequence INTEGER NOT NULL DEFAULT 0");
            command.ExecuteNonQuery();
        }
    }

    private static Authorised Read(SqliteDataReader row) => new(
        new Booking
        {
            Id = row.GetString(0),
            Kind = row.GetString(8),
            From = row.GetString(1),
            To = row.GetString(2),
            Amount = row.GetInt64(3),
            Reference = row.IsDBNull(4) ? null : row.GetString(4),
        },
        row.GetInt64(5),
        row.GetString(6),
        row.GetInt64(7));

    private void AddLocked(string account, long amount)
    {
        using var command = Command(
            "INSERT INTO balance VALUES ($a, $n) ON CONFLICT (account) DO UPDATE SET amount = amount + $n",
            ("$a", account), ("$n", amount));
        command.ExecuteNonQuery();
    }

    private long Number(string sql)
    {
        lock (_lock)
        {
            return Scalar(sql);
        }
    }

    private long Scalar(string sql, params ReadOnlySpan<(string Name, object Value)> values)
    {
        using var command = Command(sql, values);
        return command.ExecuteScalar() is long number ? number : 0;
    }

    [SuppressMessage("Security", "CA2100", Justification = "the callers give constants")]
    private SqliteCommand Command(string sql, params ReadOnlySpan<(string Name, object Value)> values)
    {
        var command = _connection.CreateCommand();
        command.CommandText = sql;
        foreach (var (name, value) in values)
        {
            command.Parameters.AddWithValue(name, value);
        }

        return command;
    }
}
