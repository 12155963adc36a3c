using System.Collections.Concurrent;
using System.Collections.Immutable;
using Mainstay.ConsoleSite.Actions;
using Mainstay.ConsoleSite.Changes;
using Mainstay.ConsoleSite.Memory;
using Mainstay.Kernel.Signals;
using Microsoft.Data.Sqlite;

namespace Mainstay.Tests.ConsoleSite.Actions;

public sealed class ActionEngineTests : IDisposable
{
    private static readonly DateTimeOffset Start = new(2017, 10, 27, 14, 26, 0, TimeSpan.Zero);

    private readonly string _folder = Directory.CreateTempSubdirectory("engine-").FullName;
    private readonly WaitedForTime _time = new(Start);
    private readonly FakeWorld _world;
    private readonly ConsoleDatabase _database;
    private readonly ActionLedger _actions;
    private readonly ChangeLedger _changes;
    private readonly Said _said = new();

    public ActionEngineTests()
    {
        _database = new ConsoleDatabase(_folder);
        (_actions, _changes) = (new ActionLedger(_database), new ChangeLedger(_database));
        _world = new FakeWorld(_time);
    }

    public void Dispose()
    {
        SqliteConnection.ClearAllPools();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task A_healthy_fleet_is_done_wave_by_wave_and_each_step_is_kept()
    {
        var fleet = new FakeFleet(units: 9, zones: 3);

        var action = await RunAsync(fleet, new ActionRequest("restart", "anna"));

        Assert.Equal((ActionState.Done, "9 of 9 done"), (action.State, action.Outcome));
        Assert.Equal(9, fleet.Acted.Distinct().Count());
        Assert.Equal("router/node-1", fleet.Acted.First());
        Assert.True(fleet.InHandMax <= 3, $"{fleet.InHandMax} at once");
        Assert.Equal(4, action.Steps.Count(step => step.What == "wave"));
        Assert.Equal(4, action.Steps.Count(step => step.What == "baked"));
        Assert.Equal(action.Steps.Length, _said.Words.Count);
        var marks = _changes.Between(Start, Start.AddDays(1)).Select(change => change.Detail);
        Assert.Equal(["restart routers done", "restart routers started"], marks);
        Assert.True(action.EndedAt - action.StartedAt >= 4 * fleet.Traits.Bake, "each wave was watched");
    }

    [Fact]
    public async Task A_fleet_that_is_not_proven_is_not_touched_and_the_refusal_is_kept()
    {
        var fleet = new FakeFleet(units: 3, zones: 3);
        fleet.Proofs["router/node-3"] = UnitProof.Unproven("the proof is 700 s old");

        var action = await RunAsync(fleet, new ActionRequest("restart", "anna"));

        Assert.Equal(ActionState.Refused, action.State);
        Assert.Contains("router/node-3", action.Reason, StringComparison.Ordinal);
        Assert.Empty(fleet.Acted);
        Assert.Contains(
            "restart routers refused", Assert.Single(_changes.Between(Start, Start.AddDays(1))).Detail,
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_unit_that_does_not_come_back_halts_it_and_is_taken_back()
    {
        var fleet = new FakeFleet(units: 3, zones: 3) { Stubborn = { "router/node-2" } };

        var action = await RunAsync(fleet, new ActionRequest("restart", "anna"));

        Assert.Equal((ActionState.Halted, "halted after 1 of 3"), (action.State, action.Outcome));
        Assert.Contains("router/node-2 did not come back", action.Reason, StringComparison.Ordinal);
        Assert.Equal(["router/node-1", "router/node-2"], fleet.Acted);
        Assert.Equal(["router/node-2"], fleet.TakenBack);
        Assert.Null(_actions.Running());
    }

    [Fact]
    public async Task Signals_that_got_worse_halt_it_before_the_next_wave()
    {
        var fleet = new FakeFleet(units: 3, zones: 3);
        fleet.OnAct = _ => _world.Becomes(view => view with
        {
            Signals = [FakeWorld.Signal(SignalCatalog.ServiceFailing, "service/bank/payments", "12 % of calls fail.")],
        });

        var action = await RunAsync(fleet, new ActionRequest("restart", "anna"));

        Assert.Equal(ActionState.Halted, action.State);
        Assert.Contains("service-failing on service/bank/payments", action.Reason, StringComparison.Ordinal);
        Assert.Single(fleet.Acted);
    }

    [Fact]
    public async Task What_lasts_is_taken_back_when_it_made_things_worse()
    {
        var fleet = new FakeFleet(units: 1, zones: 1);
        fleet.Traits = fleet.Traits with { IsTakenBackWhenWorse = true };
        fleet.OnAct = _ => _world.Becomes(view => view with
        {
            Signals = [FakeWorld.Signal(SignalCatalog.ServiceFailing, "service/bank/payments", "12 % of calls fail.")],
        });

        var action = await RunAsync(fleet, new ActionRequest("fallback on", "anna"));

        Assert.Equal((ActionState.Halted, "halted after 0 of 1"), (action.State, action.Outcome));
        Assert.Contains("service-failing on service/bank/payments", action.Reason, StringComparison.Ordinal);
        Assert.EndsWith("the old one stays", action.Reason, StringComparison.Ordinal);
        Assert.Equal(["router/node-1"], fleet.TakenBack);
    }

    [Fact]
    public async Task What_the_units_in_hand_cause_is_waited_for_and_halts_it_only_when_it_stays()
    {
        var stale = new Signal(SignalCatalog.ServiceFailing, "service/bank/feed", Start, new SignalReading("slow.")
        {
            CausedBy = ["router/node-1"],
        });
        var fleet = new FakeFleet(units: 1, zones: 1);
        fleet.OnAct = _ => _world.Becomes(view => view with
        {
            Signals = view.At < Start + fleet.Traits.Bake + TimeSpan.FromSeconds(10) ? [stale] : [],
        });
        Assert.Equal(ActionState.Done, (await RunAsync(fleet, new ActionRequest("restart", "anna"))).State);

        var other = new FakeFleet(units: 1, zones: 1)
        {
            OnAct = _ => _world.Becomes(view => view with { Signals = [stale] }),
        };
        var halted = await RunAsync(other, new ActionRequest("restart", "anna"));
        Assert.Equal(ActionState.Halted, halted.State);
        Assert.Contains("service-failing", halted.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_proof_that_no_longer_holds_halts_it_before_the_unit_is_touched()
    {
        var fleet = new FakeFleet(units: 3, zones: 3);
        fleet.OnAct = _ => fleet.Proofs["router/node-2"] = new UnitProof(
            ProofResult.Unsafe, "the list is null", "api/https://a", new ObjectReference("EndpointSlice", "bank", "x"));

        var action = await RunAsync(fleet, new ActionRequest("restart", "anna"));

        Assert.Equal(ActionState.Halted, action.State);
        Assert.Contains("EndpointSlice bank/x", action.Reason, StringComparison.Ordinal);
        Assert.Single(fleet.Acted);
    }

    [Fact]
    public async Task Asked_to_stop_it_ends_after_the_units_in_hand()
    {
        using var stop = new CancellationTokenSource();
        var fleet = new FakeFleet(units: 3, zones: 3) { OnAct = _ => stop.Cancel() };

        var action = await RunUntilAsync(fleet, new ActionRequest("restart", "anna"), stop.Token);

        Assert.Equal((ActionState.Halted, "it was asked to stop"), (action.State, action.Reason));
        Assert.Single(fleet.Acted);
        Assert.Contains(action.Steps, step => step is { Unit: "router/node-1", What: "well" });
    }

    [Fact]
    public async Task An_override_shortens_the_bake_and_nothing_else_and_is_kept()
    {
        var fleet = new FakeFleet(units: 3, zones: 3);
        var request = new ActionRequest("restart", "anna") { OverrideReason = "the fix must be out by three" };

        var action = await RunAsync(fleet, request);

        Assert.Equal(ActionState.Done, action.State);
        Assert.Equal("override: the fix must be out by three", action.Reason);
        Assert.Equal(3, action.Steps.Count(step => step.What == "wave"));
        Assert.InRange(action.EndedAt!.Value - action.StartedAt!.Value, 3 * fleet.Traits.Bake * 0.2, fleet.Traits.Bake);

        fleet.Proofs["router/node-1"] = UnitProof.Unproven("none");
        Assert.Equal(ActionState.Refused, (await RunAsync(fleet, request)).State);
    }

    [Fact]
    public async Task While_one_runs_another_is_refused_until_its_process_is_known_to_be_gone()
    {
        _actions.Add(new ActionRecord
        {
            Id = "dead", Verb = "restart", Target = "agents", Actor = "ben", PlannedAt = Start,
        });
        Assert.True(_actions.TryStart("dead", Start));
        var fleet = new FakeFleet(units: 1, zones: 1);

        var refused = await RunAsync(fleet, new ActionRequest("restart", "anna"));
        Assert.Contains("another action runs: restart agents by ben", refused.Reason, StringComparison.Ordinal);

        _time.Advance(ActionLedger.HeartbeatLimit + TimeSpan.FromSeconds(1));
        var action = await RunAsync(fleet, new ActionRequest("restart", "anna"));

        Assert.Equal(ActionState.Done, action.State);
        Assert.Equal(ActionState.Halted, _actions.Find("dead")!.State);
    }

    [Fact]
    public async Task A_bug_in_the_middle_leaves_no_action_that_seems_to_run()
    {
        var fleet = new FakeFleet(units: 2, zones: 1) { OnAct = _ => throw new InvalidOperationException("a bug") };

        await Assert.ThrowsAsync<InvalidOperationException>(
            () => RunAsync(fleet, new ActionRequest("restart", "anna")));

        Assert.Null(_actions.Running());
        var kept = Assert.Single(_actions.Between(Start, Start.AddDays(1)));
        Assert.Equal((ActionState.Halted, "a bug"), (kept.State, kept.Reason));
        Assert.Equal(["router/node-1"], fleet.TakenBack);
    }

    [Fact]
    public async Task A_ledger_that_is_full_in_the_middle_halts_it_and_what_was_begun_is_taken_back()
    {
        var fleet = new FakeFleet(units: 3, zones: 3) { OnAct = _ => Refuse("INSERT ON action_step") };

        var action = await RunAsync(fleet, new ActionRequest("restart", "anna"));

        Assert.Equal((ActionState.Halted, "halted after 0 of 3"), (action.State, action.Outcome));
        Assert.Contains("the ledger cannot be written", action.Reason, StringComparison.Ordinal);
        Assert.Equal(["router/node-1"], fleet.TakenBack);
        Assert.Contains(_said.Words, word => word.Contains("take-back", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Heartbeats_that_the_file_refuses_cost_no_action_that_ends_in_time_its_outcome()
    {
        var fleet = new FakeFleet(units: 1, zones: 1) { OnAct = _ => Refuse("UPDATE OF beat_at ON action") };
        fleet.Traits = fleet.Traits with { Bake = ActionHeartbeat.LostAfter / 3 };

        var action = await RunAsync(fleet, new ActionRequest("restart", "anna"));

        Assert.Equal((ActionState.Done, "1 of 1 done"), (action.State, action.Outcome));
    }

    [Fact]
    public async Task An_end_that_cannot_be_written_down_is_told_to_whoever_asked()
    {
        var fleet = new FakeFleet(units: 1, zones: 1) { OnAct = _ => Refuse("UPDATE OF outcome ON action") };

        var fault = await Assert.ThrowsAsync<ActionException>(
            () => RunAsync(fleet, new ActionRequest("restart", "anna")));

        Assert.StartsWith("done: 1 of 1 done; the ledger could not be told", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_action_that_another_process_held_for_dead_keeps_the_end_that_it_was_given()
    {
        var fleet = new FakeFleet(units: 3, zones: 3);
        fleet.OnAct = _ => _actions.HaltAbandoned(_time.GetUtcNow() + ActionLedger.HeartbeatLimit * 2);

        var action = await RunAsync(fleet, new ActionRequest("restart", "anna"));

        Assert.Equal((ActionState.Halted, "its process ended in the middle"), (action.State, action.Outcome));
        Assert.DoesNotContain(
            _changes.Between(Start, Start.AddDays(1)),
            change => change.Detail.EndsWith(" done", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_need_that_is_lost_after_the_plan_halts_it_before_the_next_wave(bool afterTheFirst)
    {
        var fleet = new FakeFleet(units: 3, zones: 3);
        var asked = 0;
        fleet.OnNeeds = () => fleet.Needs = Lost(++asked > (afterTheFirst ? 2 : 1));

        var action = await RunAsync(fleet, new ActionRequest("restart", "anna"));

        Assert.Equal(ActionState.Halted, action.State);
        Assert.Contains("store quorum: 1 of 3 members answer", action.Reason, StringComparison.Ordinal);
        Assert.Equal(afterTheFirst ? 1 : 0, fleet.Acted.Count);
    }

    [Fact]
    public async Task A_need_that_is_lost_for_a_moment_is_waited_for()
    {
        var fleet = new FakeFleet(units: 3, zones: 3);
        var asked = 0;
        fleet.OnNeeds = () => fleet.Needs = Lost(++asked % 4 is 2 or 3);

        Assert.Equal(ActionState.Done, (await RunAsync(fleet, new ActionRequest("restart", "anna"))).State);
        Assert.True(asked > 6, $"asked {asked} times");
    }

    /// <summary>A service that failed a tenth of its calls yesterday and none today falls to 96 %.</summary>
    [Fact]
    public async Task A_service_that_falls_halts_it_although_it_once_did_worse()
    {
        var key = new CallKey("router/node-1", "bank/payments");
        WorldView Counted(WorldView view, double share)
        {
            var calls = 100 * (view.At - Start).TotalSeconds;
            return view with
            {
                Calls = ImmutableDictionary<CallKey, CallCount>.Empty
                    .Add(key, new CallCount(100_000 + calls, 10_000 + (share * calls))),
            };
        }

        _world.Becomes(view => Counted(view, 0));
        var fleet = new FakeFleet(units: 3, zones: 3);
        fleet.OnAct = _ => _world.Becomes(view => Counted(view, 0.04));

        var action = await RunAsync(fleet, new ActionRequest("restart", "anna"));

        Assert.Equal(ActionState.Halted, action.State);
        Assert.Contains("bank/payments answers", action.Reason, StringComparison.Ordinal);
        Assert.Single(fleet.Acted);
    }

    [Fact]
    public async Task Chosen_nodes_alone_are_acted_on_and_unknown_ones_refuse()
    {
        var fleet = new FakeFleet(units: 6, zones: 3);

        var some = await RunAsync(fleet, new ActionRequest("restart", "anna") { Nodes = ["node-5", "node-2"] });
        Assert.Equal("routers on node-5, node-2", some.Target);
        Assert.Equal(["router/node-2", "router/node-5"], fleet.Acted.Order());

        var none = await RunAsync(fleet, new ActionRequest("restart", "anna") { Nodes = ["node-7"] });
        Assert.Equal(ActionState.Refused, none.State);
    }

    private static ImmutableArray<Need> Lost(bool isLost) =>
        [new Need("store quorum", !isLost, isLost ? "1 of 3 members answer" : "3 of 3 members answer")];

    /// <summary>From now on the file refuses such a statement, as one that is full or broken does.</summary>
    private void Refuse(string statement)
    {
        using var connection = _database.Open();
        using var command = connection.CreateCommand();
        command.CommandText =
            $"CREATE TRIGGER full BEFORE {statement} BEGIN SELECT RAISE(ABORT, 'database or disk is full'); END";
        command.ExecuteNonQuery();
    }

    private Task<ActionRecord> RunAsync(FakeFleet fleet, ActionRequest request) =>
        RunUntilAsync(fleet, request, TestContext.Current.CancellationToken);

    private async Task<ActionRecord> RunUntilAsync(FakeFleet fleet, ActionRequest request, CancellationToken stop)
    {
        var planner = new ActionPlanner(_actions, _world, _time, new Random(7));
        var plan = await planner.PlanAsync(fleet, request, CancellationToken.None);
        return await _time.RunAsync(
            new ActionEngine(_actions, _changes, _world, _time).RunAsync(fleet, plan, _said, stop));
    }

    private sealed class Said : IActionTeller
    {
        public ConcurrentQueue<string> Words { get; } = new();

        public void Tell(string unit, string what, string detail) => Words.Enqueue($"{unit} {what} {detail}");
    }
}
