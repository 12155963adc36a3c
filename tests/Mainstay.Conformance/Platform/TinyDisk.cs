namespace Mainstay.Conformance.Platform;

/// <summary>A file system of four mebibytes in memory, mounted for one test; mounting needs root or sudo.</summary>
internal sealed class TinyDisk : IAsyncDisposable
{
    private TinyDisk(string folder)
    {
        Folder = folder;
    }

    public string Folder { get; }

    public static async Task<TinyDisk> MountAsync(CancellationToken cancellationToken)
    {
        var folder = Directory.CreateTempSubdirectory("mainstay-tiny-").FullName;
        (await AsRoot("mount", "-t", "tmpfs", "-o", "size=4m,mode=777", "tmpfs", folder).RunAsync(cancellationToken))
            .Succeeded();
        return new TinyDisk(folder);
    }

    public async ValueTask DisposeAsync()
    {
        (await AsRoot("umount", Folder).RunAsync(CancellationToken.None)).Succeeded();
        Directory.Delete(Folder);
    }

    private static Command AsRoot(params string[] words) =>
        Environment.UserName == "root" ? new Command(words[0], words[1..]) : new Command("sudo", words);
}
