using Mainstay.ConsoleSite.Actions;
using Mainstay.ConsoleSite.Memory;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Time.Testing;

namespace Mainstay.Tests.ConsoleSite.Actions;

public sealed class ActionHeartbeatTests : IAsyncDisposable
{
    private static readonly DateTimeOffset Start = new(2017, 10, 27, 14, 26, 0, TimeSpan.Zero);

    private readonly string _folder = Directory.CreateTempSubdirectory("beats-").FullName;
    private readonly FakeTimeProvider _time = new(Start);
    private readonly ConsoleDatabase _database;
    private readonly ActionLedger _ledger;
    private readonly ActionHeartbeat _heartbeat;
    private readonly CancellationTokenSource _stop = new();
    private readonly CancellationTokenSource _ended = new();

    public ActionHeartbeatTests()
    {
        _database = new ConsoleDatabase(_folder);
        _ledger = new ActionLedger(_database);
        _ledger.Add(new ActionRecord
        {
            Id = "a", Verb = "restart", Target = "routers", Actor = "anna", PlannedAt = Start,
        });
        Assert.True(_ledger.TryStart("a", Start));
        _heartbeat = new ActionHeartbeat(_ledger, "a", _time);
    }

    public async ValueTask DisposeAsync()
    {
        await _ended.CancelAsync();
        _ended.Dispose();
        _stop.Dispose();
        SqliteConnection.ClearAllPools();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task A_file_that_refuses_a_few_beats_costs_nothing()
    {
        var beats = _heartbeat.RunAsync(_stop, _ended.Token);
        Execute(Refusal);
        for (var second = 0; second < 5; second++)
        {
            _time.Advance(ActionEngine.LookInterval);
        }

        Execute("DROP TRIGGER full");
        _time.Advance(ActionEngine.LookInterval);
        await UntilAsync(() => BeatAt() > Start, goesOn: false);
        Assert.Equal(("", false), (_heartbeat.Lost, _stop.IsCancellationRequested));

        await _ended.CancelAsync();
        await beats;
        Assert.False(_stop.IsCancellationRequested);
    }

    [Fact]
    public async Task A_file_that_refuses_them_for_long_stops_the_action_before_another_may_begin()
    {
        Execute(Refusal);
        var beats = _heartbeat.RunAsync(_stop, _ended.Token);

        await UntilAsync(() => beats.IsCompleted);

        Assert.Contains("database or disk is full", _heartbeat.Lost, StringComparison.Ordinal);
        Assert.True(_stop.IsCancellationRequested);
        Assert.True(ActionHeartbeat.LostAfter + TimeSpan.FromSeconds(ConsoleDatabase.BusySeconds)
            < ActionLedger.HeartbeatLimit);
    }

    [Fact]
    public async Task A_lock_that_another_took_stops_the_action()
    {
        Assert.Single(_ledger.HaltAbandoned(Start + ActionLedger.HeartbeatLimit * 2));
        var beats = _heartbeat.RunAsync(_stop, _ended.Token);

        await UntilAsync(() => beats.IsCompleted);

        Assert.Contains("another process held it for dead", _heartbeat.Lost, StringComparison.Ordinal);
        Assert.True(_stop.IsCancellationRequested);
    }

    private const string Refusal =
        """
        CREATE TRIGGER full BEFORE UPDATE OF beat_at ON action
        BEGIN SELECT RAISE(ABORT, 'database or disk is full'); END
        """;

    private DateTimeOffset BeatAt()
    {
        using var connection = _database.Open();
        using var command = connection.CreateCommand();
        command.CommandText = "SELECT beat_at FROM action WHERE id = 'a'";
        return DateTimeOffset.FromUnixTimeMilliseconds((long)command.ExecuteScalar()!);
    }

    private void Execute(string statement)
    {
        using var connection = _database.Open();
        using var command = connection.CreateCommand();
        command.CommandText = statement;
        command.ExecuteNonQuery();
    }

    /// <param name="goesOn">seconds go by until it is so</param>
    private async Task UntilAsync(Func<bool> isSo, bool goesOn = true)
    {
        using var late = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        while (!isSo())
        {
            late.Token.ThrowIfCancellationRequested();
            _time.Advance(goesOn ? ActionEngine.LookInterval : TimeSpan.Zero);
            await Task.Yield();
        }
    }
}
