using System.Globalization;
using System.Net;
using System.Text;
using Mainstay.Drills.Timeline;
using Mainstay.Drills.Verdicts;

namespace Mainstay.Drills.Reports;

/// <summary>One journey's row of a chart: three paths, for what was answered, what failed and what waited.</summary>
internal sealed class ChartRow(DrillRecord record, ChartScale scale, double y)
{
    public const double Height = 42;

    private readonly StringBuilder _answered = new();
    private readonly StringBuilder _failed = new();
    private readonly StringBuilder _waits = new();

    public string Svg(Journey journey)
    {
        var from = 0.0;
        foreach (var sample in Together(record.Samples.Where(sample => sample.Journey == journey.Name).ToList()))
        {
            Draw(sample, from);
            from = sample.Second;
        }

        var total = Window.Of(record.Samples, name => name == journey.Name, 0, record.Seconds);
        var worst = Phase.Of(record).Min(phase => phase.Success(record, journey.Name));
        var share = $"{Headline.Percent(total.Success)}, worst {Headline.Percent(worst)}";
        return string.Create(CultureInfo.InvariantCulture, $"""
            <text x="8" y="{y + 15:0}" class="name">{WebUtility.HtmlEncode(journey.Title)}</text>
            <text x="8" y="{y + 31:0}" class="soft">{share}</text>
            <path class="ok" d="{_answered}"/><path class="failed" d="{_failed}"/><path class="waits" d="{_waits}"/>
            <rect class="bed" x="{ChartScale.Left:0}" y="{y:0}" width="{ChartScale.Inner:0}" height="{Height:0}"/>

            """);
    }

    /// <summary>
    /// Samples put together until a bar has some attempts in it: what is seldom would else look like gaps.
    /// </summary>
    internal static IEnumerable<JourneySample> Together(IReadOnlyCollection<JourneySample> samples)
    {
        var ended = samples.Sum(sample => sample.Answered + sample.Failed);
        var each = ended >= 3 * samples.Count ? 1 : ended >= samples.Count ? 2 : 5;
        return samples.Chunk(each).Select(few => few[^1] with
        {
            Answered = few.Sum(sample => sample.Answered), Failed = few.Sum(sample => sample.Failed),
        });
    }

    private void Draw(JourneySample sample, double from)
    {
        var span = (X: scale.X(from), Width: scale.X(sample.Second) - scale.X(from));
        var ended = sample.Answered + sample.Failed;
        if (ended > 0)
        {
            var height = Height * sample.Answered / ended;
            Box(_answered, span, y + Height - height, height);
            Box(_failed, span, y, Height - height);
        }
        else if (sample.Pending > 0)
        {
            Box(_waits, span, y, Height);
        }
    }

    private static void Box(StringBuilder path, (double X, double Width) span, double top, double height)
    {
        if (height > 0.05)
        {
            path.Append(
                CultureInfo.InvariantCulture,
                $"M{span.X:0.#} {top:0.#}h{span.Width:0.#}v{height:0.#}h-{span.Width:0.#}z");
        }
    }
}
