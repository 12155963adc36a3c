using System.Collections.Immutable;
using Mainstay.ConsoleSite.Changes;
using Mainstay.ConsoleSite.Memory;
using Microsoft.Data.Sqlite;

namespace Mainstay.ConsoleSite.Actions;

/// <summary>
/// Every guarded action that was asked for, in the console's memory. At most one runs: it holds the lock and renews it
/// by a heartbeat. An action whose heartbeat is older than <see cref="HeartbeatLimit"/> has lost its process, and is
/// told as halted by whoever looks next:
/// <code>
///     10:00:00  TryStart(a)        running, beat 10:00:00
///     10:00:02  Beat(a)            running, beat 10:00:02     TryStart(b) is refused: a runs
///               kill -9
///     10:00:20  HaltAbandoned      a is halted, "its process ended in the middle"; TryStart(b) goes
/// </code>
/// Thread safe, and safe between processes.
/// </summary>
/// <exception cref="SqliteException">thrown by every member where the file cannot be read or written</exception>
public sealed class ActionLedger
{
    /// <summary>An action that has not beaten for this long has lost its process; it beats each second.</summary>
    public static readonly TimeSpan HeartbeatLimit = TimeSpan.FromSeconds(15);

    /// <summary>Rows that <see cref="Between"/> gives at most, the newest.</summary>
    public const int RowsMax = 1000;

    /// <summary>Actions that are kept at most, whatever their age; the oldest go first.</summary>
    public const int KeptMax = 10_000;

    private readonly ConsoleDatabase _database;
    private readonly ChangeLedger _changes;

    public ActionLedger(ConsoleDatabase database)
    {
        (_database, _changes) = (database, new ChangeLedger(database));
        using var connection = database.Open();
        connection.Execute(
            """
            CREATE TABLE IF NOT EXISTS action (
                id TEXT PRIMARY KEY, verb TEXT NOT NULL, target TEXT NOT NULL, actor TEXT NOT NULL,
                planned_at INTEGER NOT NULL, started_at INTEGER, ended_at INTEGER, beat_at INTEGER,
                state TEXT NOT NULL, plan TEXT NOT NULL, outcome TEXT NOT NULL, reason TEXT NOT NULL);
            CREATE INDEX IF NOT EXISTS action_by_time ON action (planned_at);
            CREATE UNIQUE INDEX IF NOT EXISTS action_running ON action (state) WHERE state = 'running';
            CREATE TABLE IF NOT EXISTS action_step (
                number INTEGER PRIMARY KEY, action TEXT NOT NULL REFERENCES action (id) ON DELETE CASCADE,
                at INTEGER NOT NULL, unit TEXT NOT NULL, what TEXT NOT NULL, detail TEXT NOT NULL);
            CREATE INDEX IF NOT EXISTS action_step_by_action ON action_step (action, number);
            """);
    }

    /// <summary>Keeps a new action, planned or refused, with the steps it has.</summary>
    public void Add(ActionRecord action)
    {
        using var connection = _database.Open();
        using var transaction = connection.BeginTransaction();
        connection.Execute(
            """
            INSERT INTO action (id, verb, target, actor, planned_at, started_at, ended_at, state, plan, outcome, reason)
            VALUES ($id, $verb, $target, $actor, $planned, $started, $ended, $state, $plan, $outcome, $reason)
            """,
            ("$id", action.Id),
            ("$verb", action.Verb),
            ("$target", action.Target),
            ("$actor", action.Actor),
            ("$planned", action.PlannedAt),
            ("$started", action.StartedAt),
            ("$ended", action.EndedAt),
            ("$state", action.StateWord),
            ("$plan", action.PlanJson),
            ("$outcome", action.Outcome),
            ("$reason", action.Reason));
        foreach (var step in action.Steps)
        {
            Append(connection, action.Id, step);
        }

        transaction.Commit();
    }

    /// <summary>Takes the lock for a planned action. Call <see cref="HaltAbandoned"/> before.</summary>
    /// <returns>false where another action runs</returns>
    public bool TryStart(string id, DateTimeOffset now)
    {
        using var connection = _database.Open();
        try
        {
            return connection.Execute(
                """
                UPDATE action SET state = 'running', started_at = $now, beat_at = $now
                WHERE id = $id AND state = 'planned'
                """,
                ("$now", now),
                ("$id", id)) == 1;
        }
        catch (SqliteException fault) when (fault.SqliteErrorCode == ConstraintViolated)
        {
            return false;
        }
    }

    /// <summary>Says that the process of a running action lives.</summary>
    /// <returns>false where it no longer holds the lock: it must stop</returns>
    public bool Beat(string id, DateTimeOffset now)
    {
        using var connection = _database.Open();
        return connection.Execute(
            "UPDATE action SET beat_at = $now WHERE id = $id AND state = 'running'", ("$now", now), ("$id", id)) == 1;
    }

    /// <summary>Keeps a step of an action.</summary>
    public void Append(string id, ActionStep step)
    {
        using var connection = _database.Open();
        Append(connection, id, step);
    }

