using System.Collections.Immutable;
using Mainstay.ConsoleSite.Actions;
using Mainstay.Etcd;

namespace Mainstay.Members;

/// <summary>
/// Whether a change of the members may begin: from what is to what would be. What speaks against it is a need that is
/// not well. Pure functions.
/// </summary>
internal static class MembersGuard
{
    /// <param name="member">the name that the new one will have</param>
    /// <param name="zone">where it will stand</param>
    public static ImmutableArray<Need> ForAdd(StoreSight sight, string member, string zone)
    {
        var after = FaultBudget.Of(
            sight.View.Members.Select(sight.ToBudget).Append(new BudgetMember(member, zone, true, true)));
        return
        [
            Quorum(sight), .. Others(sight, except: null), List(sight), NoLearner(sight),
            .. Budget(sight.Budget, after),
        ];
    }

    public static ImmutableArray<Need> ForRemove(StoreSight sight, string name)
    {
        if (sight.View.Members.FirstOrDefault(one => MembersText.Name(one) == name) is not { } target)
        {
            var present = string.Join(", ", sight.View.Members.Select(MembersText.Name));
            return [new Need($"member {name}", false, $"it is no member; the members are {present}")];
        }

        var after = sight.BudgetOf(sight.View.Members.Where(one => one.Id != target.Id));
        return [Quorum(sight), .. Others(sight, except: target), List(sight), .. Budget(sight.Budget, after)];
    }

    public static string Between(FaultBudget before, FaultBudget after) =>
        $"before: {before.Sentence}; after: {after.Sentence}";

    private static Need Quorum(StoreSight sight) =>
        new("store quorum", sight.Budget.HasQuorum, sight.Budget.Sentence);

    private static Need List(StoreSight sight) => new(
        "member list",
        sight.View is { ListFault.Length: 0, Members.IsEmpty: false },
        sight.View.ListFault.Length == 0 ? "read by a member with a quorum" : sight.View.ListFault);

    private static IEnumerable<Need> Others(StoreSight sight, ClusterMember? except) => sight.View.Members
        .Where(member => member.Id != except?.Id && !member.KnowsLeader)
        .Select(member => new Need(
            $"store/{MembersText.Name(member)}",
            false,
            $"{(member.Reason.Length > 0 ? member.Reason : "it knows no leader")}; bring it back first, or remove or "
                + "replace that one"));

    private static Need NoLearner(StoreSight sight)
    {
        var learners = sight.View.Members.Where(member => member.IsLearner).Select(MembersText.Name).ToList();
        return new Need(
            "no other learner",
            learners.Count == 0,
            learners.Count == 0 ? "none" : $"{string.Join(", ", learners)} has no vote yet: etcd takes one at a time");
    }

    private static IEnumerable<Need> Budget(FaultBudget before, FaultBudget after)
    {
        yield return new Need("quorum after it", after.HasQuorum, after.Sentence);
        var losesLastSpare = after.AnyMembers == 0 && before.AnyMembers > 0;
        yield return new Need(
            "one failure more after it",
            !losesLastSpare,
            losesLastSpare ? "would stop all writes, and would not now" : "is borne as well as now");
        if (after.HasQuorum && !losesLastSpare && after.IsWorseThan(before))
        {
            yield return new Need("budget", false, $"it gets worse: {Between(before, after)}") { Required = false };
        }
    }
}
