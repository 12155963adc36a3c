using Mainstay.Agent.Processes;

namespace Mainstay.Agent.Pods;

internal enum ContainerPhase
{
    /// <summary>Not started yet, or not startable: <see cref="ContainerState.WaitingReason"/> says why.</summary>
    Waiting,

    /// <summary>
    /// Its process was started; until <see cref="ContainerState.Process"/> is known it is being started.
    /// </summary>
    Running,

    /// <summary>Its process has ended; whether there will be another is <see cref="PodPlan"/>'s to say.</summary>
    Exited,
}

/// <summary>How one process of a container ended. No code: it was adopted, and nobody told us.</summary>
internal sealed record Termination(
    int Attempt,
    int? Code,
    int? Signal,
    string Reason,
    string? Message,
    DateTimeOffset StartedAt,
    DateTimeOffset FinishedAt)
{
    /// <summary>What the kubelet reports for a container whose end it did not see.</summary>
    public const int UnknownCode = 137;

    public int ShellCode => Code ?? (Signal is { } signal ? 128 + signal : UnknownCode);

    public bool Succeeded => Code == 0;
}

/// <summary>A stop that is under way.</summary>
/// <param name="KillAt">when SIGKILL follows</param>
/// <param name="Restart">true if the container is to run again at once: its definition changed</param>
internal sealed record ContainerStop(string Reason, DateTimeOffset KillAt, bool Restart, bool KillSent = false);

/// <summary>
/// One container of one pod, on this node. Changed only by <see cref="ContainerTransitions"/>.
/// A container that was started, crashed and was started again has Attempt 1 and RestartCount 1.
/// </summary>
internal sealed record ContainerState(string Name)
{
    public ContainerPhase Phase { get; init; } = ContainerPhase.Waiting;

    /// <summary>The number of its current or last process, from 0; -1 before the first.</summary>
    public int Attempt { get; init; } = -1;

    public int RestartCount => Math.Max(0, Attempt);

    /// <summary>The definition that its process was started from.</summary>
    public string Hash { get; init; } = "";

    public string ImageId { get; init; } = "";

    public ProcessIdentity? Process { get; init; }

    public DateTimeOffset StartedAt { get; init; }

    /// <summary>How the current process ended, when <see cref="Phase"/> is Exited.</summary>
    public Termination? Ended { get; init; }

    /// <summary>How the process before the current one ended.</summary>
    public Termination? Last { get; init; }

    public string? WaitingReason { get; init; }

    public string? WaitingMessage { get; init; }

    /// <summary>Ends in a row, each within the reset time; sets the next back-off.</summary>
    public int Crashes { get; init; }

    /// <summary>Starts that failed in a row before there was a process.</summary>
    public int StartFailures { get; init; }

    public DateTimeOffset NotBefore { get; init; }

    public ContainerStop? Stop { get; init; }

    public bool StartupPassed { get; init; }

    public bool ReadinessPassed { get; init; }

    /// <summary>Null: listens where it should. Else why that is not so.</summary>
    public string? ListeningFault { get; init; }

    public bool IsReady =>
        Phase == ContainerPhase.Running && StartupPassed && ReadinessPassed && ListeningFault is null;
}
