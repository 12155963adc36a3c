using System.Collections.Immutable;
using System.Globalization;
using Mainstay.Kube;

namespace Mainstay.Router.Discovery;

/// <summary>
/// Which service takes the calls of another that has nothing live or fails: the annotations of
/// <c>docs/seams.md</c> "Fallbacks, journeys". Frozen.
/// </summary>
/// <param name="Namespace">of the fallback</param>
/// <param name="Name">of the fallback</param>
/// <param name="Port">-1 for the one that callers mean who name none</param>
/// <param name="ByHand">a person wants it taken now</param>
internal sealed record FallbackRoute(string Namespace, string Name, int Port, bool ByHand)
{
    private const string Annotation = "mainstay.dev/fallback";
    private const string ByHandAnnotation = "mainstay.dev/fallback-active";

    /// <summary>
    /// A fallback that makes no sense is none: the Service is routed as if it had no such annotation, and the fault is
    /// named.
    /// </summary>
    public static FallbackRoute? Read(
        ObjectKey service, ImmutableDictionary<string, string> annotations, out string fault)
    {
        fault = "";
        if (!annotations.TryGetValue(Annotation, out var text) || text.Trim().Length == 0)
        {
            return null;
        }

        var (name, port) = Split(text.Trim());
        var labels = name.Split('.');
        if (port is < -1 or 0 or > ushort.MaxValue || labels.Length > 2 || !labels.All(IsLabel))
        {
            fault = $"annotation {Annotation}: \"{text}\" is no NAME[.NAMESPACE][:PORT]; it is ignored";
            return null;
        }

        var route = new FallbackRoute(
            labels.Length == 2 ? labels[1] : service.Namespace, labels[0], port, IsByHand(annotations, ref fault));
        if (route.Namespace == service.Namespace && route.Name == service.Name)
        {
            fault = $"annotation {Annotation}: a service cannot be its own fallback; it is ignored";
            return null;
        }

        return route;
    }

    private static (string Name, int Port) Split(string text)
    {
        var colon = text.IndexOf(':', StringComparison.Ordinal);
        return colon < 0 ? (text, -1)
            : int.TryParse(text.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var port)
                ? (text[..colon], port)
                : (text[..colon], 0);
    }

    private static bool IsByHand(ImmutableDictionary<string, string> annotations, ref string fault)
    {
        if (!annotations.TryGetValue(ByHandAnnotation, out var text) || text is "" or "false")
        {
            return false;
        }

        if (text != "true")
        {
            fault = $"annotation {ByHandAnnotation}: \"{text}\" is neither true nor false; it is ignored";
        }

        return text == "true";
    }

    /// <summary>A name as Kubernetes has it: it goes into a header as it is.</summary>
    private static bool IsLabel(string text) =>
        text.Length is > 0 and <= 63 && char.IsAsciiLetterOrDigit(text[0]) && char.IsAsciiLetterOrDigit(text[^1]) &&
        text.All(letter => char.IsAsciiLetterLower(letter) || char.IsAsciiDigit(letter) || letter == '-');
}
