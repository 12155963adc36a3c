using System.Globalization;
using System.Net;
using System.Text;
using Mainstay.Drills.Timeline;

namespace Mainstay.Drills.Reports;

/// <summary>Below the rows of a chart: how long each fault was on, and each signal was shown.</summary>
internal sealed class ChartLanes(DrillRecord record, ChartScale scale, double top)
{
    private const double LaneHeight = 20;
    private const double BarHeight = 5;

    private readonly StringBuilder _text = new();
    private double _y = top;

    /// <summary>Where the lanes end; after <see cref="Svg"/>.</summary>
    public double Bottom => _y;

    public string Svg()
    {
        Heading("Faults");
        foreach (var fault in record.Faults)
        {
            Lane(fault.Title, [("fault", scale.Span(fault.Begins, fault.Ends))]);
        }

        Heading("Signals: dark where shown as a root");
        var lanes = record.Signals.GroupBy(spell => spell.Name)
            .OrderByDescending(lane => lane.Any(spell => spell.RootSince is not null))
            .ThenBy(lane => lane.Min(spell => spell.Begins)).ToList();
        foreach (var lane in lanes.Take(Limits.SignalLanesMax))
        {
            Lane(WordsOf(lane.Key, [.. lane.Select(spell => spell.Subject).Distinct()]), [.. lane.Select(BarOf)]);
        }

        if (lanes.Count > Limits.SignalLanesMax)
        {
            _y += LaneHeight;
            _text.Append(CultureInfo.InvariantCulture, $"""
                <text class="soft" x="8" y="{_y:0}">and {lanes.Count - Limits.SignalLanesMax} more in the table</text>

                """);
        }

        return _text.ToString();
    }

    private void Heading(string words)
    {
        _y += 22;
        _text.Append(
            CultureInfo.InvariantCulture, $"<text x=\"8\" y=\"{_y:0}\" class=\"name\">{Html(words)}</text>\n");
        _y += 4;
    }

    private (string Kind, (double X, double Width) Span) BarOf(SignalSpell spell) =>
        (spell.RootSince is null ? "folded" : "root", scale.Span(spell.Begins, spell.Ends));

    /// <summary>Words, and below them a thin bar for each time that it was so.</summary>
    private void Lane(string words, IReadOnlyList<(string Kind, (double X, double Width) Span)> bars)
    {
        var left = bars.Min(bar => bar.Span.X);
        var right = bars.Max(bar => bar.Span.X + bar.Span.Width);
        var (at, anchor) = left < ChartScale.Width * 0.6 ? (left, "start") : (right, "end");
        _text.Append(CultureInfo.InvariantCulture, $"""
            <text class="soft" x="{at:0.#}" y="{_y + 11:0}" text-anchor="{anchor}">{Html(words)}</text>

            """);
        foreach (var (kind, span) in bars)
        {
            _text.Append(CultureInfo.InvariantCulture, $"""
                <rect class="{kind}" x="{span.X:0.#}" y="{_y + 14:0}" width="{span.Width:0.#}" height="{BarHeight:0}"/>

                """);
        }

        _y += LaneHeight;
    }

    private static string WordsOf(string name, IReadOnlyList<string> subjects) => subjects switch
    {
        [var only] => $"{name}: {only}",
        [var first, var second] => $"{name}: {first}, {second}",
        _ => $"{name}: {subjects[0]} and {subjects.Count - 1} more",
    };

    private static string Html(string text) => WebUtility.HtmlEncode(text);
}
