using System.Globalization;
using System.Net;
using System.Text;
using Mainstay.Drills.Timeline;

namespace Mainstay.Drills.Reports;

/// <summary>
/// The chart of a drill as SVG: a row for each journey, second by second what share of the attempts was answered;
/// across all rows the steps of the story; below them how long each fault was on and each signal was shown. State is
/// colour, pattern and place: an answered share stands from below, a failed one hangs, hatched, from above.
/// </summary>
internal static class JourneyChart
{
    public const string Caption =
        "Each row is a journey, each bar a second (two or five, where customers come seldom): answered attempts from "
        + "below, failed ones hatched from above; dotted where payments wait and nothing is answered; blank where "
        + "nobody came. The numbers are the steps of the table.";

    private const double Top = 44;
    private const double RowGap = 12;

    /// <summary>The SVG element, with its own styles, so that it also stands alone.</summary>
    public static string Svg(DrillRecord record)
    {
        var scale = new ChartScale(record.Seconds);
        var rows = new StringBuilder();
        var y = Top;
        foreach (var journey in Journey.All)
        {
            rows.Append(new ChartRow(record, scale, y).Svg(journey));
            y += ChartRow.Height + RowGap;
        }

        var rowsEnd = y - RowGap;
        Axis(rows, scale, rowsEnd + 14);
        var lanes = new ChartLanes(record, scale, rowsEnd + 18);
        rows.Append(lanes.Svg());
        var height = lanes.Bottom + 12;
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"""
            <svg class="chart" xmlns="http://www.w3.org/2000/svg" role="img"
            viewBox="0 0 {ChartScale.Width:0} {height:0}">
            <title>{Html(record.Name)}: success of each journey, {Html(Headline.Mode(record))}</title>
            <desc>{Html(Description(record))}</desc>
            <style>{ReportStyle.Colours}{Style}</style>
            <defs><pattern id="hatch" width="5" height="5" patternTransform="rotate(45)" patternUnits="userSpaceOnUse">
            <rect width="5" height="5" class="badly"/><rect width="2.2" height="5" class="bad"/></pattern>
            <pattern id="dots" width="5" height="5" patternUnits="userSpaceOnUse">
            <circle cx="2" cy="2" r="1.1" class="wait"/></pattern></defs>
            <rect width="{ChartScale.Width:0}" height="{height:0}" class="card"/>

            """);
        Steps(text, record, scale, rowsEnd);
        return text.Append(rows).Append("</svg>\n").ToString();
    }

    private const string Style = """

        .chart text{font:12px system-ui,"Segoe UI",Roboto,Arial,sans-serif;fill:var(--ink)}
        .chart .soft{fill:var(--soft);font-size:11px}.chart .name{font-weight:600}
        .card{fill:var(--card)}.bed{fill:none;stroke:var(--line)}
        .ok{fill:var(--ok)}.bad{fill:var(--bad)}.badly{fill:var(--badly)}.wait{fill:var(--soft)}
        .failed{fill:url(#hatch)}.waits{fill:url(#dots)}
        .grid{stroke:var(--line)}.step{stroke:var(--soft);stroke-dasharray:2 3}
        .dot{fill:var(--act)}.dot.fault{fill:var(--fault)}.dot.recovery{fill:var(--ok)}
        .chart .in{fill:var(--card);font-weight:700}
        .fault{fill:var(--faulty);stroke:var(--fault)}.root{fill:var(--bad)}.folded{fill:var(--wait)}
        """;

    /// <summary>
    /// A line and a number for each step; numbers that would cover each other stand in two storeys.
    /// </summary>
    private static void Steps(StringBuilder text, DrillRecord record, ChartScale scale, double bottom)
    {
        var last = (Low: -100.0, High: -100.0);
        for (var index = 0; index < record.Steps.Length; index++)
        {
            var step = record.Steps[index];
            var x = scale.X(step.Begins);
            var low = x - last.Low >= 17;
            var y = low ? 28 : 11;
            var centre = low ? x : Math.Max(x, last.High + 17);
            last = low ? (x, last.High) : (last.Low, centre);
            text.Append(CultureInfo.InvariantCulture, $"""
                <path class="step" d="M{x:0.#} 36V{bottom:0}"/>
                <circle class="dot {step.Kind.ToString().ToLowerInvariant()}" cx="{centre:0.#}" cy="{y}" r="8"/>
                <text class="in" x="{centre:0.#}" y="{y + 4}" text-anchor="middle">{index + 1}</text>

                """);
        }
    }

    private static void Axis(StringBuilder text, ChartScale scale, double y)
    {
        for (var second = 0.0; second <= scale.Seconds; second += scale.Tick)
        {
            text.Append(CultureInfo.InvariantCulture, $"""
                <text class="soft" x="{scale.X(second):0.#}" y="{y:0}" text-anchor="middle">{second:0} s</text>

                """);
        }
    }

    private static string Description(DrillRecord record) => string.Join(" ", Journey.All.Select(journey =>
        $"{journey.Title}: " + string.Join(", ", Phase.Of(record).Select(phase =>
            $"{phase.Title} {Headline.Percent(phase.Success(record, journey.Name))}")) + "."));

    private static string Html(string text) => WebUtility.HtmlEncode(text);
}
