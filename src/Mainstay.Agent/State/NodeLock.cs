using Mainstay.Kernel;

namespace Mainstay.Agent.State;

/// <summary>One agent for one data folder: a second would start every pod a second time.</summary>
internal static class NodeLock
{
    public static IDisposable Take(string dataFolder)
    {
        var state = Path.Combine(Path.GetFullPath(dataFolder), "state");
        try
        {
            Directory.CreateDirectory(state);
            Directory.CreateDirectory(Path.Combine(Path.GetFullPath(dataFolder), "pods"));
            return new FileStream(
                Path.Combine(state, "lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (UnauthorizedAccessException e)
        {
            throw new StartException($"{state} cannot be written: {e.Message}", "give --data-dir a folder of yours");
        }
        catch (IOException e) when (Directory.Exists(state))
        {
            throw new StartException(
                $"{state} is in use: {e.Message}",
                "another agent runs on it; stop that one or choose another --data-dir");
        }
    }
}
