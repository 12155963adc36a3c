using System.Collections.Immutable;
using System.Text.Json;
using Mainstay.ConsoleSite.Changes;
using Mainstay.Kube;

namespace Mainstay.Tests.ConsoleSite.Changes;

public sealed class FactDiffTests
{
    private static readonly DateTimeOffset Now = new(2017, 10, 27, 14, 10, 0, TimeSpan.Zero);
    private static readonly ObjectKey Payments = new("bank", "payments");

    [Fact]
    public void Another_image_is_a_deploy_from_and_to()
    {
        var verdict = Of("Deployment", Deployment("v1", 2, 1), Deployment("v2", 2, 2));

        var change = Assert.Single(verdict.Changes);
        Assert.Equal((ChangeWords.Deploy, "bank/payments:v1 -> bank/payments:v2"), (change.What, change.Detail));
        Assert.Equal(("kubernetes", "Deployment", "bank", "payments"),
            (change.Source, change.Kind, change.Namespace, change.Name));
    }

    [Fact]
    public void An_earlier_template_that_comes_back_is_an_undo()
    {
        var known = Of("Deployment", Deployment("v1", 2, 1), Deployment("v2", 2, 2)).Known!;

        var back = Assert.Single(Of("Deployment", known, Deployment("v1", 2, 3)).Changes);

        Assert.Equal((ChangeWords.Undo, "back: bank/payments:v2 -> bank/payments:v1"), (back.What, back.Detail));
    }

    /// <summary>As <c>kubectl rollout undo</c> writes it: another order, nulls and empty lists.</summary>
    [Fact]
    public void An_undo_is_known_in_whatever_words_the_template_comes_back()
    {
        const string Labels = """ "metadata":{"labels":{"app":"payments"}} """;
        var first = Template($$"""{ {{Labels}},"spec":{"containers":[{"name":"a","image":"v1"}]} }""", 1);
        var other = Template($$"""{ {{Labels}},"spec":{"containers":[{"name":"a","image":"v2"}]} }""", 2);
        var again = Template(
            $$"""{"spec":{"volumes":[],"containers":[{"image":"v1","env":null,"name":"a"}]},{{Labels}} }""", 3);

        var known = Of("Deployment", first, other).Known!; // It is there.
        Assert.Equal(ChangeWords.Undo, Assert.Single(Of("Deployment", known, again).Changes).What);
        Assert.Empty(Of("Deployment", first, again).Changes);

        static Facts Template(string json, long generation)
        {
            using var document = JsonDocument.Parse(
                $$"""
                {"metadata":{"name":"payments","uid":"u","generation":{{generation}} },"spec":{"template":{{json}} } }
                """);
            return FactReaders.Workload(document.RootElement);
        }
    }

    [Fact]
    public void A_ledger_that_had_no_such_fact_tells_no_change()
    {
        var before = Deployment("v1", 2, 1);
        var nameless = before with { Values = before.Values.Remove(FactNames.Template) };

        Assert.Empty(Of("Deployment", nameless, Deployment("v2", 2, 2)).Changes);
    }

    [Fact]
    public void Replicas_are_a_scale_and_none_is_a_scale_to_zero()
    {
        Assert.Equal(ChangeWords.Scale, Word(Deployment("v1", 2, 1), Deployment("v1", 5, 2)));
        Assert.Equal(ChangeWords.ScaleToZero, Word(Deployment("v1", 2, 1), Deployment("v1", 0, 2)));
    }

    [Fact]
    public void A_state_that_a_lagging_server_brings_back_tells_nothing_and_is_not_kept()
    {
        var fresh = Deployment("v2", 2, 7);

        var verdict = Of("Deployment", fresh, Deployment("v1", 2, 6));

        Assert.Empty(verdict.Changes);
        Assert.Same(fresh, verdict.Known);
    }

