using Mainstay.ConsoleSite.Cluster;
using Mainstay.ConsoleSite.Overview;
using Mainstay.ConsoleSite.Scrape;
using Mainstay.Kube;

namespace Mainstay.Tests.ConsoleSite.Overview;

public sealed class OverviewBuilderTests
{
    [Fact]
    public void Fresh_evidence_that_all_is_well_is_green()
    {
        var page = Given.Page();

        Assert.Equal(Health.Good, page.Verdict.Health);
        Assert.Equal("2 services ready, 2 routers live, 2 nodes ready.", page.Sentence);
        Assert.All(page.Services.Rows, row => Assert.Equal(Health.Good, row.State.Health));
        Assert.Empty(page.Findings);
    }

    [Fact]
    public void Nothing_known_is_never_green()
    {
        var page = Given.Page(new ClusterView(), Given.Fleet());

        Assert.Equal(Health.Warning, page.Verdict.Health);
        Assert.False(page.Services.Cluster.Fresh);
        Assert.Equal("none", page.Services.Traffic.Name);
        Assert.Contains("never heard", page.Sentence, StringComparison.Ordinal);
    }

    [Fact]
    public void An_empty_cluster_is_not_called_well()
    {
        var router = Given.Router("node-1") with { Table = new RouterTable { Node = "node-1", State = "live" } };

        var page = Given.Page(new ClusterView { HeardAt = Given.Now }, Given.Fleet(router));

        Assert.Equal((Health.Unknown, "No services are known."), (page.Verdict.Health, page.Sentence));
    }

    [Fact]
    public void Without_the_API_server_readiness_is_unknown_and_traffic_goes_on()
    {
        var page = Given.Page(Given.Cluster with { HeardAt = Given.Now.AddSeconds(-90), Fault = "refused" });

        var row = page.Services.Rows[1];
        Assert.Equal((Health.Unknown, 20.0, 1.0), (row.State.Health, row.RatePerSecond, row.Success));
        Assert.Equal((2, 2), (row.Ready, row.Desired));
        Assert.All(page.Nodes.Rows, node => Assert.Equal(Health.Unknown, node.State.Health));
        Assert.All(page.Routers.Rows, router => Assert.Equal(Health.Good, router.State.Health));
        var finding = Assert.Single(page.Findings);
        Assert.Equal(("API server", "blind"), (finding.Subject, finding.State.Word));
        Assert.EndsWith("refused", finding.Text, StringComparison.Ordinal);
    }

    [Fact]
    public void Without_routers_traffic_is_unknown_and_readiness_goes_on()
    {
        var page = Given.Page(fleet: Given.Fleet(Given.Router("node-1", answers: false)));

        var row = page.Services.Rows[0];
        Assert.Equal((Health.Unknown, "traffic unseen"), (row.State.Health, row.State.Word));
        Assert.Equal((2, null, null), (row.Ready, row.RatePerSecond, row.RoutedLeast));
        Assert.All(page.Nodes.Rows, node => Assert.Equal(Health.Good, node.State.Health));
        Assert.NotEqual(Health.Good, page.Verdict.Health);
    }

    [Fact]
    public void What_was_read_from_disk_is_shown_and_not_believed()
    {
        var page = Given.Page(Given.Cluster with { FromDisk = true, HeardAt = Given.Now });

        Assert.False(page.Services.Cluster.Fresh);
        Assert.Equal(2, page.Services.Rows.Count);
        Assert.All(page.Services.Rows, row => Assert.Equal(Health.Unknown, row.State.Health));
    }

    [Theory]
    [InlineData(2, 1, 1, Health.Warning, "degraded")]
    [InlineData(2, 0, 2, Health.Bad, "down")]
    [InlineData(2, 0, 0, Health.Bad, "down")]
    [InlineData(0, 0, 0, Health.Idle, "scaled to 0")]
    [InlineData(null, 0, 0, Health.Idle, "no endpoints")]
    [InlineData(null, 1, 0, Health.Good, "ready")]
    [InlineData(2, 3, 0, Health.Good, "ready")]
    public void Readiness_has_its_words(int? desired, int ready, int notReady, Health health, string word)
    {
        var cluster = Given.Cluster with { Services = [Given.Service("payments", desired, ready, notReady)] };

        var row = Given.Page(cluster, Given.Fleet(_ => Given.Traffic(0, null), Given.Router("node-1"))).Services.Rows
            .Single(row => row.Name == "payments");

        Assert.Equal((health, word), (row.State.Health, row.State.Word));
    }

