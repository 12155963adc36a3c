using System.Collections.Immutable;
using Mainstay.ConsoleSite.Actions;
using Mainstay.ConsoleSite.Memory;
using Mainstay.Kernel;
using Mainstay.Restarts;
using Mainstay.Tests.ConsoleSite.Actions;
using Mainstay.Up;
using Microsoft.Data.Sqlite;

namespace Mainstay.Tests.CommandLine.Restarts;

/// <summary>A plan is shown, and whoever was asked takes their time.</summary>
public sealed class GuardedRunTests : IDisposable
{
    private static readonly DateTimeOffset Start = new(2017, 10, 27, 14, 26, 0, TimeSpan.Zero);

    private readonly DataFolder _data = new(Directory.CreateTempSubdirectory("guarded-").FullName);
    private readonly WaitedForTime _time = new(Start);
    private readonly FakeFleet _fleet = new(units: 3, zones: 3);

    public void Dispose()
    {
        SqliteConnection.ClearAllPools();
        Directory.Delete(_data.Root, recursive: true);
    }

    [Fact]
    public async Task What_is_as_it_was_when_the_plan_was_shown_goes()
    {
        Assert.Equal(ExitCodes.Ok, await RunAsync(() => _time.Advance(TimeSpan.FromMinutes(10))));
        Assert.Equal(3, _fleet.Acted.Count);
    }

    [Fact]
    public async Task A_proof_that_failed_while_the_prompt_waited_refuses_it()
    {
        var exit = await RunAsync(() => _fleet.Proofs["router/node-1"] = new UnitProof(
            ProofResult.Unsafe, "the list is null", "api/https://a", null));

        Assert.Equal(ExitCodes.NotWell, exit);
        Assert.Empty(_fleet.Acted);
        var kept = Assert.Single(Kept());
        Assert.Equal(ActionState.Refused, kept.State);
        Assert.Contains("the list is null", kept.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_need_that_was_lost_while_the_prompt_waited_refuses_it()
    {
        var exit = await RunAsync(() => _fleet.Needs = [new Need("store quorum", false, "2 of 4 members answer")]);

        Assert.Equal(ExitCodes.NotWell, exit);
        Assert.Empty(_fleet.Acted);
        Assert.Contains("2 of 4 members answer", Assert.Single(Kept()).Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_would_do_something_else_than_was_agreed_to_does_nothing()
    {
        var fault = await Assert.ThrowsAsync<StartException>(() => RunAsync(
            () => _fleet.Traits = _fleet.Traits with { Effect = "four members stay, none may fail" }));

        Assert.Contains("than what was agreed to", fault.Message, StringComparison.Ordinal);
        Assert.Empty(_fleet.Acted);
    }

    [Fact]
    public async Task Who_does_not_agree_begins_nothing_and_leaves_no_record()
    {
        var run = new GuardedRun(_data, new FakeWorld(_time), _time) { Agreed = () => Task.FromResult(false) };

        Assert.Equal(
            ExitCodes.NotWell,
            await run.RunAsync(
                _fleet, new ActionRequest("restart", "anna"), new GuardedWords(false, false, true), Token));
        Assert.Empty(Kept());
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private Task<int> RunAsync(Action meanwhile)
    {
        var run = new GuardedRun(_data, new FakeWorld(_time), _time)
        {
            Agreed = () =>
            {
                meanwhile();
                return Task.FromResult(true);
            },
        };
        return _time.RunAsync(run.RunAsync(
            _fleet, new ActionRequest("restart", "anna"), new GuardedWords(false, false, AsJson: true), Token));
    }

    private ImmutableArray<ActionRecord> Kept() =>
        new ActionLedger(new ConsoleDatabase(_data.ConsoleData)).Between(Start, Start.AddDays(1));
}
