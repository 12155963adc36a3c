using System.Text.RegularExpressions;

namespace Mainstay.ApiServer.Schema;

/// <summary>What is wrong with a name; nothing when it is right.</summary>
/// <param name="isPrefix">the text is a generateName: letters follow, so a trailing dash is right</param>
internal delegate IEnumerable<string> NameRule(string text, bool isPrefix);

/// <summary>The shapes of names, with Kubernetes' words for each fault. Pure.</summary>
internal static partial class NameRules
{
    private const int LabelMax = 63;
    private const int SubdomainMax = 253;
    private const int PortNameMax = 15;

    private const string LabelFormat = "[a-z0-9]([-a-z0-9]*[a-z0-9])?";
    private const string SubdomainFormat = LabelFormat + "(\\." + LabelFormat + ")*";
    private const string Dns1035Format = "[a-z]([-a-z0-9]*[a-z0-9])?";
    private const string QualifiedFormat = "([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]";
    private const string EnvNameFormat = "[-._a-zA-Z][-._a-zA-Z0-9]*";
    private const string ConfigKeyFormat = "[-._a-zA-Z0-9]+";
    private const string HeaderFormat = "[-A-Za-z0-9]+";
    private const string PercentFormat = "[0-9]+%";

    private static readonly string LabelFault = Shape(
        "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and " +
        "end with an alphanumeric character", LabelFormat, "my-name", "123-abc");

    private static readonly string SubdomainFault = Shape(
        "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must " +
        "start and end with an alphanumeric character", SubdomainFormat, "example.com");

    private static readonly string Dns1035Fault = Shape(
        "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic " +
        "character, and end with an alphanumeric character", Dns1035Format, "my-name", "abc-123");

    private static readonly string QualifiedFault = Shape(
        "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric " +
        "character", QualifiedFormat, "MyName", "my.name", "123-abc");

    private static readonly string LabelValueFault = Shape(
        "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must " +
        "start and end with an alphanumeric character", $"({QualifiedFormat})?", "MyValue", "my_value", "12345");

    private static readonly string EnvNameFault = Shape(
        "a valid environment variable name must consist of alphabetic characters, digits, '_', '-', or '.', and must " +
        "not start with a digit", EnvNameFormat, "my.env-name", "MY_ENV.NAME", "MyEnvName1");

    private static readonly string ConfigKeyFault = Shape(
        "a valid config key must consist of alphanumeric characters, '-', '_' or '.'",
        ConfigKeyFormat, "key.name", "KEY_NAME", "key-name");

    private static readonly string HeaderFault = Shape(
        "a valid HTTP header must consist of alphanumeric characters or '-'", HeaderFormat, "X-Header-Name");

    private static readonly string PercentFault = Shape(
        "a valid percent string must be a numeric string followed by an ending '%'", PercentFormat, "1%", "93%");

    /// <summary>RFC 1123 subdomain: most objects.</summary>
    public static NameRule Subdomain { get; } = (text, isPrefix) => IsSubdomain(Whole(text, isPrefix));

    /// <summary>RFC 1123 label: namespaces, containers, volumes.</summary>
    public static NameRule Label { get; } = (text, isPrefix) => IsLabel(Whole(text, isPrefix));

    /// <summary>RFC 1035 label: services.</summary>
    public static NameRule Dns1035 { get; } = (text, isPrefix) => IsDns1035(Whole(text, isPrefix));

    public static IEnumerable<string> IsSubdomain(string text) =>
        Check(text, SubdomainMax, SubdomainRegex().IsMatch(text), SubdomainFault);

    public static IEnumerable<string> IsLabel(string text) =>
        Check(text, LabelMax, LabelRegex().IsMatch(text), LabelFault);

    public static IEnumerable<string> IsDns1035(string text) =>
        Check(text, LabelMax, Dns1035Regex().IsMatch(text), Dns1035Fault);

    public static IEnumerable<string> IsLabelValue(string text) =>
        Check(text, LabelMax, text.Length == 0 || QualifiedRegex().IsMatch(text), LabelValueFault);

    public static IEnumerable<string> IsEnvName(string text)
    {
        if (!EnvNameRegex().IsMatch(text))
        {
            yield return EnvNameFault;
        }

        foreach (var fault in DotFaults(text))
        {
            yield return fault;
        }
    }

