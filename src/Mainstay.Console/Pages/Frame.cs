using Mainstay.ConsoleSite.Overview;

namespace Mainstay.ConsoleSite.Pages;

/// <summary>What stands around every page.</summary>
/// <param name="Title">of the browser's tab</param>
/// <param name="Section">the entry of the navigation that it belongs to</param>
/// <param name="Path">where it lives, to load it again</param>
/// <param name="RefreshSeconds">how often it loads itself again; null: never</param>
/// <param name="Live">the script keeps its parts up to date</param>
public sealed record Frame(
    string Title, string Section, string Path, DateTimeOffset At, string Server, int? RefreshSeconds, bool Live)
{
    /// <summary>The navigation, in its order: name and address.</summary>
    public static IReadOnlyList<(string Name, string Path)> Sections { get; } =
    [
        ("Overview", "/"), ("Services", "/services"), ("Discovery", "/discovery"), ("Nodes", "/nodes"),
        ("Changes", "/changes"), ("Actions", "/actions"), ("Incidents", "/incidents"),
    ];

    public static Frame Of(Home home, string title, string section, string path) =>
        new(title, section, path, home.Overview.At, home.Server, null, Live: false);

    /// <summary>The address that loads it again every few seconds.</summary>
    public string RefreshPath => $"{Path}{(Path.Contains('?', StringComparison.Ordinal) ? '&' : '?')}refresh=5";
}
