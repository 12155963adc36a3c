using System.CommandLine;
using Mainstay.Agent.Images;
using Mainstay.Kernel;

namespace Mainstay.Commands;

/// <summary><c>mainstay image import|ls|rm</c>: the local image store.</summary>
internal static class ImageCommand
{
    public static Command Create()
    {
        var images = new Option<string>("--images")
        {
            Description = "the image store",
            DefaultValueFactory = _ => Path.Combine(".mainstay", "images"),
            Recursive = true,
        };
        return new Command("image", "Import, list and remove images (docs/images.md)")
        {
            images, Import(images), List(images), Remove(images),
        };
    }

    private static Command Import(Option<string> images)
    {
        var folder = new Argument<string>("FOLDER") { Description = "holds image.json and the image's files" };
        var name = new Argument<string>("NAME:TAG") { Description = "such as bank/payments:v1" };
        var command = new Command("import", "Copy a folder into the store as an image") { folder, name };
        command.SetAction(words =>
        {
            ImageCommands.Import(
                words.GetRequiredValue(images), words.GetRequiredValue(folder), words.GetRequiredValue(
                    name), Console.Out);
            return ExitCodes.Ok;
        });
        return command;
    }

    private static Command List(Option<string> images)
    {
        var command = new Command("ls", "List the images; exits 1 if one cannot be used");
        command.SetAction(words => ImageCommands.List(words.GetRequiredValue(images), Console.Out));
        return command;
    }

    private static Command Remove(Option<string> images)
    {
        var name = new Argument<string>("NAME:TAG");
        var command = new Command("rm", "Remove an image; processes that run from it may miss files") { name };
        command.SetAction(words =>
        {
            ImageCommands.Remove(words.GetRequiredValue(images), words.GetRequiredValue(name), Console.Out);
            return ExitCodes.Ok;
        });
        return command;
    }
}
