using System.Collections.Immutable;
using Mainstay.ConsoleSite.Actions;
using Mainstay.Etcd;
using Mainstay.Members;

namespace Mainstay.Tests.CommandLine.Members;

public sealed class MembersGuardTests
{
    [Fact]
    public void A_healthy_cluster_lets_a_member_join_and_leave()
    {
        var sight = Sight("a b c a b c a b c");

        Assert.All(MembersGuard.ForAdd(sight, "etcd-9", "zone-a"), need => Assert.True(need.Well || !need.Required));
        Assert.All(MembersGuard.ForRemove(sight, "etcd-0"), need => Assert.True(need.Well || !need.Required));
    }

    [Fact]
    public void With_a_member_down_only_that_one_may_leave_and_nobody_joins()
    {
        var sight = Sight("a b c a b", down: [2]);

        Assert.Contains(MembersGuard.ForAdd(sight, "etcd-5", "zone-c"), need => Refuses(need, "store/etcd-2"));
        Assert.Contains(MembersGuard.ForRemove(sight, "etcd-0"), need => Refuses(need, "store/etcd-2"));
        Assert.DoesNotContain(MembersGuard.ForRemove(sight, "etcd-2"), need => need is { Well: false, Required: true });
    }

    [Fact]
    public void The_last_spare_is_not_given_away()
    {
        var sight = Sight("a b c");

        var need = Assert.Single(
            MembersGuard.ForRemove(sight, "etcd-1"), need => need is { Well: false, Required: true });

        Assert.Equal("one failure more after it", need.Name);
    }

    [Fact]
    public void Without_a_quorum_nothing_is_changed()
    {
        var sight = Sight("a b c", down: [0, 1]);

        Assert.Contains(MembersGuard.ForAdd(sight, "etcd-3", "zone-a"), need => Refuses(need, "store quorum"));
        Assert.Contains(MembersGuard.ForRemove(sight, "etcd-0"), need => Refuses(need, "store quorum"));
    }

    [Fact]
    public void A_budget_that_gets_worse_is_told_and_refuses_nothing()
    {
        var needs = MembersGuard.ForAdd(Sight("a b c"), "etcd-3", "zone-a");

        var told = Assert.Single(needs, need => !need.Well);
        Assert.False(told.Required);
        Assert.Contains("before: 3 of 3 members well, quorum 2", told.Detail, StringComparison.Ordinal);
        Assert.Contains("after: 4 of 4 members well, quorum 3", told.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public void A_name_that_is_no_member_is_refused_with_the_names_there_are()
    {
        var need = Assert.Single(MembersGuard.ForRemove(Sight("a b c"), "etcd-7"));

        Assert.False(need.Well);
        Assert.Contains("etcd-0, etcd-1, etcd-2", need.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public void A_list_that_no_quorum_stands_behind_is_not_acted_on()
    {
        var sight = Sight("a b c");
        sight = sight with { View = sight.View with { ListFault = "no leader" } };

        Assert.Contains(MembersGuard.ForRemove(sight, "etcd-0"), need => Refuses(need, "member list"));
    }

    private static bool Refuses(Need need, string name) =>
        need is { Well: false, Required: true } && need.Name == name;

    internal static StoreSight Sight(string zones, params int[] down)
    {
        var all = zones.Split(' ');
        var members = all.Select((_, i) => new ClusterMember(
            (ulong)(i + 1), $"etcd-{i}", [$"http://m{i}:2380"], [$"http://m{i}:2379"], IsLearner: false)
        {
            Answers = !down.Contains(i),
            KnowsLeader = !down.Contains(i),
            IsLeader = i == 0,
            Version = "3.4.23",
            Reason = down.Contains(i) ? "Connection refused" : "",
        });
        var view = new ClusterView
        {
            Members = [.. members],
            Endpoints = [],
            CurrentEndpoint = new Uri("http://m0:2379"),
            ChangedAt = null,
            LastChange = "",
            ListedAgo = TimeSpan.Zero,
            ListFault = "",
        };
        return new StoreSight(
            view, all.Select((zone, i) => (zone, i)).ToImmutableSortedDictionary(
                pair => $"etcd-{pair.i}", pair => $"zone-{pair.zone}"));
    }
}
