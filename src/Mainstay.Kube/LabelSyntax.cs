namespace Mainstay.Kube;

/// <summary>What a label's key and value may look like. A fault is a sentence; null means that it is well
/// formed.</summary>
public static class LabelSyntax
{
    private const int NameCharactersMax = 63;
    private const int PrefixCharactersMax = 253;

    public static string? KeyFault(string key)
    {
        var slash = key.IndexOf('/', StringComparison.Ordinal);
        if (slash >= 0 && !IsSubdomain(key.AsSpan(0, slash)))
        {
            return "prefix part must be a lower case DNS subdomain of at most 253 characters";
        }
        var name = key.AsSpan(slash + 1);
        return name.Length is > 0 and <= NameCharactersMax && IsName(name) ? null
            : "name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an " +
              "alphanumeric character (at most 63 characters)";
    }

    public static string? ValueFault(string value) =>
        value.Length == 0 || (value.Length <= NameCharactersMax && IsName(value)) ? null
            : "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and " +
              "must start and end with an alphanumeric character (at most 63 characters)";

    private static bool IsName(ReadOnlySpan<char> text)
    {
        foreach (var character in text)
        {
            if (!char.IsAsciiLetterOrDigit(character) && character is not ('-' or '_' or '.'))
            {
                return false;
            }
        }
        return char.IsAsciiLetterOrDigit(text[0]) && char.IsAsciiLetterOrDigit(text[^1]);
    }

    private static bool IsSubdomain(ReadOnlySpan<char> text)
    {
        if (text.Length is 0 or > PrefixCharactersMax)
        {
            return false;
        }
        foreach (var range in text.Split('.'))
        {
            var part = text[range];
            if (part.IsEmpty || !IsName(part) || part.IndexOfAnyInRange('A', 'Z') >= 0 || part.Contains('_'))
            {
                return false;
            }
        }
        return true;
    }
}
