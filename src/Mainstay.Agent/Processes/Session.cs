namespace Mainstay.Agent.Processes;

/// <summary>
/// All that runs because one container process was started: its session, and what left the session but still carries
/// the container's mark in its environment. Only these are ever signalled; a stranger that was given an old pid is
/// not.
/// </summary>
/// <param name="Leader">the process that was started</param>
/// <param name="Mark">MAINSTAY_CONTAINER_ID=..., given to that process alone; empty: the session is all there
/// is</param>
internal sealed record Session(ProcessIdentity Leader, string Mark)
{
    public const string MarkName = "MAINSTAY_CONTAINER_ID";

    public static string MarkOf(string containerId) => $"{MarkName}={containerId}";

    /// <summary>
    /// The members that live. The leader, dead but unreaped, still holds the session's number for us.
    /// </summary>
    public IReadOnlyList<ProcessStat> Members()
    {
        if (Leader.BootId != ProcFs.BootId)
        {
            return [];
        }

        var numberIsOurs = ProcFs.Stat(Leader.Pid) is { } leader && leader.StartTicks == Leader.StartTicks;
        return [..
            from process in ProcFs.All()
            where process.IsAlive && process.StartTicks >= Leader.StartTicks
            where (numberIsOurs && process.Session == Leader.Pid)
                || (Mark.Length > 0 && ProcFs.HasEnvironment(process.Pid, Mark))
            select process];
    }

    /// <summary>Asks the leader to stop; it knows its children better than we do.</summary>
    public void Terminate()
    {
        if (Leader.BootId == ProcFs.BootId)
        {
            Signal(Leader.Pid, Leader.StartTicks, LibC.SigTerm);
        }
    }

    /// <summary>Ends every member. Says how many there were.</summary>
    public int Kill()
    {
        var members = Members();
        foreach (var member in members)
        {
            Signal(member.Pid, member.StartTicks, LibC.SigKill);
        }

        return members.Count;
    }

    /// <summary>
    /// First open, then compare, then signal what was opened: no gap in which a number can change hands.
    /// </summary>
    private static void Signal(int pid, long startTicks, int signal)
    {
        var descriptor = LibC.OpenPidDescriptor(pid);
        if (descriptor < 0)
        {
            return;
        }

        if (ProcFs.Stat(pid) is { } stat && stat.StartTicks == startTicks)
        {
            LibC.SendSignal(descriptor, signal);
        }

        _ = LibC.Close(descriptor);
    }
}
