using System.Globalization;
using System.Text;
using Mainstay.ConsoleSite.Overview;

namespace Mainstay.ConsoleSite.Pages;

/// <summary>The paths of a sparkline in a field of 120 by 24, and what it shows in words.</summary>
internal sealed record SparklineDrawing(IReadOnlyList<string> Rate, IReadOnlyList<string> Errors, string Label)
{
    private const double Width = 120;
    private const double Height = 24;

    /// <summary>A time that was seen and had no requests keeps a thin line; one that nobody saw has none.</summary>
    private const double Seen = 0.04;

    /// <summary>Null: nothing was seen yet.</summary>
    public static SparklineDrawing? Of(IReadOnlyList<HistoryPoint?> points)
    {
        var seen = points.OfType<HistoryPoint>().ToList();
        if (seen.Count == 0)
        {
            return null;
        }

        var top = Math.Max(seen.Max(point => point.Rate), 0.001);
        var minutes = points.Count * Limits.SlotSeconds / 60;
        var label = $"Last {minutes} min: {Figures.Rate(seen.Min(point => point.Rate))} to "
            + $"{Figures.Rate(seen.Max(point => point.Rate))}";
        var failed = seen.Count(point => point.Errors > 0);
        return new SparklineDrawing(
            Areas(points, point => Math.Max(point.Rate / top, Seen)),
            failed == 0 ? [] : Areas(points, point => point.Errors / top),
            failed == 0 ? $"{label}, no errors" : $"{label}, errors in {failed * Limits.SlotSeconds} s of it");
    }

    /// <summary>One closed area for each run of points that were seen.</summary>
    private static List<string> Areas(IReadOnlyList<HistoryPoint?> points, Func<HistoryPoint, double> height)
    {
        List<string> areas = [];
        var step = Width / points.Count;
        StringBuilder? area = null;
        for (var index = 0; index <= points.Count; index++)
        {
            if (index < points.Count && points[index] is { } point)
            {
                var y = Height - (height(point) * (Height - 1));
                area ??= new StringBuilder().Append(Invariant($"M{index * step:0.#} {Height}"));
                area.Append(Invariant($"V{y:0.#}H{(index + 1) * step:0.#}"));
            }
            else if (area is not null)
            {
                areas.Add(area.Append(Invariant($"V{Height}Z")).ToString());
                area = null;
            }
        }

        return areas;
    }

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
