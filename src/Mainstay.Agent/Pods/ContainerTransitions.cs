using Mainstay.Agent.Processes;
using Mainstay.Kernel;

namespace Mainstay.Agent.Pods;

/// <summary>
/// Each thing that can happen to a container, as a pure function. Back-off of ends at 0:00, each at once after its
/// start: next start after 0, 10, 20, 40, 80, 160, 300, 300 ... seconds.
/// </summary>
internal static class ContainerTransitions
{
    /// <summary>Written down before the process exists, so that an agent that dies in between looks for it.</summary>
    public static ContainerState Starting(ContainerState state, ContainerShape shape, DateTimeOffset now)
    {
        Invariant.That(state.Phase != ContainerPhase.Running, "a container has one process at a time");
        return state with
        {
            Phase = ContainerPhase.Running,
            Attempt = state.Attempt + 1,
            Hash = shape.Hash,
            Process = null,
            StartedAt = now,
            Last = state.Ended ?? state.Last,
            Ended = null,
            Stop = null,
            WaitingReason = null,
            WaitingMessage = null,
            StartupPassed = !shape.HasStartupProbe,
            ReadinessPassed = !shape.HasReadinessProbe,
            ListeningFault = shape.MustListen ? "does not listen yet" : null,
        };
    }

    public static ContainerState Started(ContainerState state, ProcessIdentity process, string imageId) =>
        state with { Process = process, ImageId = imageId, StartFailures = 0 };

    /// <summary>There is no process: an image, a ConfigMap, a Secret or the program is missing.</summary>
    public static ContainerState StartFailed(ContainerState state, string reason, string message, DateTimeOffset now)
    {
        var delay = Grown(Limits.StartRetryFirst, Limits.StartRetryCap, state.StartFailures);
        var isRepeatedPull = reason == "ErrImagePull" && state.StartFailures > 0;
        var before = state.Phase == ContainerPhase.Running;
        return state with
        {
            Phase = ContainerPhase.Waiting,
            Attempt = before ? state.Attempt - 1 : state.Attempt,
            Process = null,
            Stop = null,
            WaitingReason = isRepeatedPull ? "ImagePullBackOff" : reason,
            WaitingMessage = message,
            StartFailures = state.StartFailures + 1,
            NotBefore = now + delay,
        };
    }

    public static ContainerState Exited(
        ContainerState state, ProcessExit exit, RestartPace pace, DateTimeOffset now)
    {
        Invariant.That(state.Phase == ContainerPhase.Running, "only what runs can end");
        var ended = new Termination(
            state.Attempt,
            exit.Code,
            exit.Signal,
            ReasonOf(exit),
            MessageOf(state, exit),
            state.StartedAt,
            now);
        var crashes = now - state.StartedAt >= pace.Reset ? 0 : state.Crashes;
        var atOnce = state.Stop?.Restart == true;
        var delay = Grown(pace.First, pace.Cap, crashes - 1);
        return state with
        {
            Phase = ContainerPhase.Exited,
            Process = null,
            Ended = ended,
            Stop = null,
            Crashes = atOnce ? 0 : crashes + 1,
            NotBefore = atOnce || crashes == 0 ? now : now + delay,
        };
    }

    /// <summary>
    /// The agent was away when the process ended: not the container's fault, so it starts again at once.
    /// </summary>
    public static ContainerState FoundDead(ContainerState state, DateTimeOffset now) =>
        Exited(state, ProcessExit.Unknown, RestartPace.Usual, now) with { Crashes = 0, NotBefore = now };

    /// <summary>Has effect on a container that runs; a second stop can only make the first one shorter.</summary>
    public static ContainerState StopAsked(ContainerState state, ContainerStop stop) => state switch
    {
        { Phase: not ContainerPhase.Running } or { Stop.KillSent: true } => state,
        { Stop: { } current } when current.KillAt <= stop.KillAt => state,
        _ => state with { Stop = stop },
    };

    public static ContainerState KillSent(ContainerState state, DateTimeOffset now) =>
        state.Stop is { } stop
            ? state with { Stop = stop with { KillSent = true, KillAt = now + Limits.KillAgain } }
            : state;

    private static TimeSpan Grown(TimeSpan first, TimeSpan cap, int failures)
    {
        var grown = first * Math.Pow(2, Math.Min(failures, 30));
        return grown > cap ? cap : grown;
    }

    private static string ReasonOf(ProcessExit exit) => exit switch
    {
        { Code: 0 } => "Completed",
        { Code: null, Signal: null } => "ContainerStatusUnknown",
        _ => "Error",
    };

    private static string? MessageOf(ContainerState state, ProcessExit exit) => (state.Stop, exit) switch
    {
        ({ } stop, _) => stop.Reason,
        (null, { Code: null, Signal: null }) =>
            "the process ended while the agent that started it was away, so its exit code is not known",
        _ => null,
    };
}
