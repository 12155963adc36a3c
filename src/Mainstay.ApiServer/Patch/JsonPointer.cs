using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace Mainstay.ApiServer.Patch;

/// <summary>RFC 6901: <c>/spec/containers/0/a~1b</c> is spec, containers, 0, a/b. Immutable.</summary>
internal sealed record JsonPointer(string Text, ImmutableArray<string> Steps)
{
    public static bool TryParse(string text, [NotNullWhen(true)] out JsonPointer? pointer)
    {
        pointer = null;
        if (text.Length == 0)
        {
            pointer = new JsonPointer(text, []);
            return true;
        }

        if (text[0] != '/')
        {
            return false;
        }

        var steps = text[1..].Split('/');
        if (steps.Any(HasBrokenEscape))
        {
            return false;
        }

        pointer = new JsonPointer(text, [.. steps.Select(Unescape)]);
        return true;
    }

    /// <summary>The place of an item in a list; no sign and no leading zero.</summary>
    public static bool TryIndex(string step, out int index)
    {
        index = -1;
        var isNumber = step.Length > 0 && step.All(char.IsAsciiDigit) && (step.Length == 1 || step[0] != '0');
        return isNumber && int.TryParse(step, NumberStyles.None, CultureInfo.InvariantCulture, out index);
    }

    /// <summary>True where this is the place of the other, or of something around it.</summary>
    public bool Contains(JsonPointer other) =>
        Steps.Length <= other.Steps.Length && Steps.SequenceEqual(other.Steps.Take(Steps.Length));

    public override string ToString() => Text;

    private static bool HasBrokenEscape(string step)
    {
        for (var at = step.IndexOf('~', StringComparison.Ordinal); at >= 0; at = step.IndexOf('~', at + 1))
        {
            if (at + 1 == step.Length || step[at + 1] is not ('0' or '1'))
            {
                return true;
            }
        }

        return false;
    }

    // ~1 first: "~01" is "~1", not "/"
    private static string Unescape(string step) =>
        step.Replace("~1", "/", StringComparison.Ordinal).Replace("~0", "~", StringComparison.Ordinal);
}
