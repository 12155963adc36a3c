namespace Mainstay.Agent.Processes;

/// <summary>
/// Which file a command's first word means: an absolute path itself; a path with a slash, from the folder; a bare
/// word, in the folder first and then along PATH.
/// </summary>
internal static class ExecutablePath
{
    public static string? Find(string word, string folder, string searchPath)
    {
        if (word.Contains('/', StringComparison.Ordinal))
        {
            return Existing(Path.GetFullPath(word, folder));
        }

        return new[] { folder }
            .Concat(searchPath.Split(':', StringSplitOptions.RemoveEmptyEntries))
            .Select(place => Existing(Path.Combine(place, word)))
            .FirstOrDefault(found => found is not null);
    }

    private static string? Existing(string path) => File.Exists(path) ? path : null;
}
