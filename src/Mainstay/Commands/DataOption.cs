using System.CommandLine;

namespace Mainstay.Commands;

/// <summary>The data folder, which several verbs take.</summary>
internal static class DataOption
{
    public static readonly Option<string> Data = new("--data")
    {
        Description = "the data folder",
        DefaultValueFactory = _ => ".mainstay",
        Recursive = true,
    };

    public static string FolderOf(ParseResult parsed) => Path.GetFullPath(parsed.GetValue(Data) ?? ".mainstay");
}