    public static IEnumerable<string> IsConfigKey(string text) =>
        Check(text, SubdomainMax, ConfigKeyRegex().IsMatch(text), ConfigKeyFault).Concat(DotFaults(text));

    public static IEnumerable<string> IsHeaderName(string text) => HeaderRegex().IsMatch(text) ? [] : [HeaderFault];

    public static IEnumerable<string> IsPercent(string text) => PercentRegex().IsMatch(text) ? [] : [PercentFault];

    /// <summary>"name" or "example.com/name": label keys, finalizers, resource names.</summary>
    public static IEnumerable<string> IsQualified(string text)
    {
        var parts = text.Split('/');
        if (parts.Length > 2)
        {
            return [$"a qualified name {QualifiedFault} with an optional DNS subdomain prefix and '/' " +
                "(e.g. 'example.com/MyName')"];
        }

        var faults = new List<string>();
        if (parts.Length == 2)
        {
            faults.AddRange((parts[0].Length == 0 ? ["must be non-empty"] : IsSubdomain(parts[0]))
                .Select(fault => "prefix part " + fault));
        }

        var name = parts[^1];
        if (name.Length == 0)
        {
            faults.Add("name part must be non-empty");
        }

        faults.AddRange(Check(name, LabelMax, QualifiedRegex().IsMatch(name), QualifiedFault)
            .Select(fault => "name part " + fault));
        return faults;
    }

    /// <summary>The name of a port of a container or a service's target: an IANA service name.</summary>
    public static IEnumerable<string> IsPortName(string text)
    {
        if (text.Length > PortNameMax)
        {
            yield return $"must be no more than {PortNameMax} characters";
        }

        if (!PortNameRegex().IsMatch(text))
        {
            yield return "must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)";
        }

        if (!text.Any(char.IsAsciiLetterLower))
        {
            yield return "must contain at least one letter or number (a-z, 0-9)";
        }

        if (text.Contains("--", StringComparison.Ordinal))
        {
            yield return "must not contain consecutive hyphens";
        }

        if (text.StartsWith('-') || text.EndsWith('-'))
        {
            yield return "must not begin or end with a hyphen";
        }
    }

    private static IEnumerable<string> Check(string text, int charactersMax, bool isRight, string fault)
    {
        if (text.Length > charactersMax)
        {
            yield return $"must be no more than {charactersMax} characters";
        }

        if (!isRight)
        {
            yield return fault;
        }
    }

    /// <summary>Names that would lead out of a folder they are made in.</summary>
    private static IEnumerable<string> DotFaults(string text) => text switch
    {
        "." => ["must not be '.'"],
        ".." => ["must not be '..'"],
        _ when text.StartsWith("..", StringComparison.Ordinal) => ["must not start with '..'"],
        _ => [],
    };

    private static string Whole(string text, bool isPrefix) =>
        isPrefix && text.EndsWith('-') && text.Length > 1 ? text[..^1] + "a" : text;

    private static string Shape(string rule, string format, params ReadOnlySpan<string> examples)
    {
        var said = string.Join(" or ", examples.ToArray().Select(example => $"'{example}', "));
        return $"{rule} (e.g. {said}regex used for validation is '{format}')";
    }

    [GeneratedRegex(@"\A" + LabelFormat + @"\z")]
    private static partial Regex LabelRegex();

    [GeneratedRegex(@"\A" + SubdomainFormat + @"\z")]
    private static partial Regex SubdomainRegex();

    [GeneratedRegex(@"\A" + Dns1035Format + @"\z")]
    private static partial Regex Dns1035Regex();

    [GeneratedRegex(@"\A" + QualifiedFormat + @"\z")]
    private static partial Regex QualifiedRegex();

    [GeneratedRegex(@"\A" + EnvNameFormat + @"\z")]
    private static partial Regex EnvNameRegex();

    [GeneratedRegex(@"\A" + ConfigKeyFormat + @"\z")]
    private static partial Regex ConfigKeyRegex();

    [GeneratedRegex(@"\A" + HeaderFormat + @"\z")]
    private static partial Regex HeaderRegex();

    [GeneratedRegex(@"\A" + PercentFormat + @"\z")]
    private static partial Regex PercentRegex();

    [GeneratedRegex(@"\A[-a-z0-9]+\z")]
    private static partial Regex PortNameRegex();
}
