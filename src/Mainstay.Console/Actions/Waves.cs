using System.Collections.Immutable;

namespace Mainstay.ConsoleSite.Actions;

/// <summary>
/// In which order units are acted on. One first, which proves the rest; then one of each other zone; then waves. A wave
/// is done at once, and has at most a third of all units and at most <see cref="SizeMax"/>. Nine units in three zones:
/// <code>
///     1: a1     2: b1 c1     3: a2 b2 c2     4: a3 b3 c3
/// </code>
/// A pure function.
/// </summary>
public static class Waves
{
    /// <summary>Units of one wave: what a person can still look through.</summary>
    public const int SizeMax = 25;

    /// <param name="units">in the order in which they are wished for</param>
    /// <param name="fleetSize">units that there are in all, chosen or not</param>
    public static ImmutableArray<ImmutableArray<ActionUnit>> Of(ImmutableArray<ActionUnit> units, int fleetSize)
    {
        if (units.IsEmpty)
        {
            return [];
        }

        var bound = Bound(fleetSize);
        var first = units[0];
        var onePerZone = units.Skip(1)
            .Where(unit => unit.Zone != first.Zone)
            .DistinctBy(unit => unit.Zone)
            .ToImmutableArray();
        var rest = Interleaved(units.Where(unit => unit != first && !onePerZone.Contains(unit)));
        return
        [
            [first],
            .. onePerZone.Chunk(bound).Select(wave => wave.ToImmutableArray()),
            .. rest.Chunk(bound).Select(wave => wave.ToImmutableArray()),
        ];
    }

    /// <summary>Units that one wave may have in a fleet of a size.</summary>
    public static int Bound(int fleetSize) => Math.Clamp(fleetSize / 3, 1, SizeMax);

    /// <summary>The zones in turn, so that no wave takes many units of one zone while others have some.</summary>
    private static IEnumerable<ActionUnit> Interleaved(IEnumerable<ActionUnit> units) =>
        units.GroupBy(unit => unit.Zone, StringComparer.Ordinal)
            .SelectMany(zone => zone.Select((unit, round) => (unit, round)))
            .OrderBy(pair => pair.round)
            .ThenBy(pair => pair.unit.Zone, StringComparer.Ordinal)
            .Select(pair => pair.unit);
}
