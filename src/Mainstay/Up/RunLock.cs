using Mainstay.Kernel;

namespace Mainstay.Up;

/// <summary>
/// One <c>up</c> per data folder: held by an open file, so that the kernel frees it however the process ends.
/// </summary>
internal static class RunLock
{
    public static IDisposable Take(DataFolder data)
    {
        try
        {
            return new FileStream(data.Lock, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException fault) when (!Commands.FullDisk.Caused(fault))
        {
            var running = RunRecord.Read(data);
            var who = running is null ? "" : $" (pid {running.Process.Pid}, console {running.Console})";
            throw new StartException(
                $"the platform over {data.Root} is up already{who}", $"'mainstay down --data {data.Root}' stops it");
        }
    }
}