    /// <summary>Ends an action, and gives the lock back.</summary>
    /// <param name="end">state, end, outcome and reason are taken from it</param>
    /// <returns>false where it has ended already, as by <see cref="HaltAbandoned"/>: that end stays</returns>
    public bool End(ActionRecord end)
    {
        using var connection = _database.Open();
        return connection.Execute(
            """
            UPDATE action SET state = $state, ended_at = $ended, outcome = $outcome, reason = $reason
            WHERE id = $id AND state IN ('planned', 'running')
            """,
            ("$state", end.StateWord),
            ("$ended", end.EndedAt),
            ("$outcome", end.Outcome),
            ("$reason", end.Reason),
            ("$id", end.Id)) == 1;
    }

    /// <summary>
    /// Tells of running actions whose process is gone: they become halted, and lines of the change ledger.
    /// </summary>
    /// <returns>those that were found</returns>
    public ImmutableArray<ActionRecord> HaltAbandoned(DateTimeOffset now)
    {
        using var connection = _database.Open();
        var abandoned = Read(
            connection, "state = 'running' AND beat_at < $limit", ("$limit", now - HeartbeatLimit));
        foreach (var action in abandoned)
        {
            var last = action.Steps.IsEmpty ? "" : $"; its last step: {action.Steps[^1].Unit} {action.Steps[^1].What}";
            connection.Execute(
                """
                UPDATE action SET state = 'halted', ended_at = $now, outcome = $outcome, reason = $reason
                WHERE id = $id AND state = 'running' AND beat_at < $limit
                """,
                ("$now", now),
                ("$outcome", "its process ended in the middle"),
                ("$reason", $"no heartbeat for {HeartbeatLimit.TotalSeconds:0} s{last}"),
                ("$limit", now - HeartbeatLimit),
                ("$id", action.Id));
        }

        ImmutableArray<ActionRecord> halted = [.. abandoned.Select(action => Find(action.Id)).OfType<ActionRecord>()];
        foreach (var action in halted)
        {
            _changes.Append(action.ToChange(action.StateWord, now));
        }

        return halted;
    }

    /// <summary>The action that runs, or null.</summary>
    public ActionRecord? Running()
    {
        using var connection = _database.Open();
        return Read(connection, "state = 'running'").FirstOrDefault();
    }

    public ActionRecord? Find(string id)
    {
        using var connection = _database.Open();
        return Read(connection, "id = $id", ("$id", id)).FirstOrDefault();
    }

    /// <summary>Actions asked for from a moment (included) to another (not included), the newest first.</summary>
    public ImmutableArray<ActionRecord> Between(DateTimeOffset from, DateTimeOffset to)
    {
        using var connection = _database.Open();
        return Read(connection, "planned_at >= $from AND planned_at < $to", ("$from", from), ("$to", to));
    }

    /// <summary>Forgets what the change ledger would, and the oldest above the bound, but for one that runs.</summary>
    public void Forget(DateTimeOffset now)
    {
        using var connection = _database.Open();
        connection.Execute(
            """
            DELETE FROM action WHERE state <> 'running' AND (planned_at < $before
                OR id IN (SELECT id FROM action ORDER BY planned_at DESC, id DESC LIMIT -1 OFFSET $rows))
            """,
            ("$before", now - ChangeLedger.Retention),
            ("$rows", KeptMax));
    }

    private const int ConstraintViolated = 19;

    private static void Append(SqliteConnection connection, string id, ActionStep step) => connection.Execute(
        "INSERT INTO action_step (action, at, unit, what, detail) VALUES ($action, $at, $unit, $what, $detail)",
        ("$action", id),
        ("$at", step.At),
        ("$unit", step.Unit),
        ("$what", step.What),
        ("$detail", step.Detail));

    private static ImmutableArray<ActionRecord> Read(
        SqliteConnection connection, string condition, params ReadOnlySpan<(string Name, object? Value)> parameters)
    {
        var found = ImmutableArray.CreateBuilder<ActionRecord>();
        using (var command = connection.Command(
            $"SELECT * FROM action WHERE {condition} ORDER BY planned_at DESC, id DESC LIMIT {RowsMax}", parameters))
        {
            using var row = command.ExecuteReader();
            while (row.Read())
            {
                found.Add(new ActionRecord
                {
                    Id = row.Text("id"),
                    Verb = row.Text("verb"),
                    Target = row.Text("target"),
                    Actor = row.Text("actor"),
                    PlannedAt = row.Time("planned_at"),
                    StartedAt = row.TimeOrNull("started_at"),
                    EndedAt = row.TimeOrNull("ended_at"),
                    State = ActionRecord.StateOf(row.Text("state")),
                    PlanJson = row.Text("plan"),
                    Outcome = row.Text("outcome"),
                    Reason = row.Text("reason"),
                });
            }
        }

        return [.. found.Select(action => action with { Steps = Steps(connection, action.Id) })];
    }

    private static ImmutableArray<ActionStep> Steps(SqliteConnection connection, string id)
    {
        var steps = ImmutableArray.CreateBuilder<ActionStep>();
        using var command = connection.Command(
            "SELECT * FROM action_step WHERE action = $action ORDER BY number", ("$action", id));
        using var row = command.ExecuteReader();
        while (row.Read())
        {
            steps.Add(new ActionStep(row.Time("at"), row.Text("unit"), row.Text("what"), row.Text("detail")));
        }

        return steps.ToImmutable();
    }
}
