using Mainstay.ConsoleSite.Actions;
using Mainstay.ConsoleSite.Changes;
using Mainstay.ConsoleSite.Memory;
using Microsoft.Data.Sqlite;

namespace Mainstay.Tests.ConsoleSite.Actions;

public sealed class ActionLedgerTests : IDisposable
{
    private static readonly DateTimeOffset Start = new(2017, 10, 27, 14, 26, 0, TimeSpan.Zero);

    private readonly string _folder = Directory.CreateTempSubdirectory("actions-").FullName;

    public void Dispose()
    {
        SqliteConnection.ClearAllPools();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public void What_was_done_is_read_by_another_process()
    {
        var ledger = Ledger();
        ledger.Add(Action("a") with { PlanJson = """{"waves":2}""" });
        Assert.True(ledger.TryStart("a", Start.AddSeconds(1)));
        ledger.Append("a", new ActionStep(Start.AddSeconds(2), "router/node-1", "restart", "the first of three"));
        ledger.Append("a", new ActionStep(Start.AddSeconds(3), "router/node-1", "ready", "after 0.9 s"));
        ledger.End(Action("a") with
        {
            State = ActionState.Done, EndedAt = Start.AddSeconds(4), Outcome = "all are back",
        });

        var found = Assert.Single(Ledger().Between(Start, Start.AddDays(1)));

        Assert.Equal(ActionState.Done, found.State);
        Assert.Equal(("restart", "routers", "anna"), (found.Verb, found.Target, found.Actor));
        Assert.Equal((Start, Start.AddSeconds(1), Start.AddSeconds(4)),
            (found.PlannedAt, found.StartedAt!.Value, found.EndedAt!.Value));
        Assert.Equal("""{"waves":2}""", found.PlanJson);
        Assert.Equal(["restart", "ready"], found.Steps.Select(step => step.What));
        Assert.Equal("all are back", found.Outcome);
    }

    [Fact]
    public void Two_actions_never_run_at_the_same_time()
    {
        var (one, other) = (Ledger(), Ledger());
        foreach (var number in Enumerable.Range(0, 20))
        {
            one.Add(Action($"a{number}"));
        }

        var started = 0;
        Parallel.For(0, 20, number =>
        {
            if ((number % 2 == 0 ? one : other).TryStart($"a{number}", Start))
            {
                Interlocked.Increment(ref started);
            }
        });

        Assert.Equal(1, started);
        var running = one.Running()!;
        one.End(running with { State = ActionState.Done, EndedAt = Start });
        Assert.Null(other.Running());
        Assert.True(other.TryStart(running.Id == "a7" ? "a8" : "a7", Start));
    }

    [Fact]
    public void An_action_whose_process_died_is_told_as_halted_by_the_next_look()
    {
        Ledger().Add(Action("a"));
        Ledger().Add(Action("b"));
        Assert.True(Ledger().TryStart("a", Start));
        Assert.True(Ledger().Beat("a", Start.AddSeconds(2)));
        Ledger().Append("a", new ActionStep(Start.AddSeconds(2), "router/node-2", "restart", ""));

        var limit = Start.AddSeconds(2) + ActionLedger.HeartbeatLimit;
        Assert.Empty(Ledger().HaltAbandoned(limit));
        Assert.False(Ledger().TryStart("b", limit));

        var halted = Assert.Single(Ledger().HaltAbandoned(limit.AddMilliseconds(1)));
        Assert.Equal(ActionState.Halted, halted.State);
        Assert.Contains("router/node-2 restart", halted.Reason, StringComparison.Ordinal);
        Assert.False(Ledger().Beat("a", limit));
        Assert.True(Ledger().TryStart("b", limit));
    }

    [Fact]
    public void A_refused_action_cannot_be_started()
    {
        Ledger().Add(Action("a") with { State = ActionState.Refused, Reason = "not proven" });

        Assert.False(Ledger().TryStart("a", Start));
        Assert.Equal("not proven", Ledger().Find("a")!.Reason);
    }

    [Fact]
    public void Old_actions_are_forgotten_with_their_steps_but_not_one_that_runs()
    {
        var ledger = Ledger();
        ledger.Add(Action("a") with { Steps = [new ActionStep(Start, "", "refuse", "")] });
        ledger.Add(Action("b"));
        ledger.Add(Action("c") with { PlannedAt = Start.AddDays(2) });
        ledger.TryStart("b", Start);

        ledger.Forget(Start.AddDays(1) + ChangeLedger.Retention);

        Assert.Equal(["c", "b"], ledger.Between(Start, Start.AddDays(9)).Select(action => action.Id));
    }

    [Fact]
    public void The_oldest_above_the_bound_are_forgotten()
    {
        var ledger = Ledger();
        using (var connection = new ConsoleDatabase(_folder).Open())
        using (var command = connection.CreateCommand())
        {
            command.CommandText =
                $"""
                WITH RECURSIVE n (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < {ActionLedger.KeptMax + 1})
                INSERT INTO action (id, verb, target, actor, planned_at, state, plan, outcome, reason)
                SELECT printf('%06d', i), '', '', '', {Start.ToUnixTimeMilliseconds()} + i, 'done', '', '', ''
                FROM n
                """;
            command.ExecuteNonQuery();
        }

        ledger.Forget(Start);

        Assert.Equal((null, null), (ledger.Find("000000"), ledger.Find("000001")));
        Assert.NotNull(ledger.Find("000002"));
    }

    private ActionLedger Ledger() => new(new ConsoleDatabase(_folder));

    private static ActionRecord Action(string id) => new()
    {
        Id = id,
        Verb = "restart",
        Target = "routers",
        Actor = "anna",
        PlannedAt = Start,
    };
}
