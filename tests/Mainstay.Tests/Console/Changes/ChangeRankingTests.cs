using System.Collections.Immutable;
using CsCheck;
using Mainstay.ConsoleSite.Actions;
using Mainstay.ConsoleSite.Changes;

namespace Mainstay.Tests.ConsoleSite.Changes;

/// <summary>The fortnight before the outage, as the ledger would have had it.</summary>
public sealed class ChangeRankingTests
{
    private static readonly DateTimeOffset Deployed = new(2017, 10, 27, 14, 10, 0, TimeSpan.Zero);

    private static readonly ImmutableArray<Change> Fortnight =
    [
        .. Enumerable.Range(3, 6).Select(number => Given(
            Deployed.AddDays(-14).AddMinutes(number), "StoreMember", "", $"etcd-{number}", ChangeWords.MemberAdded) with
        {
            Source = "store",
        }),
        .. Enumerable.Range(1, 28).Select(number => Given(
            Deployed.AddHours(-12 * number), "Deployment", "bank", $"service-{number % 9}", ChangeWords.Deploy)),
        Given(Deployed.AddDays(-1), "Deployment", "bank", "feature-x", ChangeWords.ScaleToZero),
        Given(Deployed.AddDays(-2), "Deployment", "bank", "feed", ChangeWords.Scale),
        Given(Deployed.AddDays(-3), "ConfigMap", "bank", "limits", ChangeWords.Config),
        Given(Deployed, "Deployment", "bank", "payments", ChangeWords.Deploy),
    ];

    [Theory]
    [InlineData("discovery-stale")]
    [InlineData("api-cache-stale")]
    [InlineData("restart-unsafe")]
    [InlineData("rollback-did-not-help")]
    public void For_discovery_the_growth_of_the_store_and_the_scale_to_zero_come_first(string signal)
    {
        var ranked = ChangeRanking.Rank(Fortnight, Symptom.Of(signal), Deployed.AddMinutes(10));

        Assert.Equal(ChangeWords.MemberAdded, ranked[0].Newest.What);
        Assert.Equal(6, ranked[0].Count);
        Assert.Contains("store", ranked[0].Why, StringComparison.Ordinal);
        Assert.Equal((ChangeWords.ScaleToZero, "feature-x"), (ranked[1].Newest.What, ranked[1].Newest.Name));
    }

    [Theory]
    [InlineData("bank/payments")]
    [InlineData("payments.bank")]
    [InlineData("payments")]
    public void For_the_service_its_own_deploy_comes_first(string service)
    {
        var ranked = ChangeRanking.Rank(Fortnight, Symptom.Of(service), Deployed.AddMinutes(1));

        Assert.Equal((ChangeWords.Deploy, "payments"), (ranked[0].Newest.What, ranked[0].Newest.Name));
    }

    [Theory]
    [InlineData("store members remove", "etcd-3", Layer.Store)]
    [InlineData("store members replace", "etcd-3 by etcd-9", Layer.Store)]
    [InlineData("restart", "api", Layer.ApiServer)]
    [InlineData("restart", "api on node-2", Layer.ApiServer)]
    [InlineData("restart", "routers", Layer.Discovery)]
    [InlineData("fallback on", "bank/payments", Layer.Discovery)]
    [InlineData("restart", "agents", Layer.Nodes)]
    [InlineData("nodes restart", "api-1", Layer.Nodes)]
    [InlineData("nodes restart", "store-1", Layer.Nodes)]
    [InlineData("nodes restart", "routers", Layer.Nodes)]
    internal void An_action_is_of_the_layer_of_its_verb_whatever_its_target_is_called(
        string verb, string target, Layer expected)
    {
        var action = new ActionRecord
        {
            Id = "a", Verb = verb, Target = target, Actor = "anna", PlannedAt = Deployed, Reason = "the store is slow",
        };

        Assert.Equal(expected, ChangeRanking.LayerOf(action.ToChange("done", Deployed)));
    }

    [Fact]
    public void Once_it_was_rolled_back_the_deploy_is_cleared_and_the_shared_layer_suspected()
    {
        var undone = Fortnight.Add(
            Given(Deployed.AddMinutes(2), "Deployment", "bank", "payments", ChangeWords.Undo));

        var ranked = ChangeRanking.Rank(undone, Symptom.Of("payments.bank"), Deployed.AddMinutes(4));

        Assert.Equal([ChangeWords.MemberAdded, ChangeWords.ScaleToZero], ranked.Take(2).Select(r => r.Newest.What));
        var deploy = ranked.Single(r => r.Newest is { Name: "payments", What: ChangeWords.Deploy });
        Assert.Contains("was undone", deploy.Why, StringComparison.Ordinal);
        Assert.True(deploy.Score < ranked[1].Score / 5, $"{deploy.Score}");
    }

    [Fact]
    public void An_action_counts_for_the_layer_and_for_the_service_that_it_was_done_to()
    {
        var grown = Done("etcd-9", "store members add etcd-9 done");
        var taken = Done("bank/payments", "fallback on bank/payments done");

        Assert.Equal(Layer.Store, ChangeRanking.LayerOf(grown));
        Assert.Equal(Layer.Discovery, ChangeRanking.LayerOf(taken));
        Assert.True(Symptom.Of("payments.bank").IsAbout(taken));
        Assert.True(Symptom.Of("payments").IsAbout(taken));
        Assert.False(Symptom.Of("ments").IsAbout(taken));

        Change Done(string target, string detail) =>
            Given(Deployed, "Action", "", target, ChangeWords.Action) with { Source = "action", Detail = detail };
    }

    [Fact]
    public void Nothing_is_lost_and_every_score_is_a_share()
    {
        var words = OneOf(
            ChangeWords.Deploy, ChangeWords.Undo, ChangeWords.Scale, ChangeWords.ScaleToZero, ChangeWords.Config);
        var changes = Gen.Select(Gen.Int[0, 20_000], Gen.Int[0, 5], words).Array[0, 80].Select(all => all
            .Select((one, number) => Given(
                Deployed.AddMinutes(-one.Item1), "Deployment", "bank", $"service-{one.Item2}", one.Item3) with
            {
                Key = $"{number}",
            })
            .ToImmutableArray());

        var symptoms = OneOf("discovery-stale", "service-2.bank", "node-agent-lost");
        Gen.Select(changes, symptoms).Sample((all, name) =>
        {
            var ranked = ChangeRanking.Rank(all, Symptom.Of(name), Deployed);
            Assert.Equal(all.Length, ranked.Sum(one => one.Count));
            Assert.All(ranked, one => Assert.InRange(one.Score, 0, 1));
            var scores = ranked.Select(one => one.Score).ToList();
            Assert.Equal(scores.OrderDescending(), scores);
        });
    }

    private static Gen<string> OneOf(params string[] words) =>
        Gen.Int[0, words.Length - 1].Select(index => words[index]);

    private static Change Given(DateTimeOffset at, string kind, string space, string name, string what) => new()
    {
        At = at,
        Source = "kubernetes",
        Kind = kind,
        Namespace = space,
        Name = name,
        What = what,
        Key = $"{kind}/{space}/{name}/{what}/{at.ToUnixTimeSeconds()}",
    };
}
