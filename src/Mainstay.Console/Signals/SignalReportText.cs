using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using Mainstay.Kernel.Signals;

namespace Mainstay.ConsoleSite.Signals;

/// <summary>
/// A report for a terminal: the verdict, then each root with its figures and what to do, then what it explains.
/// </summary>
public static class SignalReportText
{
    public static string Write(SignalReport report)
    {
        var text = new StringBuilder();
        text.Append(report.Well ? "✓ " : "✕ ").Append(report.Verdict).Append('\n');
        foreach (var root in report.Roots)
        {
            text.Append('\n');
            WriteRoot(text, root, report.GeneratedAt);
        }

        WriteUnknown(text, report);
        foreach (var note in report.Notes)
        {
            text.Append(CultureInfo.InvariantCulture, $"\nnote: {note}\n");
        }

        WriteHops(text, report.Hops);
        return text.ToString();
    }

    /// <summary>One root as lines, for other commands that tell why.</summary>
    public static void WriteRoot(StringBuilder text, SignalRoot root, DateTimeOffset now)
    {
        var first = root.Row.First;
        text.Append(CultureInfo.InvariantCulture, $"{Sign(first.Severity)} {root.Row.Title}  ")
            .Append(CultureInfo.InvariantCulture, $"{SignalsJson.Word(first.Severity)}, {Since(first, now)}")
            .Append(first.Definition.Promise > 0 ? $", threatens promise {first.Definition.Promise}\n" : "\n");
        Line(text, "what", first.Reading.Summary);
        Line(text, "means", first.Definition.Meaning);
        Line(text, "evidence", string.Join(", ", first.Reading.Evidence.Select(fact => $"{fact.Name} {fact.Value}")));
        Line(text, "object", first.Reading.Culprit?.ToString() ?? "");
        Line(text, "on", root.Row.Signals.Length > 1 ? Subjects(root.Row) : "");
        Line(text, "do", first.Definition.Advice);
        foreach (var row in root.Explains)
        {
            Line(text, "explains", $"{row.Title} ({Since(row.First, now)}): {row.First.Reading.Summary}");
        }

        foreach (var row in root.Context)
        {
            Line(text, "beside", $"{row.Title} ({Since(row.First, now)}): {row.First.Reading.Summary}");
        }
    }

    /// <summary>0.4 s, 14 s, 3 min, 2 h, 5 d: short, and never more exact than it is.</summary>
    public static string Span(TimeSpan span) => span.TotalSeconds switch
    {
        < 10 => FormattableString.Invariant($"{Math.Max(0, span.TotalSeconds):0.#} s"),
        < 120 => FormattableString.Invariant($"{span.TotalSeconds:0} s"),
        < 7200 => FormattableString.Invariant($"{span.TotalMinutes:0} min"),
        < 172_800 => FormattableString.Invariant($"{span.TotalHours:0} h"),
        _ => FormattableString.Invariant($"{span.TotalDays:0} d"),
    };

    private static void WriteUnknown(StringBuilder text, SignalReport report)
    {
        foreach (var part in report.Unknown)
        {
            var heard = part.HeardAt is { } at ? $"last heard {Span(report.GeneratedAt - at)} ago" : "not heard";
            var said = part.LastSaid.Length > 0 ? $"; it last said {string.Join(", ", part.LastSaid)}" : "";
            text.Append(CultureInfo.InvariantCulture, $"\n? {part.Subject}  unknown, {heard}: {part.Reason}{said}\n");
        }
    }

    private static void WriteHops(StringBuilder text, ImmutableArray<Hop> hops)
    {
        if (hops.Length == 0)
        {
            return;
        }

        var width = hops.Max(hop => hop.Name.Length);
        text.Append("\nThe way of a change (heartbeat):\n");
        foreach (var hop in hops)
        {
            var age = hop.Age is { } span ? $"{Span(span)} old" : "never seen to advance";
            var via = hop.Via.Length > 0 ? $"  via {hop.Via}" : "";
            text.Append(
                CultureInfo.InvariantCulture, $"  {hop.Name.PadRight(width)}  sequence {hop.Sequence}, {age}{via}\n");
        }
    }

    private static void Line(StringBuilder text, string word, string what)
    {
        if (what.Length > 0)
        {
            text.Append("    ").Append(word.PadRight(10)).Append(what).Append('\n');
        }
    }

    private static string Subjects(SignalRow row)
    {
        const int Shown = 10;
        var names = string.Join(", ", row.Signals.Take(Shown).Select(signal => signal.Subject));
        return row.Signals.Length > Shown ? $"{names} and {row.Signals.Length - Shown} more" : names;
    }

    private static string Since(Signal signal, DateTimeOffset now) =>
        signal.Since == DateTimeOffset.UnixEpoch
            ? "since when is not known"
            : string.Create(
                CultureInfo.InvariantCulture,
                $"since {signal.Since.UtcDateTime:HH:mm:ss} UTC ({Span(now - signal.Since)})");

    private static char Sign(Severity severity) => severity switch
    {
        Severity.Critical => '✕',
        Severity.Warning => '!',
        _ => 'i',
    };
}
