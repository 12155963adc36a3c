using System.Collections.Immutable;
using System.Globalization;

namespace Mainstay.Members;

/// <summary>One member as far as the quorum is concerned.</summary>
/// <param name="Zone">empty where it is not known</param>
/// <param name="Votes">false for a learner</param>
/// <param name="IsWell">it answers and knows a leader</param>
internal sealed record BudgetMember(string Name, string Zone, bool Votes, bool IsWell);

/// <summary>
/// What a cluster may still lose at the same time and go on writing. A pure function of its members:
/// <code>
///     3 in 3 zones, all well      any one zone, or any one member
///     9 in 3 zones, all well      any one zone plus one member, or any 4 members
///     9 in 3 zones, zone-a dead   any one member
///     3, one dead                 nothing
/// </code>
/// Immutable.
/// </summary>
internal sealed record FaultBudget
{
    private const int ZoneCannotGo = -1;

    private FaultBudget(ImmutableArray<BudgetMember> members)
    {
        var voters = members.Where(member => member.Votes).ToList();
        var well = voters.Where(member => member.IsWell).ToList();
        Voters = voters.Count;
        Well = well.Count;
        Quorum = (Voters / 2) + 1;
        AnyMembers = Math.Max(0, Well - Quorum);
        Zones = well
            .Where(member => member.Zone.Length > 0)
            .GroupBy(member => member.Zone, StringComparer.Ordinal)
            .ToImmutableSortedDictionary(
                zone => zone.Key, zone => Math.Max(ZoneCannotGo, Well - zone.Count() - Quorum), StringComparer.Ordinal);
    }

    /// <summary>Members with a vote.</summary>
    public int Voters { get; }

    /// <summary>Those of them that are well.</summary>
    public int Well { get; }

    /// <summary>How many must agree.</summary>
    public int Quorum { get; }

    public bool HasQuorum => Voters > 0 && Well >= Quorum;

    /// <summary>Members that may be lost, whichever they are.</summary>
    public int AnyMembers { get; }

    /// <summary>
    /// For each zone that has a well member: how many members elsewhere may be lost with all of it; -1 where it may
    /// not be lost at all.
    /// </summary>
    public ImmutableSortedDictionary<string, int> Zones { get; }

    /// <summary>What may still be lost, for a person.</summary>
    public string Words
    {
        get
        {
            if (Voters == 0)
            {
                return "no members are known";
            }

            if (!HasQuorum)
            {
                return $"has no quorum: {Well} of {Voters} members are well and {Quorum} must agree; "
                    + "nothing can be written";
            }

            if (AnyMembers == 0)
            {
                return "can lose nothing: one member more, and nothing can be written";
            }

            return $"can lose {ZoneWords()}{(HasZoneToLose ? ", or " : "")}any {Count(AnyMembers)}";
        }
    }

    /// <summary>Quorum and budget in one line.</summary>
    public string Sentence => Voters == 0 ? Words : $"{Well} of {Voters} members well, quorum {Quorum}: {Words}";

    private bool HasZoneToLose => Zones.Any(zone => zone.Value > ZoneCannotGo);

    public static FaultBudget Of(IEnumerable<BudgetMember> members) => new([.. members]);

    /// <summary>Something that could be lost before can no longer be lost.</summary>
    public bool IsWorseThan(FaultBudget before) =>
        (before.HasQuorum && !HasQuorum)
        || AnyMembers < before.AnyMembers
        || before.Zones.Any(zone => Zones.TryGetValue(zone.Key, out var now) && now < zone.Value);

    private string ZoneWords()
    {
        var possible = Zones.Where(zone => zone.Value > ZoneCannotGo).ToList();
        var isAlike = possible.Count == Zones.Count && possible.Select(zone => zone.Value).Distinct().Count() == 1;
        if (isAlike && Zones.Count > 1)
        {
            return $"any one zone{Plus(possible[0].Value)}";
        }

        return string.Join(", or ", possible.Select(zone => $"{zone.Key}{Plus(zone.Value)}"));
    }

    private static string Plus(int members) => members == 0 ? "" : $" plus {Count(members)}";

    private static string Count(int members) =>
        members == 1 ? "one member" : string.Create(CultureInfo.InvariantCulture, $"{members} members");
}