    [Fact]
    public void Deleted_and_made_again_between_two_looks_is_both()
    {
        var other = Deployment("v1", 2, 1) with { Uid = "other" };

        Assert.Equal(
            [ChangeWords.Delete, ChangeWords.Create],
            Of("Deployment", Deployment("v1", 2, 1), other).Changes.Select(change => change.What));
    }

    [Fact]
    public void Telling_the_same_step_twice_gives_the_same_keys()
    {
        var step = new FactStep("Deployment", Payments, Deployment("v1", 2, 1), Deployment("v2", 0, 2), Now);

        var keys = FactDiff.Of(step).Changes.Select(change => change.Key).ToList();
        Assert.Equal(2, keys.Distinct().Count());
        Assert.Equal(keys, FactDiff.Of(step with { Now = Now.AddHours(1) }).Changes.Select(change => change.Key));
    }

    [Fact]
    public void A_node_tells_of_cordons_and_of_its_readiness_when_it_happened()
    {
        var ready = Node("""{"status":"True","type":"Ready","lastTransitionTime":"2017-10-27T09:00:00Z"}""", false);
        var lost = Node("""{"status":"Unknown","type":"Ready","lastTransitionTime":"2017-10-27T14:09:30Z"}""", true);

        var changes = Of("Node", ready, lost).Changes;

        Assert.Equal([ChangeWords.NodeCordoned, ChangeWords.NodeNotReady], changes.Select(change => change.What));
        Assert.Equal(Now.AddSeconds(-30), changes[1].At);
        Assert.Equal("Ready: True -> Unknown", changes[1].Detail);
    }

    [Fact]
    public void Nothing_of_a_secret_but_that_it_was_written_is_told_or_kept()
    {
        var old = Read(FactReaders.Secret, Secret("aHVudGVyMg==", "7"));
        var fresh = Read(FactReaders.Secret, Secret("c2VjcmV0", "8"));

        var verdict = Of("Secret", old, fresh);

        Assert.Equal(ChangeWords.Secret, Assert.Single(verdict.Changes).What);
        var all = JsonSerializer.Serialize(verdict.Known!.Values) + verdict.Changes[0];
        Assert.DoesNotContain("c2VjcmV0", all, StringComparison.Ordinal);
        Assert.Equal([FactNames.Data], verdict.Known.Values.Keys);
        Assert.Equal("8", verdict.Known[FactNames.Data]);
    }

    [Fact]
    public void Members_come_and_go_and_a_silent_one_keeps_its_version()
    {
        var member = Member("3.4.23");

        Assert.Equal(ChangeWords.MemberAdded, Assert.Single(Of("StoreMember", null, member).Changes).What);
        Assert.Equal("etcd-3 http://127.20.0.1:2379 3.4.23", Of("StoreMember", null, member).Changes[0].Detail);
        Assert.Equal(ChangeWords.MemberRemoved, Assert.Single(Of("StoreMember", member, null).Changes).What);
        Assert.Equal("3.4.23 -> 3.5.0", Assert.Single(Of("StoreMember", member, Member("3.5.0")).Changes).Detail);

        var silent = Of("StoreMember", member, Member(""));
        Assert.Empty(silent.Changes);
        Assert.Equal("3.4.23", silent.Known![FactNames.Version]);
    }

    [Fact]
    public void A_member_that_was_seen_before_it_had_started_is_told_by_its_name_once_it_has_one()
    {
        var named = Member("3.4.23");
        var announced = named with { Values = named.Values.SetItem(FactNames.Name, "") };

        var started = Assert.Single(Of("StoreMember", announced, named).Changes);

        Assert.Equal((ChangeWords.MemberAdded, "etcd-3"), (started.What, started.Name));
        Assert.NotEqual(Of("StoreMember", null, announced).Changes[0].Key, started.Key);
        Assert.Empty(Of("StoreMember", named, named).Changes);
    }

