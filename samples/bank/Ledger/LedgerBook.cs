using System.Diagnostics.CodeAnalysis;
using Bank.Shared;
using Microsoft.Data.Sqlite;

namespace Bank.Ledger;

/// <summary>
/// The writing side of the ledger's file. One owner, one thread: <see cref="LedgerWriter"/>. Bookings of one call share
/// one commit; each is decided as if they came one after the other.
/// </summary>
internal sealed class LedgerBook : IDisposable
{
    private readonly SqliteConnection _connection;
    private readonly TimeProvider _time;
    private readonly SqliteCommand _findDecision;
    private readonly SqliteCommand _findAccount;
    private readonly SqliteCommand _addDecision;
    private readonly SqliteCommand _addEntry;
    private readonly SqliteCommand _addToBalance;

    private LedgerBook(SqliteConnection connection, TimeProvider time)
    {
        _connection = connection;
        _time = time;
        _findDecision = Command(
            """
            SELECT sequence, kind, debit, credit, amount, reference, decided_at_ms, refusal FROM decision WHERE id = $id
            """,
            "$id");
        _findAccount = Command("SELECT balance, may_go_below_zero FROM account WHERE id = $id", "$id");
        _addDecision = Command(
            """
            INSERT INTO decision(id, kind, debit, credit, amount, reference, decided_at_ms, refusal)
            VALUES ($id, $kind, $debit, $credit, $amount, $reference, $at, $refusal) RETURNING sequence
            """,
            "$id", "$kind", "$debit", "$credit", "$amount", "$reference", "$at", "$refusal");
        _addEntry = Command(
            "INSERT INTO entry(sequence, account, amount) VALUES ($sequence, $account, $amount)",
            "$sequence", "$account", "$amount");
        _addToBalance = Command("UPDATE account SET balance = balance + $amount WHERE id = $id", "$amount", "$id");
    }

    /// <summary>Opens the file, makes it if absent, and books the seed that is not booked yet.</summary>
    public static LedgerBook Open(string file, TimeProvider time)
    {
        var connection = new SqliteConnection(
            new SqliteConnectionStringBuilder { DataSource = file, Pooling = false }.ToString());
        try
        {
            connection.Open();
            Execute(connection, LedgerSchema.Writer);
            Execute(connection, LedgerSchema.Create);
            var book = new LedgerBook(connection, time);
            book.SeedAccounts();
            book.Book([.. Seed.Bookings()]);
            return book;
        }
        catch (SqliteException fault)
        {
            connection.Dispose();
            throw new StartFault($"the ledger's file {file} cannot be used: {fault.Message}");
        }
    }

    /// <summary>Decides each booking, in order, in one commit. When this returns, the decisions are on disk.</summary>
    public IReadOnlyList<Answer<Receipt>> Book(IReadOnlyList<Booking> bookings)
    {
        var answers = new List<Answer<Receipt>>(bookings.Count);
        using var transaction = _connection.BeginTransaction(deferred: false);
        foreach (var booking in bookings)
        {
            answers.Add(Decide(booking, transaction));
        }

        transaction.Commit();
        return answers;
    }

    public void Dispose()
    {
        foreach (var command in (ReadOnlySpan<SqliteCommand>)
                 [_findDecision, _findAccount, _addDecision, _addEntry, _addToBalance])
        {
            command.Dispose();
        }

        _connection.Dispose();
    }

    private Answer<Receipt> Decide(Booking booking, SqliteTransaction transaction)
    {
        if (Find(booking.Id, transaction) is { } earlier)
        {
            return earlier.AnswerTo(booking);
        }

        if (BalanceOf(booking.From, transaction) is not { } from)
        {
            return Problem.NotFound("account", booking.From) with { Field = "from" };
        }

        if (BalanceOf(booking.To, transaction) is null)
        {
            return Problem.NotFound("account", booking.To) with { Field = "to" };
        }

        // The balance stays out of the answer: the payer may not be the one who asks.
        var refusal = !from.MayGoBelowZero && from.Balance < booking.Amount ? Decision.InsufficientFunds : null;
        var decision = new Decision(booking, 0, _time.GetUtcNow().ToUnixTimeMilliseconds(), refusal);
        decision = decision with { Sequence = Add(decision, transaction) };
        if (refusal is null)
        {
            Move(decision.Sequence, booking.From, -booking.Amount, transaction);
            Move(decision.Sequence, booking.To, booking.Amount, transaction);
        }

        return decision.AnswerTo(booking);
    }

    private Decision? Find(string id, SqliteTransaction transaction)
    {
        using var row = Bind(_findDecision, transaction, id).ExecuteReader();
        return row.Read() ? Decision.Read(id, row) : null;
    }

    private (long Balance, bool MayGoBelowZero)? BalanceOf(string account, SqliteTransaction transaction)
    {
        using var row = Bind(_findAccount, transaction, account).ExecuteReader();
        return row.Read() ? (row.GetInt64(0), row.GetInt64(1) == 1) : null;
    }

    private long Add(Decision decision, SqliteTransaction transaction)
    {
        var (id, kind, debit, credit) = (decision.Id, decision.Kind, decision.From, decision.To);
        var command = Bind(
            _addDecision, transaction, id, kind, debit, credit, decision.Amount, decision.Reference, decision.AtMs,
            decision.Refusal);
        return command.ExecuteScalar() is long sequence
            ? sequence
            : throw new InvalidOperationException("an INSERT ... RETURNING returned no sequence");
    }

    private void Move(long sequence, string account, long amount, SqliteTransaction transaction)
    {
        Bind(_addEntry, transaction, sequence, account, amount).ExecuteNonQuery();
        Bind(_addToBalance, transaction, amount, account).ExecuteNonQuery();
    }

    private void SeedAccounts()
    {
        using var transaction = _connection.BeginTransaction(deferred: false);
        using var add = Command(
            "INSERT INTO account(id, may_go_below_zero, balance) VALUES ($id, $below, 0) ON CONFLICT DO NOTHING",
            "$id", "$below");
        foreach (var id in Seed.Accounts.Keys.Order(StringComparer.Ordinal).Append(Seed.Funding))
        {
            Bind(add, transaction, id, id == Seed.Funding ? 1L : 0L).ExecuteNonQuery();
        }

        transaction.Commit();
    }

    [SuppressMessage("Security", "CA2100", Justification = "the callers give constants")]
    private SqliteCommand Command(string sql, params ReadOnlySpan<string> parameters)
    {
        var command = _connection.CreateCommand();
        command.CommandText = sql;
        foreach (var name in parameters)
        {
            command.Parameters.Add(new SqliteParameter { ParameterName = name });
        }

        return command;
    }

    private static SqliteCommand Bind(
        SqliteCommand command, SqliteTransaction transaction, params ReadOnlySpan<object?> values)
    {
        command.Transaction = transaction;
        for (var index = 0; index < values.Length; index++)
        {
            command.Parameters[index].Value = values[index] ?? DBNull.Value;
        }

        return command;
    }

    [SuppressMessage("Security", "CA2100", Justification = "the callers give constants")]
    private static void Execute(SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }
}
