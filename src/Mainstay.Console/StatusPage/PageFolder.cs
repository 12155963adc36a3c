using System.Collections.Immutable;

namespace Mainstay.ConsoleSite.StatusPage;

/// <summary>
/// The folder of the page: plain files that any web server or copy program can carry elsewhere. Each is swapped in
/// whole, by rename; the API and the feed before the pages, which link to them.
/// </summary>
internal sealed class PageFolder(string folder)
{
    private ImmutableSortedDictionary<string, byte[]> _written =
        ImmutableSortedDictionary<string, byte[]>.Empty;

    /// <summary>What lies there from before.</summary>
    public ImmutableSortedDictionary<string, byte[]> Load()
    {
        var found = ImmutableSortedDictionary.CreateBuilder<string, byte[]>(StringComparer.Ordinal);
        foreach (var path in PageFiles.Types.Keys)
        {
            try
            {
                found[path] = File.ReadAllBytes(Path.Combine(folder, path));
            }
            catch (Exception absent) when (absent is IOException or UnauthorizedAccessException)
            {
                // Not written yet: it will be.
            }
        }

        return found.ToImmutable();
    }

    /// <exception cref="IOException">the disk is full or gone; what was swapped in before is whole</exception>
    public void Write(ImmutableSortedDictionary<string, byte[]> files)
    {
        var changed = files.Where(Differs).OrderBy(file => file.Key.EndsWith(".html", StringComparison.Ordinal));
        foreach (var (path, content) in changed.ToList())
        {
            var file = Path.Combine(folder, path);
            Directory.CreateDirectory(Path.GetDirectoryName(file) ?? folder);
            File.WriteAllBytes($"{file}.new", content);
            File.Move($"{file}.new", file, overwrite: true);
            _written = _written.SetItem(path, content);
        }
    }

    private bool Differs(KeyValuePair<string, byte[]> file) =>
        !_written.TryGetValue(file.Key, out var before) || !before.AsSpan().SequenceEqual(file.Value);
}
