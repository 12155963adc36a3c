namespace Mainstay.Tests.Architecture;

/// <summary>The checkout that the tests were built from, found upwards from the test program.</summary>
internal static class SourceTree
{
    public static string Root { get; } = FindRoot();

    public static string Path(string relative) => System.IO.Path.Combine(Root, relative);

    /// <summary>Files under the folders, but for what a build made; paths are relative to the root.</summary>
    public static IEnumerable<string> Files(string ending, params string[] folders) =>
        folders.Select(Path)
            .Where(Directory.Exists)
            .SelectMany(folder => Directory.EnumerateFiles(folder, "*" + ending, SearchOption.AllDirectories))
            .Select(file => System.IO.Path.GetRelativePath(Root, file))
            .Where(file => !file.Split('/').Any(part => part is "bin" or "obj"))
            .Order(StringComparer.Ordinal);

    private static string FindRoot()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(System.IO.Path.Combine(folder.FullName, "Mainstay.slnx")))
        {
            folder = folder.Parent;
        }

        return folder?.FullName ?? throw new InvalidOperationException("Mainstay.slnx is not above the test program");
    }
}
