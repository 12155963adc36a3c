using System.Runtime.InteropServices;

namespace Mainstay.Up;

/// <summary>The signals that one process sends to another.</summary>
internal static partial class ProcessSignals
{
    private const int Term = 15;
    private const int Kill = 9;

    public static void Terminate(int pid) => Send(pid, Term);

    public static void KillNow(int pid) => Send(pid, Kill);

    // A process that is gone already is what the sender wanted, so the answer of kill(2) is of no use.
    private static void Send(int pid, int signal) => _ = NativeKill(pid, signal);

    [LibraryImport("libc", EntryPoint = "kill", SetLastError = true)]
    private static partial int NativeKill(int pid, int signal);
}
