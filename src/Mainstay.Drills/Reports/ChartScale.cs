namespace Mainstay.Drills.Reports;

/// <summary>From seconds to places in a chart.</summary>
/// <param name="Seconds">what the whole width stands for</param>
internal sealed record ChartScale(double Seconds)
{
    public const double Width = 1000;

    /// <summary>Where the words end and the rows begin.</summary>
    public const double Left = 168;

    public const double Inner = Width - Left - Right;

    private const double Right = 14;

    /// <summary>Seconds between two marks of the axis.</summary>
    public double Tick => Seconds <= 70 ? 10 : Seconds <= 200 ? 20 : 60;

    public double X(double second) => Left + (Inner * Math.Clamp(second / Math.Max(Seconds, 1), 0, 1));

    /// <summary>A span that can be seen, however short it was.</summary>
    public (double X, double Width) Span(double begins, double ends) =>
        (X(begins), Math.Max(3, X(ends) - X(begins)));
}
