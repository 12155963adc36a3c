using System.Diagnostics;
using Mainstay.Drills.Faults;

namespace Mainstay.Tests.Drills.Faults;

public sealed class ProcessSeenTests
{
    [Fact]
    public async Task A_process_is_paused_resumed_and_killed_by_its_identity()
    {
        using var child = Process.Start("/bin/sleep", "987.5")!;
        var seen = ProcessSeen.Of(child.Id)!;

        Assert.True(seen.Pause());
        Assert.True(seen.Resume());
        Assert.True(seen.Kill());
        await child.WaitForExitAsync(TestContext.Current.CancellationToken);

        Assert.False(seen.IsAlive());
        Assert.False(seen.Kill());
    }

    [Fact]
    public void A_later_process_with_the_same_pid_is_not_touched()
    {
        using var child = Process.Start("/bin/sleep", "987.25")!;
        var earlier = ProcessSeen.Of(child.Id)! with { StartTicks = 1 };

        Assert.False(earlier.Kill());
        Assert.False(child.HasExited);
        child.Kill();
    }

    [Fact]
    public void A_process_is_found_by_words_of_its_command_line()
    {
        using var child = Process.Start("/bin/sleep", "987.125")!;

        Assert.Equal(child.Id, Assert.Single(ProcessSeen.With("sleep", "987.125")).Pid);
        child.Kill();
    }
}
