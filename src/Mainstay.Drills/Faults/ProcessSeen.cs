using System.Globalization;
using System.Runtime.InteropServices;

namespace Mainstay.Drills.Faults;

/// <summary>
/// One process of this machine, for certain: a pid alone is used again, a pid with its start time is not.
/// </summary>
/// <param name="Pid">its number</param>
/// <param name="StartTicks">field 22 of /proc/PID/stat: clock ticks since the boot</param>
/// <param name="Words">its command line</param>
public sealed partial record ProcessSeen(int Pid, long StartTicks, string Words)
{
    private const int KillSignal = 9;
    private const int ContinueSignal = 18;
    private const int StopSignal = 19;
    private const int StartTicksField = 19;

    /// <summary>Null where none has the pid, or it has ended and waits to be reaped.</summary>
    public static ProcessSeen? Of(int pid) =>
        Stat(pid) is { } ticks ? new ProcessSeen(pid, ticks, Text($"/proc/{Name(pid)}/cmdline")) : null;

    /// <summary>All processes whose command line contains every one of these words.</summary>
    public static IEnumerable<ProcessSeen> With(params string[] words) =>
        from folder in Directory.EnumerateDirectories("/proc")
        let pid = int.TryParse(Path.GetFileName(folder), CultureInfo.InvariantCulture, out var number) ? number : 0
        where pid > 0 && pid != Environment.ProcessId
        let seen = Of(pid)
        where seen is not null && words.All(word => seen.Words.Contains(word, StringComparison.Ordinal))
        select seen;

    public bool IsAlive() => Stat(Pid) == StartTicks;

    /// <summary>kill -9. False where it had ended before.</summary>
    public bool Kill() => Send(KillSignal);

    /// <summary>SIGSTOP: it stands still, its connections stay open.</summary>
    public bool Pause() => Send(StopSignal);

    /// <summary>SIGCONT: it goes on.</summary>
    public bool Resume() => Send(ContinueSignal);

    private bool Send(int signal) => IsAlive() && NativeKill(Pid, signal) == 0;

    /// <summary>The start of a process that lives; null of one that does not.</summary>
    private static long? Stat(int pid)
    {
        // The second field is the program's name in brackets and may hold anything, so count from the last bracket.
        var text = Text($"/proc/{Name(pid)}/stat");
        var fields = text[(text.LastIndexOf(')') + 1)..].Split(' ', StringSplitOptions.RemoveEmptyEntries);
        return fields.Length > StartTicksField && fields[0] is not ("Z" or "X")
            && long.TryParse(fields[StartTicksField], CultureInfo.InvariantCulture, out var ticks) ? ticks : null;
    }

    private static string Name(int pid) => pid.ToString(CultureInfo.InvariantCulture);

    private static string Text(string path)
    {
        try
        {
            return File.ReadAllText(path).Replace('\0', ' ').Trim();
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            return "";
        }
    }

    [LibraryImport("libc", EntryPoint = "kill", SetLastError = true)]
    private static partial int NativeKill(int pid, int signal);
}
