using System.Diagnostics;

namespace Mainstay.Conformance.Platform;

/// <summary>A process that belongs to one platform: its words, folder or environment name the data folder.</summary>
internal sealed record PlatformProcess(int Pid, string CommandLine)
{
    public static IReadOnlyList<PlatformProcess> Of(string dataFolder)
    {
        var found = new List<PlatformProcess>();
        foreach (var folder in Directory.EnumerateDirectories("/proc"))
        {
            if (int.TryParse(Path.GetFileName(folder), out var pid) && pid != Environment.ProcessId
                && Read(folder, "cmdline") is { Length: > 0 } words
                && (words.Contains(dataFolder, StringComparison.Ordinal)
                    || Read(folder, "environ").Contains(dataFolder, StringComparison.Ordinal)
                    || WorkingFolder(folder).StartsWith(dataFolder, StringComparison.Ordinal)))
            {
                found.Add(new PlatformProcess(pid, words));
            }
        }

        return found;
    }

    /// <summary>Each of them gets it.</summary>
    /// <param name="signal"><c>-STOP</c>, say</param>
    public static async Task SignalAsync(
        string signal, IEnumerable<PlatformProcess> processes, CancellationToken cancellationToken)
    {
        var kill = new Command("/bin/kill", [signal, .. processes.Select(process => $"{process.Pid}")]);
        (await kill.RunAsync(cancellationToken)).Succeeded();
    }

    /// <summary>kill -9, and the wait for its end.</summary>
    public async Task KillAsync(CancellationToken cancellationToken)
    {
        try
        {
            using var process = Process.GetProcessById(Pid);
            process.Kill();
            await process.WaitForExitAsync(cancellationToken);
        }
        catch (ArgumentException)
        {
            // It has ended already.
        }
    }

    private static string Read(string folder, string name)
    {
        try
        {
            return File.ReadAllText($"{folder}/{name}").Replace('\0', ' ').Trim();
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            return "";
        }
    }

    private static string WorkingFolder(string folder)
    {
        try
        {
            return File.ResolveLinkTarget($"{folder}/cwd", returnFinalTarget: false)?.FullName ?? "";
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            return "";
        }
    }
}
