using Mainstay.Conformance.Agent;
using Mainstay.Conformance.Platform;
using Mainstay.Drills.Faults;

namespace Mainstay.Conformance.Router;

/// <summary>
/// Our node agent and our routers under a real Kubernetes 1.20, with its own etcd: one router reads EndpointSlices
/// (v1beta1 there), one reads Endpoints, since its proxy says that there are no slices. Both are called all the while.
/// MAINSTAY_DARK_SECONDS says for how long the control plane is away; 20 when it is not set.
/// </summary>
public sealed class RoutingUnderRealKubernetesTests : IAsyncLifetime
{
    private const string Network = "10.219";

    private const string EmptyService = """
        apiVersion: v1
        kind: Service
        metadata: {name: nobody}
        spec: {selector: {app: nobody}, ports: [{port: 80, targetPort: 8080}]}
        """;

    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(60);

    private readonly LocalRoute _route = new(Network);
    private readonly string _folder = Directory.CreateTempSubdirectory("mainstay-routing").FullName;
    private RealKubernetes _peer = null!; // these are set before the test by InitializeAsync
    private NodeProcess _node = null!;
    private RouterProcess _bySlices = null!;
    private RouterProcess _byEndpoints = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private static TimeSpan Dark => TimeSpan.FromSeconds(double.Parse(
        Environment.GetEnvironmentVariables()["MAINSTAY_DARK_SECONDS"]?.ToString() ?? "20",
        System.Globalization.CultureInfo.InvariantCulture));

    public async ValueTask InitializeAsync()
    {
        await _route.AddAsync(Token);
        WebImage.Write(Path.Combine(_folder, "images"));
        _peer = await RealKubernetes.StartAsync(Path.Combine(_folder, "peer"), Token);
        _node = new NodeProcess(_folder, Network, _peer.Kubeconfig);
        _node.Start();
        var server = new Uri($"https://127.0.0.1:{_peer.Port}");
        _bySlices = await RouterProcess.StartAsync(Path.Combine(_folder, "router-1"), "node-1", server, Token);
        _byEndpoints = await RouterProcess.StartAsync(Path.Combine(_folder, "router-2"), "node-2", server, Token);
        _byEndpoints.Proxy.Faults.TurnOn(
            new ApiFault("no-slices", new ApiEffect.Answer(404)) { PathPrefix = "/apis/discovery.k8s.io" });
        _byEndpoints.Kill(); // whatever it found out before the fault was on
        _byEndpoints.Start();
    }

    public async ValueTask DisposeAsync()
    {
        await _bySlices.DisposeAsync();
        await _byEndpoints.DisposeAsync();
        await _node.DisposeAsync();
        await _peer.DisposeAsync();
        await _route.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task Neither_an_empty_nor_a_null_object_nor_the_loss_of_the_control_plane_harms_a_call()
    {
        await _peer.KubectlAsync("apply -f -", WebImage.Deployment);
        await _peer.KubectlAsync("rollout status deploy/web --timeout=60s");
        await BothAsync("web is routed", async router => await router.ReadyAsync("web", Token) == 3);
        await HeartbeatAdvancesAsync();
        await using var slices = SteadyCaller.Start(_bySlices.Address, "web.default");
        await using var endpoints = SteadyCaller.Start(_byEndpoints.Address, "web.default");

        await AnEmptyObjectAndOneMadeNullAsync();
        await TheControlPlaneGoneAsync(slices);

        Assert.Empty(slices.Failures);
        Assert.Empty(endpoints.Failures);
        Assert.True(endpoints.Answered > 100, $"only {endpoints.Answered} calls were answered");
    }

    private async Task AnEmptyObjectAndOneMadeNullAsync()
    {
        await _peer.KubectlAsync("apply -f -", EmptyService);
        await BothAsync("the empty service is known", async router => await router.ReadyAsync("nobody", Token) == 0);

        foreach (var router in new[] { _bySlices, _byEndpoints })
        {
            router.Proxy.Faults.TurnOn(ApiFault.NullWhenEmpty("default", "nobody"));
            router.Proxy.CutWatches(); // it lists anew, and gets null
        }

        // A router whose lists have null in them follows what comes.
        await _peer.KubectlAsync("scale deploy/web --replicas=2");
        await BothAsync("web has two", async router => await router.ReadyAsync("web", Token) == 2);
        Assert.StartsWith("503", await _bySlices.CallAsync("nobody.default", Token), StringComparison.Ordinal);
    }

    private async Task TheControlPlaneGoneAsync(SteadyCaller calling)
    {
        var port = _peer.Port;
        await _peer.DownAsync();
        using (var dark = new PeriodicTimer(Dark))
        {
            await calling.StopAsync();
            _bySlices.Kill();
            _bySlices.Start();
            await Eventually.TrueAsync(
                "a router that starts with no API server routes",
                Deadline,
                async () => await RoutesAsync(_bySlices),
                Token);
            await using var again = SteadyCaller.Start(_bySlices.Address, "web.default");
            await dark.WaitForNextTickAsync(Token);
            Assert.Empty(again.Failures);
            Assert.True(again.Answered > 10, $"only {again.Answered} calls were answered");
        }

        await _peer.UpAsync(port, Token);
        await _peer.KubectlAsync("scale deploy/web --replicas=3");
        await BothAsync("they follow again", async router => await router.ReadyAsync("web", Token) == 3);
    }

    private static async Task<bool> RoutesAsync(RouterProcess router) =>
        (await router.CallAsync("web.default", Token)).StartsWith("200", StringComparison.Ordinal);

    private async Task HeartbeatAdvancesAsync()
    {
        var first = await SequenceAsync();
        await Eventually.TrueAsync(
            "the heartbeat advances", Deadline, async () => await SequenceAsync() > first && first >= 0, Token);
    }

    private async Task<long> SequenceAsync()
    {
        var answer = await _peer.KubectlAsync(
            "get endpointslices -n kube-system --field-selector=metadata.name=mainstay-heartbeat "
            + "-o=jsonpath={.items[*].metadata.annotations.mainstay\\.dev/sequence}");
        return long.TryParse(answer.Trim(), System.Globalization.CultureInfo.InvariantCulture, out var sequence)
            ? sequence : -1;
    }

    private async Task BothAsync(string what, Func<RouterProcess, Task<bool>> look)
    {
        foreach (var router in new[] { _bySlices, _byEndpoints })
        {
            await Eventually.TrueAsync($"{what} ({router.Admin.Authority})", Deadline, () => look(router), Token);
        }
    }
}
