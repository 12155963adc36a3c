using System.Globalization;
using System.Text;

namespace Mainstay.Agent.Processes;

/// <param name="State">R, S, D, Z (dead, not yet reaped), X, ...</param>
/// <param name="Session">the pid of the process that opened the session</param>
internal readonly record struct ProcessStat(int Pid, char State, int Session, long StartTicks)
{
    public bool IsAlive => State is not ('Z' or 'X');
}

/// <summary>What /proc says of processes. A process may end between two looks: absent is an ordinary answer.</summary>
internal static class ProcFs
{
    private const int SessionField = 3;
    private const int StartTicksField = 19;
    private static readonly Lazy<string> Boot =
        new(() => File.ReadAllText("/proc/sys/kernel/random/boot_id").Trim());

    public static string BootId => Boot.Value;

    public static ProcessStat? Stat(int pid) =>
        ReadAll($"/proc/{pid.ToString(CultureInfo.InvariantCulture)}/stat") is { } text ? ParseStat(text) : null;

    /// <summary>The identity of a process that exists, dead but unreaped ones included.</summary>
    public static ProcessIdentity? Identify(int pid) =>
        Stat(pid) is { } stat ? new ProcessIdentity(pid, stat.StartTicks, BootId) : null;

    public static bool IsAlive(ProcessIdentity identity) =>
        identity.BootId == BootId
        && Stat(identity.Pid) is { IsAlive: true } stat
        && stat.StartTicks == identity.StartTicks;

    /// <summary>Every process that can be seen.</summary>
    public static IEnumerable<ProcessStat> All()
    {
        foreach (var folder in Directory.EnumerateDirectories("/proc"))
        {
            if (int.TryParse(Path.GetFileName(folder), CultureInfo.InvariantCulture, out var pid)
                && Stat(pid) is { } stat)
            {
                yield return stat;
            }
        }
    }

    /// <summary>NAME=value of each variable that the process was started with; null if it is gone.</summary>
    public static IReadOnlyList<string>? EnvironmentOf(ProcessIdentity identity) =>
        IsAlive(identity) && ReadAll($"/proc/{identity.Pid.ToString(CultureInfo.InvariantCulture)}/environ") is { } text
            ? text.Split('\0', StringSplitOptions.RemoveEmptyEntries)
            : null;

    /// <summary>The folder that the process is in.</summary>
    public static string? FolderOf(ProcessIdentity identity) =>
        LinkTarget($"/proc/{identity.Pid.ToString(CultureInfo.InvariantCulture)}/cwd");

    /// <summary>Leaders of sessions that were started with a variable that begins so: NAME=val...</summary>
    public static IEnumerable<(ProcessIdentity Leader, string Variable)> MarkedLeaders(string prefix) =>
        from process in All()
        where process.IsAlive && process.Session == process.Pid
        let identity = new ProcessIdentity(process.Pid, process.StartTicks, BootId)
        let variable = EnvironmentOf(identity)?.FirstOrDefault(v => v.StartsWith(prefix, StringComparison.Ordinal))
        where variable is not null
        select (identity, variable);

    /// <summary>True if the process was started with this NAME=value in its environment.</summary>
    public static bool HasEnvironment(int pid, string nameAndValue) =>
        ReadAll($"/proc/{pid.ToString(CultureInfo.InvariantCulture)}/environ") is { } text
        && text.Split('\0').Contains(nameAndValue, StringComparer.Ordinal);

    /// <summary>Inodes of the sockets that the process holds open.</summary>
    public static IEnumerable<long> SocketInodes(int pid)
    {
        string[] descriptors;
        try
        {
            descriptors = Directory.GetFiles($"/proc/{pid.ToString(CultureInfo.InvariantCulture)}/fd");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            yield break;
        }

        foreach (var descriptor in descriptors)
        {
            if (LinkTarget(descriptor) is { } target
                && target.StartsWith("socket:[", StringComparison.Ordinal)
                && long.TryParse(target.AsSpan(8, target.Length - 9), CultureInfo.InvariantCulture, out var inode))
            {
                yield return inode;
            }
        }
    }

    /// <summary>
    /// The second field is the program's name in brackets and may hold anything, so count from the last bracket.
    /// </summary>
    internal static ProcessStat? ParseStat(string text)
    {
        var open = text.IndexOf('(', StringComparison.Ordinal);
        var close = text.LastIndexOf(')');
        if (open < 1 || close < open || !int.TryParse(
            text.AsSpan(0, open).Trim(), CultureInfo.InvariantCulture, out var pid))
        {
            return null;
        }

        var fields = text[(close + 1)..].Split(' ', StringSplitOptions.RemoveEmptyEntries);
        return fields.Length > StartTicksField
            && int.TryParse(fields[SessionField], CultureInfo.InvariantCulture, out var session)
            && long.TryParse(fields[StartTicksField], CultureInfo.InvariantCulture, out var startTicks)
                ? new ProcessStat(pid, fields[0][0], session, startTicks)
                : null;
    }

    private static string? LinkTarget(string path)
    {
        try
        {
            return new FileInfo(path).LinkTarget;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>Files of /proc say that they are empty, so they are read until they end.</summary>
    private static string? ReadAll(string path)
    {
        try
        {
            using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite, bufferSize: 0);
            var bytes = new byte[1024];
            var length = 0;
            while (file.Read(bytes, length, bytes.Length - length) is > 0 and var read)
            {
                length += read;
                if (length == bytes.Length)
                {
                    Array.Resize(ref bytes, bytes.Length * 2);
                }
            }

            return Encoding.UTF8.GetString(bytes, 0, length);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
