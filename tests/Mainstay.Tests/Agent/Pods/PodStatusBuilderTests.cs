using k8s.Models;
using Mainstay.Agent.Pods;
using Mainstay.Agent.Processes;

namespace Mainstay.Tests.Agent.Pods;

public sealed class PodStatusBuilderTests
{
    private static readonly DateTimeOffset Start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly ProcessIdentity Process = new(7, 1, "boot");

    private readonly V1Pod _pod = new()
    {
        Metadata = new V1ObjectMeta { Name = "p", NamespaceProperty = "bank", Uid = "u-1" },
        Spec = new V1PodSpec
        {
            InitContainers = [new V1Container { Name = "init", Image = "i" }],
            Containers =
            [
                new V1Container { Name = "main", Image = "m", Ports = [new V1ContainerPort { ContainerPort = 8080 }] },
            ],
        },
    };

    [Fact]
    public void A_new_pod_is_pending_and_initializing()
    {
        var status = Build(Fresh());

        Assert.Equal("Pending", status.Phase);
        Assert.Equal("PodInitializing", status.ContainerStatuses[0].State.Waiting.Reason);
        Assert.Equal("False", Condition(status, "Initialized").Status);
        Assert.Equal("True", Condition(status, "PodScheduled").Status);
    }

    [Fact]
    public void A_running_container_is_ready_only_once_it_listens_and_the_reason_is_in_the_message()
    {
        var state = Running(Fresh());
        var deaf = Build(state.With(state["main"] with { ListeningFault = "listens on the wildcard address 0.0.0.0" }));
        var ready = Build(state.With(state["main"] with { ListeningFault = null }));

        Assert.Equal("Running", deaf.Phase);
        Assert.Equal("ContainersNotReady", Condition(deaf, "Ready").Reason);
        Assert.Contains(
            "container \"main\" listens on the wildcard", Condition(deaf, "Ready").Message, StringComparison.Ordinal);
        Assert.True(PodStatusBuilder.IsReady(ready));
        Assert.True(ready.ContainerStatuses[0].Ready);
    }

    [Fact]
    public void A_readiness_gate_holds_the_pod_until_its_condition_is_true_and_is_kept()
    {
        _pod.Spec.ReadinessGates = [new V1PodReadinessGate { ConditionType = "mainstay.dev/routed" }];
        var state = Running(Fresh());
        state = state.With(state["main"] with { ListeningFault = null });
        var held = Build(state);
        _pod.Status = new V1PodStatus
        {
            Conditions = [new V1PodCondition { Type = "mainstay.dev/routed", Status = "True" }],
        };
        var open = Build(state);

        Assert.Equal("True", Condition(held, "ContainersReady").Status);
        Assert.Equal("ReadinessGatesNotReady", Condition(held, "Ready").Reason);
        Assert.Contains("mainstay.dev/routed", Condition(held, "Ready").Message, StringComparison.Ordinal);
        Assert.True(PodStatusBuilder.IsReady(open));
        Assert.Equal("True", Condition(open, "mainstay.dev/routed").Status);
    }

    [Fact]
    public void A_gate_that_nobody_writes_any_more_counts_as_open_and_says_that_it_is_not_proven()
    {
        _pod.Spec.ReadinessGates = [new V1PodReadinessGate { ConditionType = "mainstay.dev/routed" }];
        var state = Running(Fresh());
        state = state.With(state["main"] with { ListeningFault = null });
        var opened = PodStatusBuilder.Build(Input(null) with { GateIsOverdue = true }, state, Start.AddMinutes(20));
        var later = PodStatusBuilder.Build(Input(opened) with { GateIsOverdue = true }, state, Start.AddMinutes(30));

        Assert.True(PodStatusBuilder.IsReady(opened));
        Assert.Equal("Unproven", Condition(later, "mainstay.dev/routed").Reason);
        Assert.Equal(
            Start.AddMinutes(20).UtcDateTime, Condition(later, "mainstay.dev/routed").LastTransitionTime);
    }

    [Fact]
    public void A_crashed_container_waits_in_CrashLoopBackOff_with_its_last_end_shown()
    {
        var state = Running(Fresh());
        state = state.With(ContainerTransitions.Exited(
            state["main"], new ProcessExit(3, null), RestartPace.Usual, Start.AddSeconds(1)));

        var status = Build(state).ContainerStatuses[0];

        Assert.Equal("CrashLoopBackOff", status.State.Waiting.Reason);
        Assert.Equal(3, status.LastState.Terminated.ExitCode);
        Assert.Equal("Error", status.LastState.Terminated.Reason);
    }

    [Theory]
    [InlineData("Never", 0, "Succeeded")]
    [InlineData("Never", 1, "Failed")]
    [InlineData("OnFailure", 0, "Succeeded")]
    [InlineData("OnFailure", 1, "Running")]
    [InlineData("Always", 0, "Running")]
    public void The_phase_of_a_pod_whose_process_ended_follows_its_restart_policy(string policy, int code, string phase)
    {
        _pod.Spec.RestartPolicy = policy;
        var state = Running(Fresh());
        state = state.With(
            ContainerTransitions.Exited(
                state["main"], new ProcessExit(code, null), RestartPace.Usual, Start.AddSeconds(1)));

        Assert.Equal(phase, Build(state).Phase);
    }

    [Fact]
    public void A_condition_that_does_not_change_keeps_its_time()
    {
        var state = Running(Fresh());
        state = state.With(state["main"] with { ListeningFault = null });
        var first = PodStatusBuilder.Build(Input(null), state, Start);
        var second = PodStatusBuilder.Build(Input(first), state, Start.AddHours(1));
        var third = PodStatusBuilder.Build(
            Input(second), state.With(state["main"] with { ListeningFault = "gone" }), Start.AddHours(2));

        Assert.Equal(Start.UtcDateTime, Condition(second, "Ready").LastTransitionTime);
        Assert.Equal(Start.AddHours(2).UtcDateTime, Condition(third, "Ready").LastTransitionTime);
        Assert.Equal(Start.UtcDateTime, Condition(third, "Initialized").LastTransitionTime);
    }

    private PodState Fresh() => PodState.Fresh(PodShape.Of(_pod)) with { StartTime = Start };

    private PodState Running(PodState state)
    {
        var shape = PodShape.Of(_pod);
        var init = ContainerTransitions.Starting(state["init"], shape.Init[0], Start);
        init = ContainerTransitions.Exited(init, new ProcessExit(0, null), RestartPace.Usual, Start);
        var main = ContainerTransitions.Starting(state["main"], shape.Main[0], Start);
        return state.With(init).With(ContainerTransitions.Started(main, Process, "image-id"));
    }

    private V1PodStatus Build(PodState state) => PodStatusBuilder.Build(Input(null), state, Start.AddSeconds(2));

    private PodStatusInput Input(V1PodStatus? previous) =>
        new(_pod, PodShape.Of(_pod), "127.17.0.5", "127.17.0.1", previous);

    private static V1PodCondition Condition(V1PodStatus status, string type) =>
        status.Conditions.First(condition => condition.Type == type);
}
