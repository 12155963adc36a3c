using Mainstay.ConsoleSite.Signals;
using Mainstay.Kernel.Signals;
using static Mainstay.Tests.ConsoleSite.Signals.Raised;

namespace Mainstay.Tests.ConsoleSite.Signals;

public sealed class SignalTreeTests
{
    private const string ApiA = "api/https://127.0.0.1:6443";
    private const string ApiB = "api/https://127.18.0.1:6443";

    private static readonly PlatformMap Nine = Map(Enumerable.Range(1, 9).Select(RouterOn));

    [Fact]
    public void A_stale_api_server_is_told_first_and_the_routers_fold_into_one_line_under_it()
    {
        var roots = SignalTree.Build(
            [
                At(SignalCatalog.DiscoveryStale, "router/node-1", 3, ApiA),
                At(SignalCatalog.DiscoveryStale, "router/node-2", 4, ApiA),
                At(SignalCatalog.DiscoveryStale, "router/node-3", 4, ApiA),
                At(SignalCatalog.ApiCacheStale, ApiA, 5),
            ],
            Nine);

        var root = Assert.Single(roots);
        Assert.Equal("api-cache-stale on " + ApiA, root.Row.Title);
        Assert.Equal("discovery-stale on 3 of 9 routers", Assert.Single(root.Explains).Title);
    }

    [Fact]
    public void What_follows_from_what_follows_stands_under_the_same_root()
    {
        var roots = SignalTree.Build(
            [
                At(SignalCatalog.ServiceFailing, "service/bank/payments", 9),
                At(SignalCatalog.RolloutNotConverged, "deployment/bank/payments", 7),
                At(SignalCatalog.DiscoveryStale, "router/node-1", 6, ApiA),
                At(SignalCatalog.ApiCacheStale, ApiA, 5),
                At(SignalCatalog.StoreMemberRemoved, ApiA, 4),
            ],
            Nine);

        var root = Assert.Single(roots);
        Assert.Equal("store-member-removed", root.Row.Definition.Name);
        Assert.Equal(
            ["api-cache-stale", "discovery-stale", "rollout-not-converged", "service-failing"],
            root.Explains.Select(row => row.Definition.Name));
    }

    [Fact]
    public void A_signal_that_names_another_server_does_not_fold_under_this_one()
    {
        var roots = SignalTree.Build(
            [
                At(SignalCatalog.DiscoveryStale, "router/node-1", 3, ApiB),
                At(SignalCatalog.ApiCacheStale, ApiA, 1),
            ],
            Nine);

        Assert.Equal(2, roots.Length);
        Assert.All(roots, root => Assert.Empty(root.Explains));
    }

    [Fact]
    public void A_crash_loop_elsewhere_explains_nothing_here()
    {
        var roots = SignalTree.Build(
            [
                At(SignalCatalog.CrashLoop, "pod/bank/feed-5d-x", 1),
                At(SignalCatalog.RolloutStuck, "deployment/bank/payments", 2),
                At(SignalCatalog.RolloutStuck, "deployment/bank/feed", 3),
            ],
            Nine);

        Assert.Equal(
            ["crash-loop on pod/bank/feed-5d-x", "rollout-stuck on deployment/bank/payments"],
            roots.Select(root => root.Row.Title));
        Assert.Equal("deployment/bank/feed", Assert.Single(roots[0].Explains).First.Subject);
    }

    [Fact]
    public void A_service_that_fails_because_of_its_dependency_stands_under_the_dependency()
    {
        var roots = SignalTree.Build(
            [
                At(SignalCatalog.ServiceFailing, "service/bank/gateway", 1, "service/bank/payments"),
                At(SignalCatalog.ServiceFailing, "service/bank/payments", 2),
                At(SignalCatalog.ServiceFailing, "service/bank/feed", 2),
            ],
            Nine);

        // Two roots of one name are one line; the gateway, which names its cause, is none of them.
        var root = Assert.Single(roots);
        Assert.Equal("service-failing on 2 services", root.Row.Title);
        Assert.Equal("service/bank/gateway", Assert.Single(root.Explains).First.Subject);
    }

    [Fact]
    public void Two_that_blame_each_other_leave_the_older_as_the_root()
    {
        var roots = SignalTree.Build(
            [
                At(SignalCatalog.ServiceFailing, "service/bank/a", 1, "service/bank/b"),
                At(SignalCatalog.ServiceFailing, "service/bank/b", 2, "service/bank/a"),
            ],
            Nine);

        Assert.Equal("service/bank/a", Assert.Single(roots).Row.First.Subject);
    }

    [Fact]
    public void A_change_worth_knowing_is_told_beside_the_root_and_never_as_it()
    {
        var roots = SignalTree.Build(
            [
                At(SignalCatalog.MembershipChanged, "store", 0),
                At(SignalCatalog.StoreMemberRemoved, ApiA, 4),
            ],
            Nine);

        var root = Assert.Single(roots);
        Assert.Equal("store-member-removed", root.Row.Definition.Name);
        Assert.Equal("membership-changed", Assert.Single(root.Context).Definition.Name);
    }

    [Fact]
    public void Objects_at_fault_are_told_one_by_one_and_the_routers_that_saw_each_together()
    {
        var roots = SignalTree.Build(
            [
                Quarantine("router/node-1", "x"), Quarantine("router/node-2", "x"), Quarantine("router/node-1", "y"),
            ],
            Nine);

        Assert.Equal(
            ["object-quarantined on 2 of 9 routers", "object-quarantined on router/node-1"],
            roots.Select(root => root.Row.Title));
    }

    [Fact]
    public void The_worst_root_comes_first_by_what_stands_under_it()
    {
        var roots = SignalTree.Build(
            [
                At(SignalCatalog.SlowStore, "store", 0),
                At(SignalCatalog.ApiServerDown, ApiA, 1),
                At(SignalCatalog.DiscoveryStale, "router/node-1", 2, ApiA),
            ],
            Nine);

        Assert.Equal(["api-server-down", "slow-store"], roots.Select(root => root.Row.Definition.Name));
        Assert.Equal(Severity.Critical, roots[0].Severity);
    }

    private static Signal Quarantine(string subject, string slice) =>
        At(SignalCatalog.ObjectQuarantined, subject, 1) with
        {
            Reading = new SignalReading("It makes no sense.")
            {
                Culprit = new ObjectReference("EndpointSlice", "bank", slice),
            },
        };
}
