using k8s.Models;

namespace Mainstay.Agent.Pods;

/// <summary>What a status is made of besides the pod's state.</summary>
/// <param name="Previous">the status reported before: the times of its transitions are kept</param>
internal sealed record PodStatusInput(V1Pod Pod, PodShape Shape, string Ip, string HostIp, V1PodStatus? Previous)
{
    /// <summary>Nobody writes the gate any more: it counts as open, and says that it is not proven.</summary>
    public bool GateIsOverdue { get; init; }
}

/// <summary>
/// The status that Kubernetes expects of a pod, from its state: a pure function. Conditions that others write are
/// left to them; of those, the readiness gates count towards Ready.
/// </summary>
internal static class PodStatusBuilder
{
    private static readonly string[] Own = ["PodScheduled", "Initialized", "ContainersReady", "Ready"];

    public static V1PodStatus Build(PodStatusInput input, PodState state, DateTimeOffset now)
    {
        var phase = PhaseOf(input.Shape, state);
        var status = new V1PodStatus
        {
            Phase = phase,
            HostIP = input.HostIp,
            PodIP = input.Ip,
            PodIPs = [new V1PodIP { Ip = input.Ip }],
            StartTime = state.StartTime?.UtcDateTime,
            QosClass = input.Pod.Status?.QosClass,
            Reason = state.DeadlineExceeded ? "DeadlineExceeded" : null,
            Message = state.DeadlineExceeded ? "Pod was active on the node longer than the specified deadline" : null,
            ContainerStatuses = [.. input.Shape.Main.Select(shape => ContainerOf(input, shape, state, isInit: false))],
            InitContainerStatuses = input.Shape.Init.IsEmpty
                ? null
                : [.. input.Shape.Init.Select(shape => ContainerOf(input, shape, state, isInit: true))],
        };
        status.Conditions = Conditions(input, state, phase, now);
        return status;
    }

    public static bool IsReady(V1PodStatus status) =>
        status.Conditions?.Any(condition => condition is { Type: "Ready", Status: "True" }) == true;

    public static string PhaseOf(PodShape shape, PodState state)
    {
        if (state.DeadlineExceeded || PodPlan.InitFailed(shape, state))
        {
            return "Failed";
        }

        if (!PodPlan.InitIsDone(shape, state) || shape.Main.Any(container => state[container.Name].Attempt < 0))
        {
            return "Pending";
        }

        // A stopped pod's containers do not run again, so it has ended as they have.
        var final = PodPlan.IsFinished(shape, state)
            || (state.Stop is not null && shape.Main.All(c => state[c.Name].Phase != ContainerPhase.Running));
        if (!final)
        {
            return "Running";
        }

        return shape.Main.All(container => state[container.Name].Ended?.Succeeded == true) ? "Succeeded" : "Failed";
    }

    private static List<V1PodCondition> Conditions(
        PodStatusInput input, PodState state, string phase, DateTimeOffset now)
    {
        var initialized = PodPlan.InitIsDone(input.Shape, state);
        var unready = input.Shape.Main.Where(container => !state[container.Name].IsReady).ToList();
        var completed = phase is "Succeeded";
        var (reason, message) = completed ? ("PodCompleted", null)
            : phase is "Failed" ? ("PodFailed", null)
            : unready.Count > 0 ? ("ContainersNotReady", UnreadyMessage(unready, state))
            : ((string?)null, (string?)null);
        var gate = reason is null ? GateFault(input) : null;
        var written = new[]
        {
            Condition("PodScheduled", null, null),
            Condition(
                "Initialized",
                initialized ? null : "ContainersNotInitialized",
                initialized ? null : InitMessage(input, state)),
            Condition("ContainersReady", reason, message),
            Condition("Ready", gate is null ? reason : "ReadinessGatesNotReady", gate ?? message),
        };
        foreach (var condition in written)
        {
            var before = input.Previous?.Conditions?.FirstOrDefault(old => old.Type == condition.Type);
            condition.LastTransitionTime = before?.Status == condition.Status && before.LastTransitionTime is { } since
                ? since
                : now.UtcDateTime;
        }

        var others = (input.Pod.Status?.Conditions ?? []).Where(condition => !Own.Contains(condition.Type)
            && !(input.GateIsOverdue && condition.Type == RoutedGate.ConditionType));
        return input.GateIsOverdue ? [.. written, .. others, Unproven(input, now)] : [.. written, .. others];
    }

    /// <summary>A condition is true unless something is said against it.</summary>
    private static V1PodCondition Condition(string type, string? reason, string? message) =>
        new() { Type = type, Status = reason is null ? "True" : "False", Reason = reason, Message = message };

    private static string UnreadyMessage(List<ContainerShape> unready, PodState state)
    {
        var names = string.Join(' ', unready.Select(container => container.Name));
        var why =
            from container in unready
            let current = state[container.Name]
            where current is { Phase: ContainerPhase.Running, ListeningFault: not null }
            select $"; container \"{container.Name}\" {current.ListeningFault}";
        return $"containers with unready status: [{names}]{string.Concat(why)}";
    }

