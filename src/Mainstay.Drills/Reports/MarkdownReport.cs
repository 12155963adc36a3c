using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using Mainstay.Drills.Timeline;

namespace Mainstay.Drills.Reports;

/// <summary>The report as Markdown, with the chart in a file beside it.</summary>
internal static class MarkdownReport
{
    /// <param name="chartFile">name of the chart's file, as seen from the report</param>
    public static string Of(DrillRecord record, ImmutableArray<Check> checks, string chartFile)
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"# Drill {record.Name}, {Headline.Mode(record)}\n\n");
        text.Append(CultureInfo.InvariantCulture, $"**{Headline.Verdict(record, checks)}**\n\n");
        text.Append(record.Description).Append("\n\n");
        foreach (var (figure, of) in Headline.Figures(record))
        {
            text.Append(CultureInfo.InvariantCulture, $"- {figure} {of}\n");
        }

        text.Append(CultureInfo.InvariantCulture, $"\n![Success of each journey over the drill]({chartFile})\n");
        foreach (var table in Tables.Of(record, checks))
        {
            Append(text, table);
        }

        text.Append("\n## The stage\n\n").Append(record.Stage).Append("\n\n");
        text.Append(CultureInfo.InvariantCulture, $"Begun {record.StartedAt:yyyy-MM-dd HH:mm:ss} UTC. Made by\n\n");
        text.Append(CultureInfo.InvariantCulture, $"    {Reproduce.Command(record)}\n");
        return text.ToString();
    }

    private static void Append(StringBuilder text, Table table)
    {
        text.Append(CultureInfo.InvariantCulture, $"\n## {table.Caption}\n\n");
        if (table.Note.Length > 0)
        {
            text.Append(table.Note).Append("\n\n");
        }

        if (table.Rows.IsEmpty)
        {
            text.Append("None.\n");
            return;
        }

        text.Append(Line(table.Columns)).Append(Line([.. table.Columns.Select(_ => "---")]));
        foreach (var row in table.Rows)
        {
            text.Append(Line(row));
        }
    }

    private static string Line(ImmutableArray<string> cells) => $"| {string.Join(" | ", cells.Select(Cell))} |\n";

    private static string Cell(string text) => text.ReplaceLineEndings(" ")
        .Replace("\\", "\\\\", StringComparison.Ordinal)
        .Replace("|", "\\|", StringComparison.Ordinal)
        .Replace("<", "&lt;", StringComparison.Ordinal);
}
