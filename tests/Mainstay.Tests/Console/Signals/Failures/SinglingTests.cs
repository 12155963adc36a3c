using System.Collections.Immutable;
using Mainstay.ConsoleSite.Signals.Failures;
using static Mainstay.Tests.ConsoleSite.Signals.Failures.Reading;

namespace Mainstay.Tests.ConsoleSite.Signals.Failures;

public sealed class SinglingTests
{
    [Fact]
    public void A_version_is_named_when_all_its_pods_fail_and_no_other()
    {
        var sum = Sum(
            "payments",
            "payments-new-a@node-1 50 50", "payments-new-b@node-2 50 45",
            "payments-old-a@node-1 50 0", "payments-old-b@node-2 50 0");

        Assert.Equal(("version", "payments-new"), Only(sum));
    }

    [Fact]
    public void A_node_is_named_when_all_pods_on_it_fail_and_no_other()
    {
        var sum = Sum(
            "payments",
            "payments-v-a@node-1 50 50", "payments-v-b@node-1 50 50", "payments-v-c@node-2 50 0",
            "payments-v-d@node-3 50 1");

        var culprit = Assert.Single(Singling.Of(sum, [sum]));
        Assert.Equal(("node", "node-1", "node/node-1"), (culprit.Kind, culprit.Name, culprit.Subject));
    }

    [Fact]
    public void Of_one_pod_all_that_fits_is_told()
    {
        var sum = Sum("payments", "payments-v-a@node-1 50 50", "payments-v-b@node-2 50 0", "payments-v-c@node-3 50 0");

        Assert.Equal(
            [("node", "node-1"), ("pod", "payments-v-a")],
            Singling.Of(sum, [sum]).Select(culprit => (culprit.Kind, culprit.Name)));
    }

    [Fact]
    public void The_router_of_the_callers_node_is_named_when_others_reach_the_service()
    {
        var sum = Sum("payments", "payments-v-a@node-1 50 0") with
        {
            ByNode = new Dictionary<string, CallSum>
            {
                ["node-1"] = new(50, 0, 0), ["node-2"] = new(50, 50, 50), ["node-3"] = new(50, 0, 0),
            }.ToImmutableSortedDictionary(),
        };

        Assert.Equal(("router", "node-2"), Only(sum));
    }

    [Fact]
    public void A_dependency_is_named_when_the_services_own_calls_to_it_fail()
    {
        var gateway = Sum("gateway", "gateway-v-a@node-1 50 50", "gateway-v-b@node-2 50 50");
        var payments = Sum("payments", "payments-v-a@node-1 50 50") with
        {
            Callers = new Dictionary<string, CallSum>
            {
                ["bank/gateway-v-a"] = new(20, 20, 0), ["bank/feed-v-a"] = new(20, 0, 0),
            }.ToImmutableDictionary(),
        };

        var culprit = Assert.Single(Singling.Of(gateway, [gateway, payments]));
        Assert.Equal(("dependency", "service/bank/payments"), (culprit.Kind, culprit.Subject));
        Assert.Equal(("all", ""), Only(payments, gateway));
    }

    [Fact]
    public void Without_any_endpoint_that_answers_it_is_routing()
    {
        var sum = Sum("payments") with { Total = new CallSum(50, 50, 50) };

        Assert.Equal(("routing", ""), Only(sum));
    }

    private static (string Kind, string Name) Only(ServiceSum sum, params ServiceSum[] others)
    {
        var culprit = Assert.Single(Singling.Of(sum, [sum, .. others]));
        return (culprit.Kind, culprit.Name);
    }
}
