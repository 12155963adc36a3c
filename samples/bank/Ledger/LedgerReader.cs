using Bank.Shared;
using Microsoft.Data.Sqlite;

namespace Bank.Ledger;

/// <summary>
/// The reading side: each read sees one committed state of the file, and never waits for the writer. Thread safe.
/// </summary>
internal sealed class LedgerReader(string file, TimeProvider time)
{
    private readonly string _connectionString = new SqliteConnectionStringBuilder
    {
        DataSource = file,
        Mode = SqliteOpenMode.ReadWrite,
        Pooling = true,
    }.ToString();

    public Answer<Balance> Balance(string account)
    {
        using var connection = Open();
        using var command = connection.CreateCommand();
        command.CommandText = "SELECT balance FROM account WHERE id = $id";
        command.Parameters.AddWithValue("$id", account);
        return command.ExecuteScalar() is long amount
            ? new Balance(account, amount, "GBP", time.GetUtcNow())
            : Problem.NotFound("account", account);
    }

    public Answer<Receipt> Transaction(string id)
    {
        using var connection = Open();
        using var command = connection.CreateCommand();
        command.CommandText = $"SELECT {DecisionColumns} FROM decision WHERE id = $id AND refusal IS NULL";
        command.Parameters.AddWithValue("$id", id);
        using var row = command.ExecuteReader();
        return row.Read() ? Decision.Read(id, row).ToReceipt() : Problem.NotFound("transaction", id);
    }

    /// <summary>What was booked after a sequence, oldest first.</summary>
    public JournalPage Journal(long after, int limit)
    {
        using var connection = Open();
        using var command = connection.CreateCommand();
        command.CommandText =
            $"""
             SELECT {DecisionColumns}, id FROM decision
             WHERE sequence > $after AND refusal IS NULL ORDER BY sequence LIMIT $limit
             """;
        command.Parameters.AddWithValue("$after", after);
        command.Parameters.AddWithValue("$limit", limit);
        return Page(command, after);
    }

    /// <summary>The latest transactions of one account, newest first.</summary>
    public JournalPage Entries(string account, int limit)
    {
        using var connection = Open();
        using var command = connection.CreateCommand();
        command.CommandText =
            $"""
             SELECT {DecisionColumns}, id FROM decision
             WHERE sequence IN (SELECT sequence FROM entry WHERE account = $account ORDER BY sequence DESC LIMIT $limit)
             ORDER BY sequence DESC
             """;
        command.Parameters.AddWithValue("$account", account);
        command.Parameters.AddWithValue("$limit", limit);
        return Page(command, 0);
    }

    public Audit Audit()
    {
        using var connection = Open();
        using var command = connection.CreateCommand();
        command.CommandText = LedgerSchema.Audit;
        using var row = command.ExecuteReader();
        row.Read();
        return new Audit(
            row.GetInt64(0),
            row.GetInt64(1),
            row.GetInt64(2),
            row.GetInt64(3),
            row.GetInt64(4),
            row.GetInt64(5),
            row.GetInt64(6));
    }

    private const string DecisionColumns =
        "sequence, kind, debit, credit, amount, reference, decided_at_ms, refusal";

    private static JournalPage Page(SqliteCommand command, long after)
    {
        var items = new List<Receipt>();
        using var row = command.ExecuteReader();
        while (row.Read())
        {
            items.Add(Decision.Read(row.GetString(8), row).ToReceipt());
        }

        return new JournalPage(items, items.Count == 0 ? after : items.Max(item => item.Sequence));
    }

    private SqliteConnection Open()
    {
        var connection = new SqliteConnection(_connectionString);
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = LedgerSchema.Reader;
        command.ExecuteNonQuery();
        return connection;
    }
}
