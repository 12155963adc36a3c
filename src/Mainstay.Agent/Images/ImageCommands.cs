using System.Globalization;
using Mainstay.Kernel;

namespace Mainstay.Agent.Images;

/// <summary>What <c>mainstay image</c> does.</summary>
public static class ImageCommands
{
    /// <exception cref="StartException">the folder or the name is no good</exception>
    public static void Import(string imagesFolder, string source, string name, TextWriter output)
    {
        var reference = Reference(name);
        var nonce = Environment.ProcessId.ToString(CultureInfo.InvariantCulture);
        new ImageStore(imagesFolder).Import(source, reference, nonce);
        output.WriteLine($"imported {reference}");
    }

    /// <returns><see cref="ExitCodes.NotWell"/> if an image cannot be used</returns>
    public static int List(string imagesFolder, TextWriter output)
    {
        var images = new ImageStore(imagesFolder).List();
        var width = images.Select(image => image.Reference.ToString().Length).Append(0).Max();
        foreach (var image in images)
        {
            var size = string.Create(CultureInfo.InvariantCulture, $"{image.Bytes / 1e6,9:0.0} MB");
            output.WriteLine(
                $"{image.Reference.ToString().PadRight(width)} {size}  {string.Join("; ", image.Faults)}".TrimEnd());
        }

        return images.All(image => image.Faults.IsEmpty) ? ExitCodes.Ok : ExitCodes.NotWell;
    }

    /// <exception cref="StartException">there is no such image</exception>
    public static void Remove(string imagesFolder, string name, TextWriter output)
    {
        var store = new ImageStore(imagesFolder);
        if (!store.Remove(Reference(name)))
        {
            throw new StartException(
                $"there is no image {Reference(name)} in {store.Folder}", "mainstay image ls lists what there is");
        }

        output.WriteLine($"removed {Reference(name)}");
    }

    private static ImageReference Reference(string name) =>
        ImageReference.Parse(name, out var fault)
        ?? throw new StartException(fault ?? name, "write it as NAME:TAG", ExitCodes.Usage);
}
