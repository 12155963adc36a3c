using System.Collections.Immutable;
using Mainstay.ConsoleSite.Cluster;
using Mainstay.ConsoleSite.Signals.Failures;
using Mainstay.Kube;
using static Mainstay.Tests.ConsoleSite.Signals.Failures.Reading;

namespace Mainstay.Tests.ConsoleSite.Signals.Failures;

public sealed class RollbacksTests
{
    [Theory]
    [InlineData(3, 0)]
    [InlineData(15, 1)]
    [InlineData(700, 0)]
    public void An_undo_that_did_not_help_is_told_once_it_has_settled_and_for_a_while(int secondsAgo, int expected)
    {
        var sum = Sum("payments", "payments-old-a@node-1 50 50");

        Assert.Equal(expected, DidNotHelp(Revision(secondsAgo), [sum], "payments").Count);
    }

    [Fact]
    public void An_undo_that_helped_and_a_deploy_that_is_no_undo_are_not_told()
    {
        var well = Sum("payments", "payments-old-a@node-1 50 0");
        var ill = Sum("payments", "payments-old-a@node-1 50 50");

        Assert.Empty(DidNotHelp(Revision(15), [well], "payments"));
        Assert.Empty(DidNotHelp(Revision(15) with { WasBroughtBack = false }, [ill], "payments"));
        Assert.Empty(DidNotHelp(Revision(15) with { Since = null }, [ill], "payments"));
    }

    [Fact]
    public void An_undo_that_did_not_help_names_who_else_fails()
    {
        var sum = Sum("payments", "payments-old-a@node-1 50 50");

        var (subject, summary) = Assert.Single(DidNotHelp(Revision(15), [sum], "payments", "feed"));

        Assert.Equal("deployment/bank/payments", subject);
        Assert.Contains("bank/feed fail as well", summary, StringComparison.Ordinal);
    }

    [Fact]
    public void What_pods_of_the_undone_version_fail_says_nothing_about_the_undo()
    {
        var rolling = Sum("payments", "payments-bad-a@node-1 50 50", "payments-old-a@node-2 50 1");

        Assert.Empty(DidNotHelp(Revision(15), [rolling], "payments"));
    }

    [Fact]
    public void A_service_of_another_namespace_or_one_that_is_well_again_is_none_of_its_business()
    {
        var sum = Sum("payments", "payments-old-a@node-1 50 50");

        Assert.Empty(DidNotHelp(Revision(15) with { Namespace = "shop" }, [sum], "payments"));
        Assert.Empty(DidNotHelp(Revision(15), [sum], "feed"));
    }

    /// <summary>Whatever the moment of the undo, nothing of its first seconds counts, and nothing twice.</summary>
    [Fact]
    public void Calls_are_counted_from_the_moment_at_which_an_undo_has_settled()
    {
        for (var secondsAgo = 0; secondsAgo < 40; secondsAgo++)
        {
            DateTimeOffset? counted = null;
            Rollbacks.DidNotHelp(
                [Revision(secondsAgo)],
                from =>
                {
                    Assert.Null(counted);
                    counted = from;
                    return [];
                },
                ImmutableHashSet<ObjectKey>.Empty,
                Noon);

            Assert.Equal(secondsAgo >= 5, counted is not null);
            Assert.True(counted is null || counted >= Noon.AddSeconds(-secondsAgo + 5));
        }
    }

    private static Dictionary<string, string> DidNotHelp(
        RevisionView undone, ImmutableArray<ServiceSum> sums, params string[] failing) =>
        Rollbacks.DidNotHelp([undone], _ => sums, failing.Select(Key).ToHashSet(), Noon)
            .ToDictionary(pair => pair.Key, pair => pair.Value.Summary);

    private static RevisionView Revision(int secondsAgo) => new(
        "bank", "payments", "payments-old", 3, Noon.AddSeconds(-secondsAgo), true, "bank/payments:v1");
}