    [Fact]
    public void A_store_without_quorum_tells_of_nobodys_removal()
    {
        const string members = """ "members":[{"id":"a","name":"etcd-0"},{"id":"b","name":"etcd-1"}] """;

        Assert.Null(StoreFeed.Members(Json($$"""{"quorum":2,"answering":1,{{members}}}""")));
        Assert.Null(StoreFeed.Members(Json("""{"quorum":2,"answering":2,"members":[]}""")));
        Assert.Equal(2, StoreFeed.Members(Json($$"""{"quorum":2,"answering":2,{{members}}}"""))!.Count);
    }

    private static string Word(Facts old, Facts fresh) => Assert.Single(Of("Deployment", old, fresh).Changes).What;

    private static FactVerdict Of(string kind, Facts? old, Facts? fresh) =>
        FactDiff.Of(new FactStep(kind, Payments, old, fresh, Now));

    [Fact]
    public void A_value_that_comes_back_later_is_a_change_of_its_own()
    {
        Facts[] lives = [Config("good", 1), Config("bad", 2), Config("good", 3), Config("bad", 4)];

        var keys = lives.Zip(lives.Skip(1), (old, fresh) => Assert.Single(Of("ConfigMap", old, fresh).Changes).Key);

        Assert.Equal(3, keys.Distinct().Count());
    }

    [Fact]
    public void A_configuration_that_a_lagging_server_brings_back_tells_nothing()
    {
        var fresh = Config("good", 9);

        var verdict = Of("ConfigMap", fresh, Config("bad", 8));

        Assert.Empty(verdict.Changes);
        Assert.Same(fresh, verdict.Known);
    }

    [Fact]
    public void An_upgrade_that_is_made_again_a_day_later_is_told_again()
    {
        var first = new FactStep("StoreMember", Payments, Member("3.4.23"), Member("3.5.0"), Now);

        var keys = new[] { first, first, first with { Now = Now.AddDays(1) } }
            .Select(step => Assert.Single(FactDiff.Of(step).Changes).Key).ToList();

        Assert.Equal(keys[0], keys[1]);
        Assert.NotEqual(keys[0], keys[2]);
    }

    private static Facts Config(string value, int revision) => Read(
        FactReaders.ConfigMap,
        $$$"""
        {"metadata":{"name":"c","namespace":"bank","uid":"c","resourceVersion":"{{{revision}}}"},
         "data":{"a":"{{{value}}}"}}
        """);

    private static Facts Deployment(string version, int replicas, int generation) => Read(
        FactReaders.Workload,
        $$$"""
        {"metadata":{"name":"payments","namespace":"bank","uid":"u","generation":{{{generation}}}},
         "spec":{"replicas":{{{replicas}}},
                 "template":{"spec":{"containers":[{"name":"a","image":"bank/payments:{{{version}}}"}]} } } }
        """);

    private static Facts Node(string condition, bool cordoned) => Read(
        FactReaders.Node,
        $$$"""
        {"metadata":{"name":"node-1","uid":"n"},"spec":{"unschedulable":{{{(cordoned ? "true" : "false")}}}},
         "status":{"conditions":[{{{condition}}}]}}
        """);

    private static string Secret(string value, string revision) =>
        $$$"""
        {"metadata":{"name":"s","namespace":"bank","uid":"s","resourceVersion":"{{{revision}}}"},
         "data":{"password":"{{{value}}}"}}
        """;

    private static Facts Member(string version) => new()
    {
        Uid = "8e9e05c52164694d",
        Values = ImmutableSortedDictionary<string, string>.Empty
            .Add(FactNames.Name, "etcd-3")
            .Add(FactNames.Address, "http://127.20.0.1:2379")
            .Add(FactNames.Version, version),
    };

    private static Facts Read(Func<JsonElement, Facts> read, string json) => read(Json(json));

    private static JsonElement Json(string text)
    {
        using var document = JsonDocument.Parse(text);
        return document.RootElement.Clone();
    }
}
