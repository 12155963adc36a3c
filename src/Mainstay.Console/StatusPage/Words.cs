using System.Globalization;

namespace Mainstay.ConsoleSite.StatusPage;

/// <summary>
/// Words and signs of the public page: each state is a sign, a word and a colour, so that none is needed alone.
/// </summary>
internal static class Words
{
    /// <summary>Days that the first page looks back.</summary>
    public const int Days = 7;

    public static string Indicator(PublicPage page) =>
        page.IsContactLost && page.Summary.Status.Indicator == "minor" ? "unknown" : page.Summary.Status.Indicator;

    public static string Sign(PublicPage page) => Indicator(page) switch
    {
        "none" => "✓",
        "unknown" => "?",
        "minor" => "!",
        _ => "✕",
    };

    public static string Class(ComponentDocument component, PublicPage page) =>
        IsUnknown(component, page) ? "unknown" : component.Status;

    public static string Sign(ComponentDocument component, PublicPage page) => Class(component, page) switch
    {
        "operational" => "✓",
        "unknown" => "?",
        "degraded_performance" => "!",
        _ => "✕",
    };

    public static string Of(ComponentDocument component, PublicPage page) =>
        IsUnknown(component, page) ? "Not known" : Capital(component.Status.Replace('_', ' '));

    public static string Capital(string word) =>
        word.Length == 0 ? word : char.ToUpperInvariant(word[0]) + word[1..];

    /// <summary>With its date and its zone: readers live in all of them.</summary>
    public static string Time(DateTimeOffset at, bool seconds = false) => at.UtcDateTime.ToString(
        seconds ? "d MMMM yyyy, HH:mm:ss 'UTC'" : "d MMMM yyyy, HH:mm 'UTC'", CultureInfo.InvariantCulture);

    public static string Day(DateTimeOffset at) =>
        at.UtcDateTime.ToString("d MMMM yyyy", CultureInfo.InvariantCulture);

    /// <summary>The last days, newest first, each with the incidents that were first told on it and are over.</summary>
    public static IEnumerable<StatusDay> LastDays(PublicPage page)
    {
        var today = page.Summary.Page.UpdatedAt.UtcDateTime.Date;
        for (var back = 0; back < Days; back++)
        {
            var date = today.AddDays(-back);
            var ofDay = page.History.Where(incident => incident.CreatedAt.UtcDateTime.Date == date).ToList();
            yield return new StatusDay(
                date,
                [.. ofDay.Where(incident => incident.ResolvedAt is not null)],
                ofDay.Exists(incident => incident.ResolvedAt is null));
        }
    }

    /// <summary>The API has no word for it; people are told as it is.</summary>
    private static bool IsUnknown(ComponentDocument component, PublicPage page) =>
        component.Status == "degraded_performance"
        && (page.IsContactLost || component.Description?.StartsWith("Not known", StringComparison.Ordinal) == true);
}

/// <param name="Incidents">those that are over</param>
/// <param name="GoesOn">another one began on that day and is not over</param>
internal sealed record StatusDay(DateTime Date, IReadOnlyList<IncidentDocument> Incidents, bool GoesOn);