    [Theory]
    [InlineData(0.0, Health.Bad, "failing")]
    [InlineData(0.89, Health.Bad, "failing")]
    [InlineData(0.95, Health.Warning, "errors")]
    [InlineData(0.995, Health.Good, "ready")]
    [InlineData(null, Health.Good, "ready")]
    public void Ready_pods_that_fail_their_requests_are_not_well(double? success, Health health, string word)
    {
        var fleet = Given.Fleet(name => Given.Traffic(20, name == "payments" ? success : 1), Given.Router("node-1"));

        var page = Given.Page(fleet: fleet);

        var row = page.Services.Rows.Single(row => row.Name == "payments");
        Assert.Equal((health, word), (row.State.Health, row.State.Word));
        Assert.Equal(health, page.Verdict.Health);
    }

    [Fact]
    public void The_worst_comes_first_and_says_who_answered_the_errors()
    {
        var fleet = Given.Fleet(
            name => Given.Traffic(20, name == "payments" ? 0.25 : 1, name == "payments" ? 0.75 : 0),
            Given.Router("node-1", "snapshot"));

        var page = Given.Page(fleet: fleet);

        Assert.Equal("Service bank/payments: 75 % of requests fail, 75 % answered by the router.", page.Sentence);
        Assert.Equal([Health.Bad, Health.Warning], page.Findings.Select(finding => finding.State.Health));
    }

    [Theory]
    [InlineData("live", 0.5, Health.Good, "live")]
    [InlineData("live", 30, Health.Good, "live")]
    [InlineData("live", 50, Health.Warning, "lags")]
    [InlineData("live", 300, Health.Bad, "far behind")]
    [InlineData("snapshot", 3, Health.Warning, "from snapshot")]
    [InlineData("connecting", 3, Health.Warning, "connecting")]
    [InlineData("", 3, Health.Warning, "no source")]
    public void A_routers_state_tells_what_its_table_is_worth(string state, double age, Health health, string word)
    {
        var row = Given.Page(fleet: Given.Fleet(Given.Router("node-1", state, age))).Routers.Rows[0];

        Assert.Equal((health, word), (row.State.Health, row.State.Word));
        Assert.Equal(age + 0.5, row.TableAgeSeconds!.Value, 0.01);
    }

    [Fact]
    public void An_object_that_two_routers_keep_out_is_told_once_with_both()
    {
        RouterView Keeping(string node)
        {
            var router = Given.Router(node);
            var bad = new QuarantinedObject("EndpointSlice", new ObjectKey("bank", "x"), "no ports", Given.Now);
            return router with { Table = router.Table! with { Quarantined = [bad] } };
        }

        var page = Given.Page(fleet: Given.Fleet(Keeping("node-1"), Keeping("node-2")));

        var item = Assert.Single(page.Routers.Quarantined);
        Assert.Equal(("bank/x", "no ports"), (item.Name, item.Reason));
        Assert.Equal(["node-1", "node-2"], item.Routers);
        Assert.Equal("EndpointSlice bank/x", Assert.Single(page.Findings).Subject);
    }

    [Theory]
    [InlineData("True", false, 3, Health.Good, "ready")]
    [InlineData("True", true, 3, Health.Warning, "cordoned")]
    [InlineData("True", false, 41, Health.Warning, "lease is old")]
    [InlineData("False", false, 3, Health.Bad, "not ready")]
    [InlineData("Unknown", false, 300, Health.Bad, "lost")]
    public void A_node_has_its_words(string ready, bool cordoned, int leaseAge, Health health, string word)
    {
        var node = Given.Node("node-1") with
        {
            Ready = ready,
            Cordoned = cordoned,
            LeaseRenewedAt = Given.Now.AddSeconds(-leaseAge),
        };

        var row = Assert.Single(Given.Page(Given.Cluster with { Nodes = [node] }).Nodes.Rows);

        Assert.Equal((health, word, leaseAge), (row.State.Health, row.State.Word, row.LeaseAgeSeconds));
    }

    [Fact]
    public void A_name_with_traffic_and_no_Service_is_shown()
    {
        var fleet = Given.TwoRouters with { ServicesWithTraffic = [new ObjectKey("bank", "deleted")] };

        var row = Given.Page(fleet: fleet).Services.Rows.Single(row => row.Name == "deleted");

        Assert.Equal((Health.Unknown, "no Service", null), (row.State.Health, row.State.Word, row.Ready));
    }
}
