using Mainstay.Kube;
using Mainstay.Up;

namespace Mainstay.Tests.CommandLine;

public sealed class StaticPodsTests
{
    private static readonly PlatformPrograms Programs = new("/build/mainstay", null, "/build/bank", "/samples");

    [Fact]
    public void Each_part_is_told_which_of_its_own_protections_are_off()
    {
        var options = UpOptionsTests.Usual with { Without = ["gate", "brake", "tolerance"] };
        var plan = new PlatformPlan(options, Programs);

        var pods = StaticPods.Of(plan, plan.Nodes[0]).ToDictionary(pod => pod.Name, pod => pod.Arguments);

        Assert.Equal(["--without", "tolerance,brake"], pods["router"].SkipWhile(word => word != "--without"));
        Assert.Equal(["--without", "gate"], pods["controllers"].SkipWhile(word => word != "--without"));
        Assert.DoesNotContain("--without", pods["api"]);
    }

    [Fact]
    public void A_platform_with_all_protections_is_told_of_none()
    {
        var plan = new PlatformPlan(UpOptionsTests.Usual, Programs);

        Assert.All(
            StaticPods.Of(plan, plan.Nodes[0]), pod => Assert.DoesNotContain("--without", pod.Arguments));
        Assert.Contains("'snapshots'", Assert.Single((UpOptionsTests.Usual with { Without = ["snapshots"] }).Faults()));
    }

    [Fact]
    public void The_first_node_has_the_control_plane_and_every_node_has_a_router()
    {
        var plan = new PlatformPlan(UpOptionsTests.Usual, Programs);

        Assert.Equal(["store", "api", "controllers", "console", "status-page", "router"], Names(plan, 0));
        Assert.Equal(["router"], Names(plan, 1));
    }

    [Fact]
    public void Etcd_takes_the_place_of_the_store()
    {
        var options = UpOptionsTests.Usual with { Store = StoreKind.Etcd, Members = 3 };
        var plan = new PlatformPlan(options, Programs);

        Assert.DoesNotContain("store", Names(plan, 0));
        Assert.Equal(["etcd-1", "router"], Names(plan, 1));
        var api = StaticPods.Of(plan, plan.Nodes[0]).Single(pod => pod.Name == "api").Arguments;
        Assert.Equal(["--etcd-members", plan.Data.EtcdMembers], api.SkipWhile(word => word != "--etcd-members"));
    }

    [Fact]
    public void A_member_of_etcd_that_knows_no_leader_is_not_started_anew()
    {
        var plan = new PlatformPlan(UpOptionsTests.Usual with { Store = StoreKind.Etcd, Members = 3 }, Programs);
        var member = StaticPods.Of(plan, plan.Nodes[0]).Single(pod => pod.Name == "etcd-0");

        // etcd answers /health with 503 while it knows no leader, and /version always.
        Assert.Equal("/version", member.HealthUrl?.AbsolutePath);
    }

    [Fact]
    public void Manifests_are_pods_whose_words_survive_quoting()
    {
        var plan = new PlatformPlan(UpOptionsTests.Usual with { DataFolder = "/a folder/it's" }, Programs);
        var pod = StaticPods.Of(plan, plan.Nodes[0]).First();

        var manifest = Yaml.ParseSingle(StaticPods.Manifest(pod));

        var container = manifest!["spec"]!["containers"]![0]!;
        Assert.Equal(pod.Arguments, container["args"]!.AsArray().Select(word => word!.GetValue<string>()));
        Assert.Equal("/livez", container["livenessProbe"]!["httpGet"]!["path"]!.GetValue<string>());
    }

    private static IEnumerable<string> Names(PlatformPlan plan, int node) =>
        StaticPods.Of(plan, plan.Nodes[node]).Select(pod => pod.Name);
}
