using System.Globalization;

namespace Mainstay.Up;

/// <summary>A process and no other: a pid is used again, a pid with its start time and boot is not.</summary>
/// <param name="Pid">the process id</param>
/// <param name="StartTicks">clock ticks from boot to its start: field 22 of /proc/PID/stat</param>
/// <param name="BootId">the kernel's id of this boot</param>
internal sealed record ProcessIdentity(int Pid, ulong StartTicks, string BootId)
{
    public bool IsAlive => Of(Pid) == this;

    /// <summary>
    /// The process that has the pid now; null when none has, or when it has ended and waits to be reaped.
    /// </summary>
    public static ProcessIdentity? Of(int pid)
    {
        try
        {
            // The name in the second field may hold blanks and brackets, so the fields are counted from its last
            // bracket.
            var stat = File.ReadAllText($"/proc/{pid}/stat");
            var fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
            var ended = fields[0] is "Z" or "X";
            var start = ulong.Parse(fields[19], CultureInfo.InvariantCulture);
            var boot = File.ReadAllText("/proc/sys/kernel/random/boot_id").Trim();
            return ended ? null : new ProcessIdentity(pid, start, boot);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
