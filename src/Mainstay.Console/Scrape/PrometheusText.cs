using System.Globalization;
using System.Text;

namespace Mainstay.ConsoleSite.Scrape;

/// <summary>
/// Reads the Prometheus text format. Example of a line: <c>requests_total{service="a\"b",le="+Inf"} 42
/// 1700000000000</c>
/// is the sample "requests_total", labels service = a"b and le = +Inf, value 42; the time is ignored, as the reader has
/// its own. A line
/// that makes no sense is left out and counted; the rest stands.
/// </summary>
internal static class PrometheusText
{
    /// <param name="text">a whole exposition</param>
    /// <param name="prefix">only samples whose name begins so; others are not even looked at</param>
    public static Exposition Read(string text, string prefix)
    {
        var samples = new List<Sample>();
        var bad = 0;
        string? firstFault = null;
        var number = 0;
        foreach (var raw in text.AsSpan().EnumerateLines())
        {
            number++;
            var line = raw.Trim();
            if (line.Length == 0 || line[0] == '#' || !line.StartsWith(prefix, StringComparison.Ordinal))
            {
                continue;
            }

            var fault = ReadLine(line, out var sample);
            if (fault is null)
            {
                samples.Add(sample);
            }
            else
            {
                bad++;
                firstFault ??= $"line {number}: {fault}";
            }
        }

        return new Exposition(samples, bad, firstFault);
    }

    private static string? ReadLine(ReadOnlySpan<char> line, out Sample sample)
    {
        sample = default;
        var nameEnd = line.IndexOfAny('{', ' ', '\t');
        if (nameEnd < 0)
        {
            return "there is no value";
        }

        var name = line[..nameEnd].ToString();
        var rest = line[nameEnd..];
        List<KeyValuePair<string, string>> labels = [];
        if (rest[0] == '{')
        {
            var fault = ReadLabels(rest[1..], labels, out var used);
            if (fault is not null)
            {
                return fault;
            }

            rest = rest[(used + 1)..];
        }

        rest = rest.Trim();
        var valueEnd = rest.IndexOfAny(' ', '\t');
        var valueText = valueEnd < 0 ? rest : rest[..valueEnd];
        if (!TryNumber(valueText, out var value))
        {
            return $"'{valueText}' is no number";
        }

        sample = new Sample(name, labels, value);
        return null;
    }

    /// <summary>From behind the opening brace to behind the closing one.</summary>
    private static string? ReadLabels(
        ReadOnlySpan<char> text, List<KeyValuePair<string, string>> labels, out int used)
    {
        used = 0;
        var at = 0;
        while (true)
        {
            while (at < text.Length && text[at] is ' ' or ',' or '\t')
            {
                at++;
            }

            if (at >= text.Length)
            {
                return "the labels do not end";
            }

            if (text[at] == '}')
            {
                used = at + 1;
                return null;
            }

            var equals = text[at..].IndexOf('=');
            if (equals <= 0 || at + equals + 1 >= text.Length || text[at + equals + 1] != '"')
            {
                return "a label is not NAME=\"VALUE\"";
            }

            var name = text.Slice(at, equals).Trim().ToString();
            at += equals + 2;
            if (ReadQuoted(text, ref at) is not { } value)
            {
                return $"the value of label {name} does not end";
            }

            labels.Add(new KeyValuePair<string, string>(name, value));
        }
    }

    private static string? ReadQuoted(ReadOnlySpan<char> text, ref int at)
    {
        var start = at;
        StringBuilder? unescaped = null;
        for (; at < text.Length; at++)
        {
            if (text[at] == '"')
            {
                var value = unescaped?.ToString() ?? text[start..at].ToString();
                at++;
                return value;
            }

            if (text[at] == '\\' && at + 1 < text.Length)
            {
                unescaped ??= new StringBuilder().Append(text[start..at]);
                at++;
                unescaped.Append(text[at] == 'n' ? '\n' : text[at]);
            }
            else
            {
                unescaped?.Append(text[at]);
            }
        }

        return null;
    }

    public static bool TryNumber(ReadOnlySpan<char> text, out double value)
    {
        value = text switch
        {
            "+Inf" or "Inf" => double.PositiveInfinity,
            "-Inf" => double.NegativeInfinity,
            "NaN" => double.NaN,
            _ => 0,
        };
        return value != 0
            || double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out value);
    }
}

/// <param name="BadLines">lines that make no sense</param>
/// <param name="FirstFault">the first of them, and why</param>
internal sealed record Exposition(IReadOnlyList<Sample> Samples, int BadLines, string? FirstFault);

internal readonly record struct Sample(string Name, List<KeyValuePair<string, string>> Labels, double Value)
{
    /// <summary>The label's value, "" if it is absent: to Prometheus the two are the same.</summary>
    public string Label(string name)
    {
        foreach (var (key, value) in Labels)
        {
            if (key == name)
            {
                return value;
            }
        }

        return "";
    }
}
