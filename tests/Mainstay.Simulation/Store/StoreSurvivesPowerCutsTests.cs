namespace Mainstay.Simulation.Store;

/// <summary>
/// Thousands of seeds on <see cref="SimulatedDisk"/>. A seed that fails is replayed by <c>new StoreLife(seed,
/// ...)</c>.
/// </summary>
public sealed class StoreSurvivesPowerCutsTests
{
    private const int Seeds = 2_500;
    private const int SeedsThatShouldFind = 100;

    [Fact]
    public void No_acknowledged_write_is_missing_over_thousands_of_power_cuts()
    {
        var (powerCuts, checkpoints) = (0, 0);
        for (var seed = 1; seed <= Seeds; seed++)
        {
            using var life = new StoreLife(seed, DiskLie.None);
            life.Live();
            powerCuts += life.PowerCuts;
            checkpoints += life.Checkpoints;
        }

        // That it was tried at all: power cuts by the thousand, and checkpoints among them.
        Assert.True(powerCuts > Seeds, $"{powerCuts} power cuts");
        Assert.True(checkpoints > Seeds / 5, $"{checkpoints} checkpoints");
    }

    [Theory]
    [InlineData((int)DiskLie.FileSyncSkipped)]
    [InlineData((int)DiskLie.NameSyncSkipped)]
    public void A_store_that_skips_a_sync_is_found_out(int lie)
    {
        var found = Enumerable.Range(1, SeedsThatShouldFind).Count(seed => Loses(seed, (DiskLie)lie));

        Assert.True(found > 0, $"{SeedsThatShouldFind} seeds found no loss under {(DiskLie)lie}");
    }

    private static bool Loses(int seed, DiskLie lie)
    {
        try
        {
            using var life = new StoreLife(seed, lie);
            life.Live();
            return false;
        }
        catch (Exception exception)
            when (exception is StoreLieException or Kernel.StartException or Kernel.InvariantException)
        {
            return true;
        }
    }
}
