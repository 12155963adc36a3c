using System.Collections.Immutable;

namespace Mainstay.Agent.Pods;

internal abstract record PodAction(string Container)
{
    /// <summary>Start a process for a container that has none.</summary>
    internal sealed record Start(string Container) : PodAction(Container);

    /// <summary>Ask its process to stop.</summary>
    internal sealed record Terminate(string Container, ContainerStop Stop) : PodAction(Container);

    /// <summary>End its session.</summary>
    internal sealed record Kill(string Container) : PodAction(Container);
}

/// <param name="Actions">to be done now, one at most for a container</param>
/// <param name="WakeAt">when to ask again if nothing happens before; null: only when something happens</param>
/// <param name="DeadlineExceeded">the pod's deadline has passed</param>
/// <param name="IsStopped">a stop was asked for and nothing of the pod runs any more</param>
internal sealed record PodDecision(
    ImmutableArray<PodAction> Actions, DateTimeOffset? WakeAt, bool DeadlineExceeded, bool IsStopped);

/// <summary>
/// What is to be done for a pod, from what it should be, what is and the time: a pure function, asked after every
/// event. It holds no memory, so an agent that starts anew in the middle goes on where the one before it was.
/// </summary>
internal static class PodPlan
{
    public static PodDecision Decide(PodShape shape, PodState state, DateTimeOffset now)
    {
        var plan = new Plan(now);
        var deadline = state.StartTime + shape.ActiveDeadline;
        var late = state.DeadlineExceeded || (deadline <= now && !IsFinished(shape, state));
        foreach (var container in state.Containers)
        {
            Escalate(container, plan);
        }

        if (state.Stop is { } stop)
        {
            StopAll(state, new ContainerStop(stop.Reason, stop.At + stop.Grace, Restart: false), plan);
        }
        else if (late)
        {
            var message = $"the pod was active longer than its {shape.ActiveDeadline?.TotalSeconds:0} s";
            StopAll(state, new ContainerStop(message, now + shape.Grace, Restart: false), plan);
        }
        else
        {
            plan.Wake(deadline);
            RunInOrder(shape, state, plan);
        }

        var stopped = state.Stop is not null
            && state.Containers.All(container => container.Phase != ContainerPhase.Running);
        return new PodDecision([.. plan.Actions], plan.WakeAt, late, stopped);
    }

    /// <summary>True once nothing of the pod will ever run again.</summary>
    public static bool IsFinished(PodShape shape, PodState state) =>
        state.DeadlineExceeded
        || InitFailed(shape, state)
        || (InitIsDone(shape, state) && shape.Main.All(container =>
            state[container.Name].Phase == ContainerPhase.Exited && !MayRestart(shape, state[container.Name])));

    public static bool InitFailed(PodShape shape, PodState state) =>
        shape.RestartPolicy == RestartPolicy.Never
        && shape.Init.Any(
            container => state[container.Name] is { Phase: ContainerPhase.Exited, Ended.Succeeded: false });

    /// <summary>
    /// A main container that was ever started proves it, whatever became of the init containers' records.
    /// </summary>
    public static bool InitIsDone(PodShape shape, PodState state) =>
        shape.Main.Any(container => state[container.Name].Attempt >= 0)
        || shape.Init.All(
            container => state[container.Name] is { Phase: ContainerPhase.Exited, Ended.Succeeded: true });

    /// <summary>Whether the policy lets an ended main container run again.</summary>
    public static bool MayRestart(PodShape shape, ContainerState container) => shape.RestartPolicy switch
    {
        RestartPolicy.Always => true,
        RestartPolicy.OnFailure => container.Ended?.Succeeded != true,
        _ => false,
    };

    private static void RunInOrder(PodShape shape, PodState state, Plan plan)
    {
        if (InitFailed(shape, state))
        {
            return;
        }

        if (!InitIsDone(shape, state))
        {
            var next = shape.Init.First(container =>
                state[container.Name] is not { Phase: ContainerPhase.Exited, Ended.Succeeded: true });
            StartWhenDue(state[next.Name], plan);
            return;
        }

        foreach (var container in shape.Main)
        {
            var current = state[container.Name];
            var change = new ContainerStop(
                "the container's definition changed, it will be restarted", plan.Now + shape.Grace, Restart: true);
            switch (current.Phase)
            {
                case ContainerPhase.Running when current.Hash != container.Hash && current.Stop is null:
                    plan.Actions.Add(new PodAction.Terminate(current.Name, change));
                    break;
                case ContainerPhase.Waiting:
                case ContainerPhase.Exited when MayRestart(shape, current):
                    StartWhenDue(current, plan);
                    break;
            }
        }
    }

    private static void StartWhenDue(ContainerState container, Plan plan)
    {
        if (container.Phase == ContainerPhase.Running)
        {
            return;
        }

        if (container.NotBefore <= plan.Now)
        {
            plan.Actions.Add(new PodAction.Start(container.Name));
        }
        else
        {
            plan.Wake(container.NotBefore);
        }
    }

    private static void StopAll(PodState state, ContainerStop stop, Plan plan)
    {
        foreach (var container in state.Containers.Where(container => container.Phase == ContainerPhase.Running))
        {
            // A stop of the whole pod may leave less time than one that is under way for a container.
            if (container.Stop is not { } current || (!current.KillSent && current.KillAt > stop.KillAt))
            {
                plan.Actions.RemoveAll(action => action.Container == container.Name);
                plan.Actions.Add(new PodAction.Terminate(container.Name, stop));
            }
        }
    }

    private static void Escalate(ContainerState container, Plan plan)
    {
        if (container is not { Phase: ContainerPhase.Running, Stop: { } stop })
        {
            return;
        }

        if (stop.KillAt <= plan.Now)
        {
            plan.Actions.Add(new PodAction.Kill(container.Name));
        }
        else
        {
            plan.Wake(stop.KillAt);
        }
    }

    /// <summary>A plan as it is being made.</summary>
    private sealed class Plan(DateTimeOffset now)
    {
        public DateTimeOffset Now { get; } = now;

        public List<PodAction> Actions { get; } = [];

        public DateTimeOffset? WakeAt { get; private set; }

        public void Wake(DateTimeOffset? at)
        {
            if (at is { } time && time > Now && !(WakeAt <= time))
            {
                WakeAt = time;
            }
        }
    }
}
