using CsCheck;
using Mainstay.Members;

namespace Mainstay.Tests.CommandLine.Members;

public sealed class FaultBudgetTests
{
    [Theory]
    [InlineData("a b c", "", "can lose any one zone, or any one member")]
    [InlineData("a a a b b b c c c", "", "can lose any one zone plus one member, or any 4 members")]
    [InlineData("a a a b b b c c c", "0 1 2", "can lose any one member")]
    [InlineData("a a a b b b c c c", "0", "can lose zone-a plus one member, or zone-b, or zone-c, or any 3 members")]
    [InlineData("a b c", "1", "can lose nothing: one member more, and nothing can be written")]
    [InlineData("a", "", "can lose nothing: one member more, and nothing can be written")]
    [InlineData("a a a", "", "can lose any one member")]
    [InlineData("a b c", "0 1", "has no quorum: 1 of 3 members are well and 2 must agree; nothing can be written")]
    [InlineData("", "", "no members are known")]
    public void Words_say_what_may_still_be_lost(string zones, string down, string words)
    {
        var dead = down.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        var members = zones.Split(' ', StringSplitOptions.RemoveEmptyEntries)
            .Select((zone, i) => new BudgetMember($"etcd-{i}", $"zone-{zone}", true, !dead.Contains($"{i}")));

        Assert.Equal(words, FaultBudget.Of(members).Words);
    }

    /// <summary>Against the meaning itself: every set of members that could be lost is tried.</summary>
    [Fact]
    public void What_it_allows_is_exactly_what_every_loss_of_that_size_survives()
    {
        var member = Gen.Select(Gen.Int[0, 3], Gen.Bool, Gen.Int[0, 3]);
        Gen.Select(Gen.Int[0, 2], member.List[0, 9]).Sample((_, drawn) =>
        {
            var members = drawn
                .Select((one, i) => new BudgetMember(
                    $"m{i}", one.Item1 == 0 ? "" : $"zone-{one.Item1}", Votes: one.Item3 > 0, IsWell: one.Item2))
                .ToList();
            var budget = FaultBudget.Of(members);
            var well = members.Where(one => one is { Votes: true, IsWell: true }).ToList();
            var quorum = (members.Count(one => one.Votes) / 2) + 1;
            Assert.Equal(members.Any(one => one.Votes) && well.Count >= quorum, budget.HasQuorum);
            Assert.Equal(MostLost(well, [], quorum) ?? 0, budget.AnyMembers);
            foreach (var zone in well.Where(one => one.Zone.Length > 0).GroupBy(one => one.Zone))
            {
                Assert.Equal(MostLost(well, [.. zone], quorum) ?? -1, budget.Zones[zone.Key]);
            }
        });
    }

    [Fact]
    public void Fewer_that_may_be_lost_anywhere_is_worse()
    {
        var three = FaultBudget.Of(Zones("a b c"));
        var four = FaultBudget.Of(Zones("a b c a"));
        var five = FaultBudget.Of(Zones("a b c a b"));

        Assert.True(four.IsWorseThan(three), "zone-a may go no more");
        Assert.False(five.IsWorseThan(four));
        Assert.False(three.IsWorseThan(three));
        Assert.True(FaultBudget.Of(Zones("a b")).IsWorseThan(three));
    }

    /// <summary>
    /// The largest number n such that, with these gone already, every choice of n more leaves a quorum; null for none.
    /// </summary>
    private static int? MostLost(IReadOnlyList<BudgetMember> well, IReadOnlyList<BudgetMember> gone, int quorum)
    {
        var rest = well.Except(gone).ToList();
        int? most = null;
        for (var size = 0; size <= rest.Count; size++)
        {
            var allSurvive = Enumerable.Range(0, 1 << rest.Count)
                .Where(set => int.PopCount(set) == size)
                .All(set => rest.Where((_, i) => (set & (1 << i)) == 0).Count() >= quorum);
            if (!allSurvive)
            {
                break;
            }

            most = size;
        }

        return most;
    }

    private static IEnumerable<BudgetMember> Zones(string zones) => zones.Split(' ')
        .Select((zone, i) => new BudgetMember($"etcd-{i}", $"zone-{zone}", true, true));
}
