using System.Globalization;

namespace Mainstay.ConsoleSite.Pages;

/// <summary>
/// Figures as a person reads them. What is not known is a dash with a word for screen readers, never a 0.
/// </summary>
internal static class Figures
{
    public const string Unknown = "–";

    public static string Rate(double? perSecond) => perSecond switch
    {
        null => Unknown,
        0 => "0/s",
        < 0.1 => "<0.1/s",
        < 10 => Text(perSecond.Value, "0.0") + "/s",
        < 10_000 => Text(perSecond.Value, "0") + "/s",
        _ => Text(perSecond.Value / 1000, "0.0") + "k/s",
    };

    /// <summary>Rounded down: 99.996 % is not 100 %.</summary>
    public static string Percent(double? share) => share switch
    {
        null => Unknown,
        >= 1 => "100 %",
        _ => Text(Math.Floor(share.Value * 10_000) / 100, share.Value > 0.9 ? "0.00" : "0.0") + " %",
    };

    public static string Milliseconds(double? milliseconds) => milliseconds switch
    {
        null => Unknown,
        < 10 => Text(milliseconds.Value, "0.0") + " ms",
        < 1000 => Text(milliseconds.Value, "0") + " ms",
        _ => Text(milliseconds.Value / 1000, "0.0") + " s",
    };

    public static string Seconds(double? seconds) => seconds switch
    {
        null => Unknown,
        < 9.95 => Text(Math.Max(0, seconds.Value), "0.0") + " s",
        < 120 => Text(seconds.Value, "0") + " s",
        < 7200 => Text(Math.Floor(seconds.Value / 60), "0") + " min",
        < 172_800 => Text(Math.Floor(seconds.Value / 3600), "0") + " h",
        _ => Text(Math.Floor(seconds.Value / 86_400), "0") + " d",
    };

    /// <summary>How many routers see how many: "2" or "1 to 2".</summary>
    public static string Range(int? least, int? most) =>
        least is null || most is null ? Unknown
        : least == most ? Text(least.Value, "0")
        : $"{Text(least.Value, "0")} to {Text(most.Value, "0")}";

    public static string Of(int? number) => number is { } value ? Text(value, "0") : Unknown;

    /// <summary>With a capital, as a sentence begins that elsewhere stands behind a colon.</summary>
    public static string Sentence(string text) =>
        text.Length == 0 ? text : char.ToUpperInvariant(text[0]) + text[1..];

    public static string Utc(DateTimeOffset at) =>
        at.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    private static string Text(double value, string format) => value.ToString(format, CultureInfo.InvariantCulture);
}
