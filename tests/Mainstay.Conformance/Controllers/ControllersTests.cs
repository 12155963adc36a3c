using Mainstay.Conformance.Platform;

namespace Mainstay.Conformance.Controllers;

public sealed class OurControllersOnOurApiServerTests(AllOurs plane) : ControllersBodies(plane), IClassFixture<AllOurs>;

public sealed class OurControllersOnARealApiServerTests(OursOnReal plane)
    : ControllersBodies(plane), IClassFixture<OursOnReal>;

public sealed class RealControllersTests(AllReal plane) : ControllersBodies(plane), IClassFixture<AllReal>;

/// <summary>
/// What a user of kubectl sees of deployments, daemon sets, services and deletion, whoever brings it about.
/// </summary>
public abstract class ControllersBodies(ControlPlane plane)
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(60);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_deployment_rolls_out_is_undone_and_scaled()
    {
        await plane.KubectlAsync("apply -f -", Deployment("roll", 4));
        await plane.KubectlAsync("rollout status deployment/roll --timeout=60s");
        Assert.Equal(4, (await PodsAsync("roll", "{.items[*].spec.nodeName}")).Length);
        Assert.Equal(3, (await PodsAsync("roll", "{.items[*].spec.nodeName}")).Distinct().Count());

        await plane.KubectlAsync("set image deployment/roll c=web:v2");
        await plane.KubectlAsync("rollout status deployment/roll --timeout=60s");
        Assert.All(await PodsAsync("roll", "{.items[*].spec.containers[0].image}"), i => Assert.Equal("web:v2", i));

        await plane.KubectlAsync("rollout undo deployment/roll");
        await plane.KubectlAsync("rollout status deployment/roll --timeout=60s");
        Assert.All(await PodsAsync("roll", "{.items[*].spec.containers[0].image}"), i => Assert.Equal("web:v1", i));
        var history = await plane.KubectlAsync("rollout history deployment/roll");
        Assert.Contains("\n3 ", history, StringComparison.Ordinal);
        Assert.DoesNotContain("\n1 ", history, StringComparison.Ordinal);

        await plane.KubectlAsync("scale deployment/roll --replicas=2");
        await EventuallyAsync("two pods are left", async () =>
            (await PodsAsync("roll", "{.items[*].metadata.name}")).Length == 2);
    }

    [Fact]
    public async Task A_rollout_that_hangs_keeps_what_is_available_and_can_be_undone()
    {
        await plane.KubectlAsync("apply -f -", Deployment("hang", 4));
        await plane.KubectlAsync("rollout status deployment/hang --timeout=60s");
        await plane.KubectlAsync("set image deployment/hang c=broken:v2");
        await EventuallyAsync("two new pods wait", async () =>
            (await PodsAsync("hang", "{.items[*].spec.containers[0].image}")).Count(i => i == "broken:v2") == 2);
        await EventuallyAsync("one old pod has made room", async () =>
            await plane.KubectlAsync("get deployment hang -o jsonpath={.status.availableReplicas}") == "3");

        await plane.KubectlAsync("rollout undo deployment/hang");
        await plane.KubectlAsync("rollout status deployment/hang --timeout=60s");
        await EventuallyAsync("no broken pod is left", async () =>
            !(await PodsAsync("hang", "{.items[*].spec.containers[0].image}")).Contains("broken:v2"));
    }

    [Fact]
    public async Task A_service_has_its_pods_as_endpoints_and_keeps_the_object_at_zero()
    {
        await plane.KubectlAsync("apply -f -", Deployment("served", 3));
        await plane.KubectlAsync("apply -f -", """
            {"apiVersion":"v1","kind":"Service","metadata":{"name":"served"},
            "spec":{"selector":{"app":"served"},"ports":[{"name":"http","port":80,"targetPort":"http"}]}}
            """);
        await plane.KubectlAsync("rollout status deployment/served --timeout=60s");
        await EventuallyAsync("three addresses", async () => (await AddressesAsync()).Length == 3);
        var pods = await PodsAsync("served", "{.items[*].status.podIP}");
        Assert.Equal(pods.Order(), (await AddressesAsync()).Order());
        Assert.Equal("8080", await plane.KubectlAsync("get endpoints served -o jsonpath={.subsets[0].ports[0].port}"));

        await plane.KubectlAsync("scale deployment/served --replicas=0");
        await EventuallyAsync("no address", async () => (await AddressesAsync()).Length == 0);

        async Task<string[]> AddressesAsync() =>
            Words(await plane.KubectlAsync("get endpoints served -o jsonpath={.subsets[*].addresses[*].ip}"));
    }

    [Fact]
    public async Task A_daemon_set_has_one_pod_a_node_and_is_undone_too()
    {
        await plane.KubectlAsync("apply -f -", Deployment("every", 0)
            .Replace("\"Deployment\"", "\"DaemonSet\"").Replace("\"replicas\":0,", ""));
        await EventuallyAsync("the set is observed", async () =>
            await plane.KubectlAsync("get daemonset every -o jsonpath={.status.numberAvailable}") == "3");
        Assert.Equal(FakeNodes.Names, (await PodsAsync("every", "{.items[*].spec.nodeName}")).Order());
        await plane.KubectlAsync("set image daemonset/every c=web:v2");
        await plane.KubectlAsync("rollout status daemonset/every --timeout=60s");
        await plane.KubectlAsync("rollout undo daemonset/every");
        await plane.KubectlAsync("rollout status daemonset/every --timeout=60s");
        await EventuallyAsync("the old image is back", async () =>
            (await PodsAsync("every", "{.items[*].spec.containers[0].image}")).All(i => i == "web:v1"));
    }

    [Fact]
    public async Task What_is_deleted_takes_what_it_owns_with_it_unless_it_is_orphaned()
    {
        await plane.KubectlAsync("apply -f -", Deployment("owner", 2));
        await plane.KubectlAsync("rollout status deployment/owner --timeout=60s");
        await plane.KubectlAsync("delete deployment owner --cascade=orphan --timeout=30s");
        Assert.Equal(2, (await PodsAsync("owner", "{.items[*].metadata.name}")).Length);
        await plane.KubectlAsync("apply -f -", Deployment("owner", 2));
        await EventuallyAsync("the set is adopted", async () => await plane.KubectlAsync(
            "get replicasets -l app=owner -o jsonpath={.items[*].metadata.ownerReferences[*].name}") == "owner");
        Assert.Equal(2, (await PodsAsync("owner", "{.items[*].metadata.name}")).Length);

        await plane.KubectlAsync("delete deployment owner --timeout=30s");
        await EventuallyAsync("nothing is left", async () =>
            (await plane.KubectlAsync("get replicasets,pods -l app=owner -o name")).Length == 0);
    }

    [Fact]
    public async Task A_namespace_is_emptied_before_it_goes()
    {
        await plane.KubectlAsync("apply -f -",
            """{"apiVersion":"v1","kind":"Namespace","metadata":{"name":"brief"}}""");
        await plane.KubectlAsync("-n brief apply -f -", Deployment("inside", 2));
        await plane.KubectlAsync("-n brief rollout status deployment/inside --timeout=60s");
        await plane.KubectlAsync("delete namespace brief --timeout=50s");
        Assert.DoesNotContain("brief", await plane.KubectlAsync("get namespaces -o name"), StringComparison.Ordinal);
    }

    private async Task<string[]> PodsAsync(string app, string path) =>
        Words(await plane.KubectlAsync($"get pods -l app={app} -o jsonpath={path}"));

    private static Task EventuallyAsync(string what, Func<Task<bool>> look) =>
        Eventually.TrueAsync(what, Deadline, look, Cancel);

    private static string[] Words(string text) => text.Split(' ', StringSplitOptions.RemoveEmptyEntries);

    private static string Deployment(string name, int replicas) => """
        {"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"NAME"},
        "spec":{"replicas":N,"selector":{"matchLabels":{"app":"NAME"}},
        "template":{"metadata":{"labels":{"app":"NAME"}},"spec":{"terminationGracePeriodSeconds":0,
        "containers":[{"name":"c","image":"web:v1","ports":[{"name":"http","containerPort":8080}]}]}}}}
        """.Replace("NAME", name).Replace("\"replicas\":N", $"\"replicas\":{replicas}");
}
