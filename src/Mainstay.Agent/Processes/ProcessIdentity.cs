namespace Mainstay.Agent.Processes;

/// <summary>
/// Which process, for certain: a pid alone is used again, pid with start time is not within one boot.
/// </summary>
/// <param name="StartTicks">field 22 of /proc/PID/stat: clock ticks since the boot</param>
/// <param name="BootId">the boot in which the ticks count</param>
public sealed record ProcessIdentity(int Pid, long StartTicks, string BootId)
{
    /// <summary>
    /// The process that has the pid now; null when none has, or when it has ended and waits to be reaped.
    /// </summary>
    public static ProcessIdentity? Of(int pid) =>
        ProcFs.Identify(pid) is { } identity && ProcFs.IsAlive(identity) ? identity : null;

    /// <summary>Whether this process, and not a later one with its pid, still runs.</summary>
    public bool IsRunning() => ProcFs.IsAlive(this);
}
