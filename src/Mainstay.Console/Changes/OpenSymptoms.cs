using Mainstay.ConsoleSite.Signals;
using Mainstay.Kernel.Signals;

namespace Mainstay.ConsoleSite.Changes;

/// <summary>
/// What is wrong now, in the words that <c>mainstay changes --for</c> takes: a service that fails by its name, anything
/// else by its signal.
/// </summary>
internal static class OpenSymptoms
{
    private const string ServicePrefix = "service/";

    /// <returns>of each root, the worst first; what is only worth knowing is no symptom</returns>
    public static IReadOnlyList<string> Of(SignalReport? report) =>
    [
        .. (report?.Roots ?? [])
            .Where(root => root.Severity > Severity.Info)
            .Select(root => Word(root.Row.First))
            .Distinct(StringComparer.Ordinal),
    ];

    private static string Word(Signal signal) => signal.Subject.StartsWith(ServicePrefix, StringComparison.Ordinal)
        ? signal.Subject[ServicePrefix.Length..]
        : signal.Name;
}
