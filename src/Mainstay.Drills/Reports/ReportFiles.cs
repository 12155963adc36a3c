using System.Collections.Immutable;
using Mainstay.Drills.Timeline;

namespace Mainstay.Drills.Reports;

/// <summary>The files of a report: NAME.html, and beside it NAME.md, NAME.svg and the journal NAME.json.</summary>
internal static class ReportFiles
{
    /// <returns>the files, in the order in which they were written</returns>
    public static async Task<IReadOnlyList<string>> WriteAsync(
        string file, DrillRecord record, ImmutableArray<Check> checks, CancellationToken cancellationToken)
    {
        var chart = Path.ChangeExtension(file, ".svg");
        (string Path, string Text)[] files =
        [
            (file, HtmlReport.Of(record, checks)),
            (Path.ChangeExtension(file, ".md"), MarkdownReport.Of(record, checks, Path.GetFileName(chart))),
            (chart, JourneyChart.Svg(record)),
            (Path.ChangeExtension(file, ".json"), JournalJson.Of(record, checks)),
        ];
        foreach (var (path, text) in files)
        {
            await File.WriteAllTextAsync(path, text, cancellationToken);
        }

        return [.. files.Select(written => written.Path)];
    }
}
