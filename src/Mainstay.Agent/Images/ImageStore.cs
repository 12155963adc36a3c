using System.Collections.Immutable;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Mainstay.Kernel;

namespace Mainstay.Agent.Images;

/// <param name="Reason">the waiting reason Kubernetes has for it: InvalidImageName or ErrImagePull</param>
internal sealed record ImageFault(string Reason, string Message);

/// <param name="Bytes">of all its files</param>
internal sealed record StoredImage(ImageReference Reference, string Folder, long Bytes, ImmutableArray<string> Faults);

/// <summary>
/// The images of this machine: REPOSITORY/TAG under one folder, each complete or absent, because an import is a rename.
/// Thread safe: the file system is the only state.
/// </summary>
internal sealed class ImageStore(string folder)
{
    private const string ImportPrefix = ".import-";

    public string Folder { get; } = Path.GetFullPath(folder);

    public Image? Resolve(string name, out ImageFault? fault)
    {
        if (ImageReference.Parse(name, out var nameFault) is not { } reference)
        {
            fault = new ImageFault("InvalidImageName", nameFault ?? $"image \"{name}\" has no good name");
            return null;
        }

        var path = PathOf(reference);
        var file = Path.Combine(path, ImageJson.FileName);
        if (!File.Exists(file))
        {
            fault = new ImageFault(
                "ErrImagePull",
                $"image \"{reference}\" is not in the image store {Folder}: "
                + $"there is no {Path.Combine(reference.Repository, reference.Tag, ImageJson.FileName)}; "
                + $"import it with: mainstay image import FOLDER {reference}");
            return null;
        }

        try
        {
            var image = ImageJson.Read(path, IdOf(path, reference), File.ReadAllBytes(file), out var faults);
            fault = image is null
                ? new ImageFault("ErrImagePull", $"image \"{reference}\" cannot be used: {string.Join("; ", faults)}")
                : null;
            return image;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            fault = new ImageFault("ErrImagePull", $"image \"{reference}\" cannot be read: {e.Message}");
            return null;
        }
    }

    /// <summary>Copies the folder in, then swaps it in by rename.</summary>
    /// <exception cref="StartException">what is wrong with the folder or the name, in one line</exception>
    public void Import(string source, ImageReference reference, string nonce)
    {
        var full = Path.GetFullPath(source);
        if (!Directory.Exists(full))
        {
            throw new StartException($"there is no folder {full}", "name the folder that holds the image's files");
        }

        var json = Path.Combine(full, ImageJson.FileName);
        if (!File.Exists(json))
        {
            throw new StartException($"{full} has no {ImageJson.FileName}", "write one, as docs/images.md shows");
        }

        if (ImageJson.Read(full, "", File.ReadAllBytes(json), out var faults) is null)
        {
            throw new StartException(string.Join("; ", faults), "mend the file and import again");
        }

        var target = PathOf(reference);
        var temporary = Path.Combine(Folder, ImportPrefix + nonce);
        Directory.CreateDirectory(Path.GetDirectoryName(target) ?? Folder);
        CopyFolder(full, temporary);
        var old = temporary + "-old";
        if (Directory.Exists(target))
        {
            Directory.Move(target, old);
        }

        Directory.Move(temporary, target);
        if (Directory.Exists(old))
        {
            Directory.Delete(old, recursive: true);
        }
    }

    public bool Remove(ImageReference reference)
    {
        var path = PathOf(reference);
        if (!File.Exists(Path.Combine(path, ImageJson.FileName)))
        {
            return false;
        }

        Directory.Delete(path, recursive: true);
        var parent = Path.GetDirectoryName(path);
        while (parent is not null && parent != Folder && !Directory.EnumerateFileSystemEntries(parent).Any())
        {
            Directory.Delete(parent);
            parent = Path.GetDirectoryName(parent);
        }

        return true;
    }

    public IReadOnlyList<StoredImage> List()
    {
        if (!Directory.Exists(Folder))
        {
            return [];
        }

        var images = new List<StoredImage>();
        Collect(Folder, images);
        return [.. images.OrderBy(image => image.Reference.ToString(), StringComparer.Ordinal)];
    }

    private void Collect(string folder, List<StoredImage> images)
    {
        foreach (var path in Directory.EnumerateDirectories(folder))
        {
            var json = Path.Combine(path, ImageJson.FileName);
            if (Path.GetFileName(path).StartsWith(ImportPrefix, StringComparison.Ordinal))
            {
                continue;
            }

            if (!File.Exists(json))
            {
                Collect(path, images);
                continue;
            }

            var repository = Path.GetRelativePath(Folder, folder);
            _ = ImageJson.Read(path, "", File.ReadAllBytes(json), out var faults);
            var bytes = FilesOf(path).Sum(file => file.Length);
            images.Add(new StoredImage(new ImageReference(repository, Path.GetFileName(path)), path, bytes, faults));
        }
    }

    private string PathOf(ImageReference reference) => Path.Combine(Folder, reference.Repository, reference.Tag);

    /// <summary>
    /// From names, sizes and times of the files, not their bytes: it is asked for at each start of a container.
    /// </summary>
    private static string IdOf(string path, ImageReference reference)
    {
        var text = new StringBuilder();
        foreach (var file in FilesOf(path).OrderBy(file => file.FullName, StringComparer.Ordinal))
        {
            text.Append(CultureInfo.InvariantCulture, $"{Path.GetRelativePath(path, file.FullName)}\0{file.Length}\0");
            text.Append(CultureInfo.InvariantCulture, $"{file.LastWriteTimeUtc.Ticks}\0");
        }

        var hash = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text.ToString())));
        return $"{reference.Repository}@sha256:{hash}";
    }

    private static IEnumerable<FileInfo> FilesOf(string path) =>
        new DirectoryInfo(path).EnumerateFiles("*", SearchOption.AllDirectories);

    private static void CopyFolder(string source, string target)
    {
        Directory.CreateDirectory(target);
        foreach (var entry in new DirectoryInfo(source).EnumerateFileSystemInfos())
        {
            var copy = Path.Combine(target, entry.Name);
            if (entry.LinkTarget is { } link)
            {
                File.CreateSymbolicLink(copy, link);
            }
            else if (entry is DirectoryInfo)
            {
                CopyFolder(entry.FullName, copy);
            }
            else
            {
                File.Copy(entry.FullName, copy);
            }
        }
    }
}
