using System.Globalization;
using System.Net;
using System.Text;
using Mainstay.Drills.Timeline;

namespace Mainstay.Drills.Reports;

/// <summary>Below the rows of a chart: how long each fault was on, and each signal was shown.</summary>
internal sealed class ChartLanes(DrillRecord record, ChartScale scale, double top)
{
    private const double LaneHeight = 15;

    private readonly StringBuilder _text = new();
    private double _y = top;

    /// <summary>Where the lanes end; after <see cref="Svg"/>.</summary>
    public double Bottom => _y;

    public string Svg()
    {
        Heading("Faults");
        foreach (var fault in record.Faults)
        {
            Lane(fault.Title, "fault", scale.Span(fault.Begins, fault.Ends));
        }

        Heading("Signals: solid where shown as a root");
        var lanes = record.Signals.GroupBy(spell => (spell.Name, spell.Subject))
            .OrderByDescending(lane => lane.Any(spell => spell.RootSince is not null))
            .ThenBy(lane => lane.Min(spell => spell.Begins)).ToList();
        foreach (var lane in lanes.Take(Limits.SignalLanesMax))
        {
            Signal([.. lane]);
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
        _y += LaneHeight + 4;
        _text.Append(CultureInfo.InvariantCulture, $"<text x=\"8\" y=\"{_y:0}\" class=\"name\">{Html(words)}</text>\n");
        _y += 5;
    }

    /// <summary>All spells of one signal in one lane; its words stand once, beside the longest room.</summary>
    private void Signal(IReadOnlyList<SignalSpell> spells)
    {
        foreach (var spell in spells.Skip(1))
        {
            Bar(KindOf(spell), scale.Span(spell.Begins, spell.Ends));
        }

        var all = scale.Span(spells.Min(spell => spell.Begins), spells.Max(spell => spell.Ends));
        Bar(KindOf(spells[0]), scale.Span(spells[0].Begins, spells[0].Ends));
        Words($"{spells[0].Name} {spells[0].Subject}", all);
        _y += LaneHeight;
    }

    private static string KindOf(SignalSpell spell) => spell.RootSince is null ? "folded" : "root";

    private void Lane(string words, string kind, (double X, double Width) span)
    {
        Bar(kind, span);
        Words(words, span);
        _y += LaneHeight;
    }

    private void Bar(string kind, (double X, double Width) span) => _text.Append(CultureInfo.InvariantCulture, $"""
        <rect class="{kind}" x="{span.X:0.#}" y="{_y + 3:0}" width="{span.Width:0.#}" height="10" rx="2"/>

        """);

    /// <summary>To the right of the bar, to its left where there is no room, or across it.</summary>
    private void Words(string words, (double X, double Width) span)
    {
        var right = span.X + span.Width;
        var (at, anchor, kind) = right < ChartScale.Width * 0.6 ? (right + 6, "start", "soft")
            : span.X > ChartScale.Width * 0.45 ? (span.X - 6, "end", "soft")
            : (Math.Max(span.X, ChartScale.Left) + 8, "start", "soft over");
        _text.Append(CultureInfo.InvariantCulture, $"""
            <text class="{kind}" x="{at:0.#}" y="{_y + 12:0}" text-anchor="{anchor}">{Html(words)}</text>

            """);
    }

    private static string Html(string text) => WebUtility.HtmlEncode(text);
}
