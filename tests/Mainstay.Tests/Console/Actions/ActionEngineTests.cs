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
    private readonly ActionLedger _actions;
    private readonly ChangeLedger _changes;
    private readonly Said _said = new();

    public ActionEngineTests()
    {
        var database = new ConsoleDatabase(_folder);
        (_actions, _changes) = (new ActionLedger(database), new ChangeLedger(database));
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
