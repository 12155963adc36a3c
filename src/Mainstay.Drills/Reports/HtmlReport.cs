using System.Collections.Immutable;
using System.Globalization;
using System.Net;
using System.Text;
using Mainstay.Drills.Timeline;

namespace Mainstay.Drills.Reports;

/// <summary>
/// The report as one HTML file: no script, nothing loaded from elsewhere, light and dark, on a phone and on paper.
/// </summary>
internal static class HtmlReport
{
    public static string Of(DrillRecord record, ImmutableArray<Check> checks)
    {
        var well = checks.All(check => check.Holds);
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"""
            <!doctype html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <meta name="color-scheme" content="light dark">
            <title>Drill {Html(record.Name)}, {Html(Headline.Mode(record))}</title>
            <style>
            {ReportStyle.Css}
            </style>
            </head>
            <body>
            <header>
            <p class="kind">Drill report</p>
            <h1>{Html(record.Name)}<span class="mode">{Html(Headline.Mode(record))}</span></h1>
            <p class="verdict {(well ? "well" : "bad")}">{(well ? "✓" : "✕")}
            {Html(Headline.Verdict(record, checks))}</p>
            <p>{Html(record.Description)}</p>
            </header>
            <main>
            <dl class="figures">

            """);
        foreach (var (figure, of) in Headline.Figures(record))
        {
            text.Append(CultureInfo.InvariantCulture, $"<div><dt>{Html(of)}</dt><dd>{Html(figure)}</dd></div>\n");
        }

        text.Append("</dl>\n<figure>\n<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"Chart\">\n")
            .Append(JourneyChart.Svg(record))
            .Append("</div>\n<figcaption>").Append(Html(JourneyChart.Caption)).Append("</figcaption>\n</figure>\n");
        foreach (var table in Tables.Of(record, checks))
        {
            Append(text, table);
        }

        text.Append(CultureInfo.InvariantCulture, $"""
            </main>
            <footer>
            <h2>The stage</h2>
            <p>{Html(record.Stage)}</p>
            <p>Begun <time>{record.StartedAt:yyyy-MM-dd HH:mm:ss} UTC</time>. Made by</p>
            <pre>{Html(Reproduce.Command(record))}</pre>
            </footer>
            </body>
            </html>

            """);
        return text.ToString();
    }

    private static void Append(StringBuilder text, Table table)
    {
        var id = new string([.. table.Caption.ToLowerInvariant().Select(c => char.IsAsciiLetter(c) ? c : '-')]);
        text.Append(CultureInfo.InvariantCulture, $"<section aria-labelledby=\"{id}\">\n");
        text.Append(CultureInfo.InvariantCulture, $"<h2 id=\"{id}\">{Html(table.Caption)}</h2>\n");
        if (table.Note.Length > 0)
        {
            text.Append(CultureInfo.InvariantCulture, $"<p class=\"note\">{Html(table.Note)}</p>\n");
        }

        if (table.Rows.IsEmpty)
        {
            text.Append("<p>None.</p>\n</section>\n");
            return;
        }

        text.Append(CultureInfo.InvariantCulture, $"""
            <div class="scroll" tabindex="0" role="region" aria-labelledby="{id}">
            <table>
            <thead><tr>
            """);
        foreach (var column in table.Columns)
        {
            text.Append(CultureInfo.InvariantCulture, $"<th scope=\"col\">{Html(column)}</th>");
        }

        text.Append("</tr></thead>\n<tbody>\n");
        foreach (var row in table.Rows)
        {
            text.Append("<tr>");
            foreach (var cell in row)
            {
                text.Append(CultureInfo.InvariantCulture, $"<td{Mark(cell)}>{Html(cell)}</td>");
            }

            text.Append("</tr>\n");
        }

        text.Append("</tbody>\n</table>\n</div>\n</section>\n");
    }

    private static string Mark(string cell) =>
        cell.StartsWith('✓') ? " class=\"well\"" : cell.StartsWith('✕') ? " class=\"bad\"" : "";

    private static string Html(string text) => WebUtility.HtmlEncode(text);
}
