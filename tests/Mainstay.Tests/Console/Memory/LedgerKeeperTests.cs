using Mainstay.ConsoleSite.Actions;
using Mainstay.ConsoleSite.Changes;
using Mainstay.ConsoleSite.Memory;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace Mainstay.Tests.ConsoleSite.Memory;

public sealed class LedgerKeeperTests : IDisposable
{
    private static readonly DateTimeOffset Start = new(2017, 10, 27, 14, 26, 0, TimeSpan.Zero);

    private readonly string _folder = Directory.CreateTempSubdirectory("keeper-").FullName;
    private readonly FakeTimeProvider _time = new(Start);
    private readonly ConsoleDatabase _database;
    private readonly ActionLedger _actions;
    private readonly ChangeLedger _changes;
    private readonly LedgerKeeper _keeper;

    public LedgerKeeperTests()
    {
        _database = new ConsoleDatabase(_folder);
        (_actions, _changes) = (new ActionLedger(_database), new ChangeLedger(_database));
        _keeper = new LedgerKeeper(_changes, _actions, _time, NullLogger<LedgerKeeper>.Instance);
    }

    public void Dispose()
    {
        SqliteConnection.ClearAllPools();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public void An_action_whose_process_was_killed_is_halted_within_seconds_and_a_line_of_the_change_ledger()
    {
        Begin("a", Start);
        _keeper.Turn();
        Assert.Equal(ActionState.Running, _actions.Find("a")!.State);

        _time.Advance(ActionLedger.HeartbeatLimit + TimeSpan.FromSeconds(1));
        _keeper.Turn();
        _keeper.Turn();

        Assert.Equal(ActionState.Halted, _actions.Find("a")!.State);
        Assert.Contains(
            "restart routers halted: no heartbeat", Assert.Single(_changes.Between(Start, Start.AddDays(1))).Detail,
            StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_older_than_the_retention_is_forgotten_each_hour_in_both_ledgers()
    {
        Begin("a", Start);
        _time.Advance(TimeSpan.FromMinutes(1));
        _keeper.Turn();
        Assert.NotNull(_actions.Find("a"));

        _time.Advance(ChangeLedger.Retention + TimeSpan.FromMinutes(1));
        _keeper.Turn();

        Assert.Null(_actions.Find("a"));
        Assert.Empty(_changes.Between(Start, Start.AddDays(1)));
    }

    [Fact]
    public void A_file_that_cannot_be_written_ends_nothing_and_is_tried_again()
    {
        Begin("a", Start);
        Execute("ALTER TABLE action RENAME TO away");
        _time.Advance(ActionLedger.HeartbeatLimit * 2);
        _keeper.Turn();

        Execute("ALTER TABLE away RENAME TO action");
        _keeper.Turn();
        Assert.Equal(ActionState.Halted, _actions.Find("a")!.State);
    }

    private void Begin(string id, DateTimeOffset at)
    {
        _actions.Add(new ActionRecord
        {
            Id = id, Verb = "restart", Target = "routers", Actor = "anna", PlannedAt = at,
        });
        Assert.True(_actions.TryStart(id, at));
    }

    private void Execute(string statement)
    {
        using var connection = _database.Open();
        using var command = connection.CreateCommand();
        command.CommandText = statement;
        command.ExecuteNonQuery();
    }
}
