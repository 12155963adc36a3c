using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Mainstay.ApiServer.Schema;

/// <summary>Checks of single values that many fields share, in Kubernetes' words. Pure.</summary>
internal static class Checks
{
    private const int PortMax = 65535;
    private const int FileModeMax = 0x1ff; // 0777 octal

    public static ValueCheck Label { get; } = Named(NameRules.IsLabel);

    public static ValueCheck Subdomain { get; } = Named(NameRules.IsSubdomain);

    public static ValueCheck Qualified { get; } = Named(NameRules.IsQualified);

    public static ValueCheck PortName { get; } = Named(NameRules.IsPortName);

    public static ValueCheck EnvName { get; } = Named(NameRules.IsEnvName);

    public static ValueCheck Port { get; } = Between(1, PortMax);

    public static ValueCheck IpAddress { get; } = Named(IsIpAddress);

    public static ValueCheck FileMode { get; } = (value, path, errors) =>
    {
        if (value.AsNumber() is < 0 or > FileModeMax)
        {
            errors.Invalid(path, value, "must be a number between 0 and 0777 (octal), both inclusive");
        }
    };

    /// <summary>80 or "http".</summary>
    public static ValueCheck PortNumberOrName { get; } = CheckPort;

    public static ValueCheck NoBackSteps { get; } = (value, path, errors) =>
    {
        var text = value.AsText() ?? "";
        if (text.Split('/').Contains(".."))
        {
            errors.Invalid(path, text, "must not contain '..'");
        }
    };

    /// <summary>A path that stays below the folder it is taken from.</summary>
    public static ValueCheck DescendingPath { get; } = (value, path, errors) =>
    {
        var text = value.AsText() ?? "";
        if (text.StartsWith('/'))
        {
            errors.Invalid(path, text, "must be a relative path");
        }

        NoBackSteps(value, path, errors);
    };

    /// <summary>3 or "25%".</summary>
    public static ValueCheck CountOrPercent { get; } = (value, path, errors) =>
    {
        if (value.AsText() is not { } text)
        {
            if (value.AsNumber() < 0)
            {
                errors.Invalid(path, value, "must be greater than or equal to 0");
            }

            return;
        }

        foreach (var fault in NameRules.IsPercent(text))
        {
            errors.Invalid(path, text, fault);
        }
    };

    /// <summary>The number of a count or of a percentage; 25 for "25%".</summary>
    public static long CountOrPercentOf(JsonNode? value) =>
        value.AsText() is { } text && long.TryParse(text.TrimEnd('%'), out var percent)
            ? percent
            : value.AsNumber() ?? 0;

    public static ValueCheck Between(long minimum, long maximum) => (value, path, errors) =>
    {
        if (value.AsNumber() is { } number && (number < minimum || number > maximum))
        {
            errors.Invalid(path, value, $"must be between {minimum} and {maximum}, inclusive");
        }
    };

    public static ValueCheck Named(Func<string, IEnumerable<string>> rule) => (value, path, errors) =>
    {
        var text = value.AsText() ?? "";
        foreach (var fault in rule(text))
        {
            errors.Invalid(path, text, fault);
        }
    };

    private static void CheckPort(JsonNode value, FieldPath path, FieldErrors errors)
    {
        if (value.GetValueKind() == JsonValueKind.Number)
        {
            Port(value, path, errors);
        }
        else
        {
            PortName(value, path, errors);
        }
    }

    public static IEnumerable<string> IsIpAddress(string text) => IsIp(text, null)
        ? []
        : ["must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)"];

    /// <summary>An address in the usual spelling: 127.1 and 0x7f.1 are none.</summary>
    public static bool IsIp(string text, AddressFamily? family) =>
        IPAddress.TryParse(text, out var address)
        && (family is null || address.AddressFamily == family)
        && !text.Contains('%', StringComparison.Ordinal)
        && (address.AddressFamily != AddressFamily.InterNetwork || address.ToString() == text);

    /// <summary>Names that stand more than once in a list.</summary>
    public static void Unique(JsonNode? owner, string list, string key, (FieldPath Path, FieldErrors Errors) at)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        var index = 0;
        foreach (var item in owner.ObjectsAt(list))
        {
            var text = item.TextIn(key);
            if (text.Length > 0 && !seen.Add(text))
            {
                at.Errors.Duplicate(at.Path.Child(list).Index(index).Child(key), text);
            }

            index++;
        }
    }
}
