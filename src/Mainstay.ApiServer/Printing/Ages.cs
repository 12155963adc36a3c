using System.Globalization;
using Mainstay.ApiServer.Schema;

namespace Mainstay.ApiServer.Printing;

/// <summary>Ages as kubectl prints them: 45s, 3m12s, 47m, 5h2m, 23h, 3d4h, 12d, 2y30d.</summary>
internal static class Ages
{
    public const string Unknown = "<unknown>";

    public static string Since(string timestamp, DateTimeOffset now) =>
        Timestamp.TryParse(timestamp, out var then) ? Short(now - then) : Unknown;

    /// <summary>At most two units, and only the larger one once the smaller says little.</summary>
    public static string Short(TimeSpan span)
    {
        var seconds = (long)span.TotalSeconds;
        if (seconds < -1)
        {
            return "<invalid>";
        }

        if (seconds < 0)
        {
            return "0s";
        }

        var minutes = seconds / 60;
        var hours = seconds / 3600;
        var days = hours / 24;
        var years = days / 365;
        return (seconds, minutes, hours, days) switch
        {
            ( < 120, _, _, _) => Join(seconds, "s"),
            (_, < 10, _, _) => Join(minutes, "m", seconds % 60, "s"),
            (_, < 180, _, _) => Join(minutes, "m"),
            (_, _, < 8, _) => Join(hours, "h", minutes % 60, "m"),
            (_, _, < 48, _) => Join(hours, "h"),
            (_, _, < 192, _) => Join(days, "d", hours % 24, "h"),
            (_, _, _, < 730) => Join(days, "d"),
            (_, _, _, < 2920) => Join(years, "y", days % 365, "d"),
            _ => Join(years, "y"),
        };
    }

    private static string Join(long large, string largeUnit, long small = 0, string smallUnit = "") => small == 0
        ? string.Create(CultureInfo.InvariantCulture, $"{large}{largeUnit}")
        : string.Create(CultureInfo.InvariantCulture, $"{large}{largeUnit}{small}{smallUnit}");
}
