using Mainstay.ConsoleSite.StatusPage;

namespace Mainstay.ConsoleSite.Overview;

/// <summary>What customers do, and whether they can.</summary>
/// <param name="Services">those it goes through, the worst first</param>
public sealed record Journey(string Name, State State, IReadOnlyList<ServiceRow> Services)
{
    /// <summary>Each as its worst service; one that nothing fresh is known of is not known to be well. Pure.</summary>
    public static IReadOnlyList<Journey> Of(ServicesModel services) =>
    [
        .. services.Rows
            .SelectMany(row => row.Journeys.Select(journey => (journey, row)))
            .GroupBy(pair => pair.journey, pair => pair.row, StringComparer.Ordinal)
            .OrderBy(group => group.Key, StringComparer.Ordinal)
            .Select(group =>
            {
                var rows = group.OrderByDescending(row => row.State.Health).ToList();
                var worst = rows[0].State;
                var state = worst.Health is Health.Good or Health.Idle ? new State(Health.Good, "works") : worst;
                return new Journey(ComponentNames.Of(group.Key), state, rows);
            }),
    ];

    /// <summary>Words for those outside, from what is wrong now: journeys, and no name of a machine.</summary>
    public static string Draft(IReadOnlyList<Journey> journeys)
    {
        var harmed = journeys.Where(journey => journey.State.Health >= Health.Warning).ToList();
        if (harmed.Count == 0)
        {
            return "We are looking into reports of problems and will say more within 20 minutes.";
        }

        var names = string.Join(", ", harmed.Take(harmed.Count - 1).Select(one => one.Name.ToLowerInvariant())
            .Append(harmed.Count == 1 ? "" : $"and {harmed[^1].Name.ToLowerInvariant()}"))
            .Replace(", and", " and", StringComparison.Ordinal);
        names = harmed.Count == 1 ? harmed[0].Name.ToLowerInvariant() : names;
        var well = journeys.Where(journey => journey.State.Health == Health.Good).Select(one => one.Name).ToList();
        var besides = well.Count == 0 ? "" : $" {string.Join(", ", well)}: not affected as far as we see.";
        return $"We are seeing problems with {names} and are looking into it.{besides} "
            + "We will say more within 20 minutes.";
    }
}
