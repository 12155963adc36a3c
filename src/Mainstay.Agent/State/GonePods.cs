namespace Mainstay.Agent.State;

/// <summary>
/// What is left of pods that are gone: volumes go at once, logs stay for the last few, to be read after a rollback.
/// </summary>
internal static class GonePods
{
    /// <param name="root">where the folders of all pods lie</param>
    /// <param name="gone">the folder of the pod that is gone now</param>
    /// <param name="known">folders of pods that are still known</param>
    public static void Clean(string root, string gone, IReadOnlySet<string> known)
    {
        if (!Directory.Exists(root))
        {
            return;
        }

        var volumes = Path.Combine(root, gone, "volumes");
        if (Directory.Exists(volumes))
        {
            Directory.Delete(volumes, recursive: true);
        }

        var old = new DirectoryInfo(root).EnumerateDirectories()
            .Where(folder => !known.Contains(folder.Name))
            .OrderByDescending(folder => folder.LastWriteTimeUtc)
            .Skip(Limits.GonePodLogsKept);
        foreach (var folder in old)
        {
            folder.Delete(recursive: true);
        }
    }
}
