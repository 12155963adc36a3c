namespace Mainstay.Simulation.Controllers;

/// <summary>
/// Rollouts behind routers that lag, hang or are lost. The message of a failure names its seed; one process plays it
/// the same again, another may not, as caches list in the order of their hashes.
/// </summary>
public class ConvergenceSimulationTests
{
    private const int Seeds = 128;
    private const int Enough = 30_000;

    [Fact]
    public async Task Every_table_always_has_enough_pods_that_answer_and_the_rollout_ends()
    {
        await ForEachSeedAsync(async world =>
        {
            world.HoldToTables = true;
            for (var rollout = 0; rollout < 3; rollout++)
            {
                world.SetTemplate($"web:v{world.Chance.Next(1, 5)}");
                await world.StepAsync(world.Chance.Next(10, 600));
            }
            Assert.True(await world.EndsAsync(Enough), world.Describe());
        });
    }

    [Fact]
    public async Task A_router_that_hangs_holds_the_rollout_is_named_and_keeps_pods_to_call()
    {
        await ForEachSeedAsync(async world =>
        {
            world.HoldToTables = true;
            var hung = world.Routers[world.Chance.Next(3)];
            world.SetTemplate("web:v1");
            // Now and then it hangs in the middle of the rollout.
            await world.StepAsync(world.Chance.Next(0, 200));
            hung.IsFrozen = true;
            world.SetTemplate("web:v2");
            Assert.False(await world.EndsAsync(4_000), "it ended without " + hung.Node);
            Assert.Contains(world.Messages(), m => m.Contains(hung.Node, StringComparison.Ordinal));

            // Undoing it, as was done at 14:12, takes nothing away either.
            world.SetTemplate("web:v0");
            await world.StepAsync(2_000);
            hung.IsFrozen = false;
            Assert.True(await world.EndsAsync(Enough), world.Describe());
        });
    }

    [Fact]
    public async Task A_router_on_a_lost_node_holds_nothing()
    {
        await ForEachSeedAsync(async world =>
        {
            world.HoldToTables = true;
            world.Routers[0].IsFrozen = true;
            world.SetTemplate("web:v1");
            await world.StepAsync(500);
            world.Lose(world.Routers[0]);
            Assert.True(await world.EndsAsync(Enough), world.Describe());
            Assert.All(world.Messages(), m => Assert.DoesNotContain("waits", m, StringComparison.Ordinal));
        });
    }

    [Fact]
    public async Task An_override_lets_the_rollout_end_past_a_router_that_hangs()
    {
        await ForEachSeedAsync(async world =>
        {
            world.Routers[1].IsFrozen = true;
            world.SetTemplate("web:v1");
            Assert.False(await world.EndsAsync(2_000), "nothing held it");
            world.Annotate("mainstay.dev/routed-override", "true");
            Assert.True(await world.EndsAsync(Enough), world.Describe());
            Assert.Contains("Overridden", world.Reasons());
        });
    }

    [Fact]
    public async Task Without_routers_nothing_is_waited_for()
    {
        await ForEachSeedAsync(async world =>
        {
            world.SetTemplate("web:v1");
            Assert.True(await world.EndsAsync(Enough), world.Describe());
            Assert.All(world.Reasons(), reason => Assert.Equal("NoRouter", reason));
        }, hasRouters: false);
    }

    [Fact]
    public async Task Without_the_gate_a_router_that_hangs_is_left_with_nothing_to_call()
    {
        // What was seen at 14:10: it is what the gate is for, and that this model can tell.
        var emptied = 0;
        foreach (var seed in Enumerable.Range(1, Seeds))
        {
            var world = new ConvergenceWorld(seed, hasRouters: true, hasGate: false);
            Assert.True(await world.EndsAsync(Enough), world.Describe());
            world.Routers[0].IsFrozen = true;
            world.SetTemplate("web:v1");
            Assert.True(await world.EndsAsync(Enough), world.Describe());
            emptied += world.LiveIn(world.Routers[0]) == 0 ? 1 : 0;
        }
        Assert.Equal(Seeds, emptied);
    }

    private static async Task ForEachSeedAsync(Func<ConvergenceWorld, Task> run, bool hasRouters = true)
    {
        foreach (var seed in Enumerable.Range(1, Seeds))
        {
            try
            {
                var world = new ConvergenceWorld(seed, hasRouters);
                Assert.True(await world.EndsAsync(Enough), $"not started: {world.Describe()}");
                await run(world);
            }
            catch (Exception fault)
            {
                Assert.Fail($"seed {seed}: {fault.Message}");
            }
        }
    }
}
