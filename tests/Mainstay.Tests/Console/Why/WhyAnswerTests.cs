using System.Collections.Immutable;
using System.Text.Json;
using Mainstay.ConsoleSite.Changes;
using Mainstay.ConsoleSite.Checks;
using Mainstay.ConsoleSite.Scrape;
using Mainstay.ConsoleSite.Signals;
using Mainstay.ConsoleSite.Signals.Failures;
using Mainstay.ConsoleSite.Why;
using Mainstay.Kernel.Signals;
using Mainstay.Kube;
using Mainstay.Tests.ConsoleSite.Checks;
using Mainstay.Tests.ConsoleSite.Signals.Failures;
using static Mainstay.Tests.ConsoleSite.Signals.Raised;

namespace Mainstay.Tests.ConsoleSite.Why;

public sealed class WhyAnswerTests
{
    private static readonly ObjectKey Payments = new("bank", "payments");

    [Fact]
    public void A_service_whose_calls_succeed_is_well()
    {
        var answer = WhyAnswer.Of(Facts(Reading.Sum("payments", "payments-v-a@node-1 40 0")));

        Assert.True(answer.Well, answer.Verdict);
        Assert.Empty(answer.Next);
    }

    [Fact]
    public void A_service_that_fails_is_told_with_what_stands_out_and_what_to_do()
    {
        var answer = WhyAnswer.Of(Facts(Reading.Sum(
            "payments", "payments-new-a@node-1 50 50", "payments-new-b@node-2 50 50", "payments-old-a@node-1 50 0",
            "payments-old-b@node-2 50 0")));

        Assert.False(answer.Well);
        Assert.StartsWith("50 % of the calls to bank/payments fail", answer.Verdict, StringComparison.Ordinal);
        Assert.Contains(answer.Next, next => next.Contains("rollout undo", StringComparison.Ordinal));
    }

    [Fact]
    public void The_roots_that_touch_the_service_are_told_and_no_others()
    {
        var answer = WhyAnswer.Of(Facts(
            Reading.Sum("payments", "payments-v-a@node-1 40 0"),
            At(SignalCatalog.RolloutNotConverged, "deployment/bank/payments", 2, Api.Subject),
            At(SignalCatalog.ApiCacheStale, Api.Subject, 1),
            At(SignalCatalog.CrashLoop, "pod/bank/feed-x", 1)));

        Assert.Equal("api-cache-stale", Assert.Single(answer.Roots).Row.Definition.Name);
        Assert.Equal(SignalCatalog.ApiCacheStale.Advice, answer.Next[0]);
        Assert.False(answer.Well);
    }

    [Fact]
    public void A_router_that_routes_to_another_number_than_is_ready_is_named()
    {
        var facts = Facts(Reading.Sum("payments", "payments-v-a@node-1 40 0"));

        var answer = WhyAnswer.Of(facts with
        {
            Routers = facts.Routers.Add(new RouterSight("node-2", 1, default, null, null, "")),
        });

        Assert.StartsWith("node-2 route", answer.Verdict, StringComparison.Ordinal);
    }

    [Fact]
    public void Without_any_router_that_answers_nothing_is_called_well()
    {
        var answer = WhyAnswer.Of(Facts() with { Routers = [new("node-1", null, default, null, null, "refused")] });

        Assert.False(answer.Well);
        Assert.StartsWith("Nothing is known", answer.Verdict, StringComparison.Ordinal);
    }

    [Fact]
    public void The_answer_is_json_with_routers_singled_out_roots_and_next()
    {
        var why = ServiceWhy.Of(WhyAnswer.Of(Facts(
            Reading.Sum("payments", "payments-v-a@node-1 50 50", "payments-v-b@node-2 50 0"),
            At(SignalCatalog.CrashLoop, "pod/bank/payments-v-a", 1))));

        using var json = JsonDocument.Parse(why.Json);
        Assert.Equal("bank/payments", json.RootElement.GetProperty("service").GetString());
        Assert.Equal("node", json.RootElement.GetProperty("singledOut")[0].GetProperty("kind").GetString());
        Assert.Equal("crash-loop", json.RootElement.GetProperty("roots")[0].GetProperty("name").GetString());
        Assert.Contains("next", why.Text, StringComparison.Ordinal);
    }

    [Fact]
    public void What_routers_keep_out_of_a_service_is_told_with_who_does()
    {
        var table = RouterTable.Read(JsonDocument.Parse(
            """
            {"node":"node-1","quarantined":[
             {"kind":"EndpointSlice","namespace":"bank","name":"payments-x","reason":"endpoints is 7"},
             {"kind":"EndpointSlice","namespace":"bank","name":"feed-x","reason":"other"}]}
            """).RootElement);

        var rejected = ServiceObjects.Rejected(Payments, [new RouterReading(table, null, null, null)]);

        Assert.Equal(
            "EndpointSlice bank/payments-x: endpoints is 7 (kept out by node-1)", Assert.Single(rejected));
    }

    private static WhyFacts Facts(ServiceSum? sum = null, params ImmutableArray<Signal> signals) => new(
        Payments,
        SignalReport.Of(new CollectedSignals(Noon, Map(RouterOn(1), AgentOn(1), Api), signals, [], [])))
    {
        Routers = [new RouterSight("node-1", 2, sum?.Total ?? default, 0.001, 0.005, "")],
        Ready = 2,
        Sums = sum is null ? [] : [sum],
        Rollouts = [new RolloutSight("bank/payments", 2, 2, 2, "revision 3")],
    };
}