    private static string InitMessage(PodStatusInput input, PodState state)
    {
        var names =
            from container in input.Shape.Init
            where state[container.Name] is not { Phase: ContainerPhase.Exited, Ended.Succeeded: true }
            select container.Name;
        return $"containers with incomplete status: [{string.Join(' ', names)}]";
    }

    /// <summary>Said once and then kept: the time is that of the opening.</summary>
    private static V1PodCondition Unproven(PodStatusInput input, DateTimeOffset now) =>
        RoutedGate.Of(input.Previous) is { } before && RoutedGate.IsUnproven(before) ? before
            : RoutedGate.UnprovenSince(now);

    private static string? GateFault(PodStatusInput input)
    {
        var pod = input.Pod;
        foreach (var gate in pod.Spec.ReadinessGates ?? [])
        {
            if (gate.ConditionType == RoutedGate.ConditionType && input.GateIsOverdue)
            {
                continue;
            }

            var condition = pod.Status?.Conditions?.FirstOrDefault(candidate => candidate.Type == gate.ConditionType);
            if (condition is null)
            {
                return $"corresponding condition of pod readiness gate \"{gate.ConditionType}\" does not exist.";
            }

            if (condition.Status != "True")
            {
                return $"the status of pod readiness gate \"{gate.ConditionType}\" is not \"True\", "
                    + $"but {condition.Status}";
            }
        }

        return null;
    }

    private static V1ContainerStatus ContainerOf(
        PodStatusInput input, ContainerShape shape, PodState state, bool isInit)
    {
        var current = state[shape.Name];
        var containers = isInit ? input.Pod.Spec.InitContainers : input.Pod.Spec.Containers;
        var canRestart = state.Stop is null && !state.DeadlineExceeded && !PodPlan.IsFinished(input.Shape, state);
        var waitsAgain = current.Phase == ContainerPhase.Exited && canRestart
            && (isInit ? current.Ended?.Succeeded != true : PodPlan.MayRestart(input.Shape, current));
        return new V1ContainerStatus
        {
            Name = shape.Name,
            Image = containers.First(container => container.Name == shape.Name).Image ?? "",
            ImageID = current.ImageId,
            ContainerID = current.Attempt < 0
                ? null : $"mainstay://{input.Pod.Metadata.Uid}/{shape.Name}/{current.Attempt}",
            RestartCount = current.RestartCount,
            Started = current.Phase == ContainerPhase.Running && current.StartupPassed,
            Ready = isInit
                ? current is { Phase: ContainerPhase.Exited, Ended.Succeeded: true }
                : current.IsReady,
            State = waitsAgain
                ? new V1ContainerState { Waiting = BackOff(input, current) } : StateOf(input, current, state),
            LastState = (
                waitsAgain || current.Phase == ContainerPhase.Waiting ? current.Ended ?? current.Last : current.Last)
                is { } last
                    ? new V1ContainerState { Terminated = Terminated(input, shape.Name, last) }
                    : new V1ContainerState(),
        };
    }

    private static V1ContainerState StateOf(PodStatusInput input, ContainerState current, PodState state) =>
        current switch
    {
        { Phase: ContainerPhase.Running, Process: not null } =>
            new V1ContainerState
            {
                Running = new V1ContainerStateRunning { StartedAt = current.StartedAt.UtcDateTime },
            },
        { Phase: ContainerPhase.Exited, Ended: { } ended } =>
            new V1ContainerState { Terminated = Terminated(input, current.Name, ended) },
        _ => new V1ContainerState
        {
            Waiting = new V1ContainerStateWaiting
            {
                Reason = current.WaitingReason
                    ?? (PodPlan.InitIsDone(input.Shape, state) ? "ContainerCreating" : "PodInitializing"),
                Message = current.WaitingMessage,
            },
        },
    };

    private static V1ContainerStateWaiting BackOff(PodStatusInput input, ContainerState current)
    {
        if (current.WaitingReason is not null)
        {
            return new V1ContainerStateWaiting { Reason = current.WaitingReason, Message = current.WaitingMessage };
        }

        var delay = current.Ended is { } ended ? current.NotBefore - ended.FinishedAt : TimeSpan.Zero;
        var pod = $"{input.Pod.Metadata.Name}_{input.Pod.Metadata.NamespaceProperty}({input.Pod.Metadata.Uid})";
        return new V1ContainerStateWaiting
        {
            Reason = "CrashLoopBackOff",
            Message = $"back-off {delay.TotalSeconds:0}s restarting failed container={current.Name} pod={pod}",
        };
    }

    private static V1ContainerStateTerminated Terminated(PodStatusInput input, string name, Termination ended) => new()
    {
        ExitCode = ended.ShellCode,
        Signal = ended.Signal,
        Reason = ended.Reason,
        Message = ended.Message,
        StartedAt = ended.StartedAt.UtcDateTime,
        FinishedAt = ended.FinishedAt.UtcDateTime,
        ContainerID = $"mainstay://{input.Pod.Metadata.Uid}/{name}/{ended.Attempt}",
    };
}
