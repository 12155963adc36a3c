using Mainstay.Agent.Pods;
using Mainstay.Agent.Processes;

namespace Mainstay.Tests.Agent.Pods;

public sealed class ContainerTransitionsTests
{
    private static readonly DateTimeOffset Start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly ContainerShape Shape = new("c", "hash");
    private static readonly ProcessExit Crash = new(1, null);

    [Fact]
    public void Restarts_wait_0_10_20_40_and_at_most_300_seconds()
    {
        var state = new ContainerState("c");
        var waits = new List<double>();
        for (var i = 0; i < 9; i++)
        {
            state = ContainerTransitions.Starting(state, Shape, Start);
            state = ContainerTransitions.Exited(state, Crash, RestartPace.Usual, Start);
            waits.Add((state.NotBefore - Start).TotalSeconds);
        }

        Assert.Equal([0, 10, 20, 40, 80, 160, 300, 300, 300], waits);
        Assert.Equal(8, state.RestartCount);
    }

    [Fact]
    public void What_a_node_cannot_do_without_waits_ten_seconds_at_most()
    {
        var state = new ContainerState("c");
        var waits = new List<double>();
        for (var i = 0; i < 7; i++)
        {
            state = ContainerTransitions.Starting(state, Shape, Start);
            state = ContainerTransitions.Exited(state, Crash, RestartPace.Of("system-node-critical"), Start);
            waits.Add((state.NotBefore - Start).TotalSeconds);
        }

        Assert.Equal([0, 1, 2, 4, 8, 10, 10], waits);
        Assert.Same(RestartPace.Usual, RestartPace.Of("anything-else"));
    }

    [Fact]
    public void Ten_minutes_of_running_earn_a_fresh_back_off()
    {
        var state = new ContainerState("c") { Crashes = 6 };
        state = ContainerTransitions.Starting(state, Shape, Start);

        state = ContainerTransitions.Exited(state, Crash, RestartPace.Usual, Start.AddMinutes(10));

        Assert.Equal(Start.AddMinutes(10), state.NotBefore);
        Assert.Equal(1, state.Crashes);
    }

    [Fact]
    public void A_start_that_fails_uses_up_no_attempt_and_an_absent_image_backs_off_by_name()
    {
        var state = new ContainerState("c");
        var reasons = new List<string?>();
        for (var i = 0; i < 3; i++)
        {
            state = ContainerTransitions.Starting(state, Shape, Start);
            state = ContainerTransitions.StartFailed(state, "ErrImagePull", "no image", Start);
            reasons.Add(state.WaitingReason);
        }

        Assert.Equal(["ErrImagePull", "ImagePullBackOff", "ImagePullBackOff"], reasons);
        Assert.Equal(-1, state.Attempt);
        Assert.Equal(4, (state.NotBefore - Start).TotalSeconds);
    }

    [Fact]
    public void A_container_found_dead_starts_at_once_with_its_end_unknown()
    {
        var state = ContainerTransitions.Starting(new ContainerState("c") { Crashes = 5 }, Shape, Start);

        state = ContainerTransitions.FoundDead(state, Start.AddSeconds(1));

        Assert.Equal(Start.AddSeconds(1), state.NotBefore);
        Assert.Equal("ContainerStatusUnknown", state.Ended?.Reason);
        Assert.Equal(137, state.Ended?.ShellCode);
        Assert.False(state.Ended?.Succeeded);
    }

    [Fact]
    public void A_second_stop_can_only_be_shorter()
    {
        var state = ContainerTransitions.Starting(new ContainerState("c"), Shape, Start);
        var longer = new ContainerStop("long", Start.AddSeconds(30), Restart: false);
        var shorter = new ContainerStop("short", Start.AddSeconds(3), Restart: false);

        state = ContainerTransitions.StopAsked(state, longer);
        state = ContainerTransitions.StopAsked(state, shorter);
        state = ContainerTransitions.StopAsked(state, longer);

        Assert.Equal(shorter, state.Stop);
    }
}
