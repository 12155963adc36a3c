using System.Collections.Immutable;
using System.Net;
using System.Net.Sockets;
using Mainstay.Kube;
using Mainstay.Router.Discovery;
using Mainstay.Router.Discovery.Brake;
using Microsoft.Extensions.Logging.Abstractions;

namespace Mainstay.Tests.Router.Discovery.Brake;

/// <summary>The real witnesses, over real sockets.</summary>
public sealed class WitnessesTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task One_senseless_pod_is_alive_and_hides_no_other()
    {
        await using var cluster = await MiniCluster.StartAsync(apis: 1);
        cluster.Put("pods", """
            {"metadata":{"namespace":"bank","name":"good","uid":"u1","labels":{"app":"a"}},
             "status":{"podIP":"10.0.0.1"}}
            """);
        cluster.Put("pods", """
            {"metadata":{"namespace":"bank","name":"odd","uid":"u2","labels":"none"},"status":{"podIP":"10.0.0.2"}}
            """);
        using var http = KubeHttp.Create(cluster.Kubeconfig);

        var pods = await WitnessesOf(http).PodsAsync("bank", null, Token);

        Assert.NotNull(pods);
        HeldEndpoint[] held = [Held("10.0.0.1", "u1"), Held("10.0.0.2", "u2"), Held("10.0.0.3", "u3")];
        Assert.Equal("u3", Assert.Single(BrakeVerdicts.GoneByPods(held, pods.Value)).Address.Uid);
    }

    [Fact]
    public async Task Pods_are_listed_by_their_labels_in_pages_and_without_a_revision()
    {
        await using var server = (await Mainstay.Tests.Kube.FakeApiServer.StartAsync())
            .ThenText("""{"metadata":{"continue":"c"},"items":[{"metadata":{"namespace":"bank","name":"p"}}]}""")
            .ThenText("""{"items":[{"metadata":{"namespace":"bank","name":"q"}}]}""");
        using var http = KubeHttp.Create(server.Kubeconfig);
        var labels = ImmutableDictionary<string, string>.Empty.Add("app", "a");

        var pods = await WitnessesOf(http).PodsAsync("bank", labels, Token);

        Assert.Equal(["p", "q"], (pods ?? []).Select(pod => pod.Key.Name));
        const string First = "GET /api/v1/namespaces/bank/pods?labelSelector=app%3Da&limit=500";
        Assert.Equal([First, $"{First}&continue=c"], server.Requests);
    }

    [Fact]
    public async Task A_refusal_is_a_word_and_an_open_port_is_none()
    {
        using var open = new TcpListener(IPAddress.Loopback, 0);
        open.Start();
        var port = ((IPEndPoint)open.LocalEndpoint).Port;
        var servers = new Kubeconfig { Servers = [new Uri("http://127.0.0.1:1")] };
        using var http = KubeHttp.Create(servers);
        var witnesses = WitnessesOf(http);

        Assert.False(await witnesses.RefusesAsync("127.0.0.1", port, Token));
        open.Stop();
        Assert.True(await witnesses.RefusesAsync("127.0.0.1", port, Token));
    }

    private static HeldEndpoint Held(string address, string uid) => new(
        Cluster.Service("a"), new ObjectKey("bank", "a-1"), [new ServicePort("http", 8080)],
        new SliceAddress(address, Ready: true) { Uid = uid });

    private static Witnesses WitnessesOf(KubeHttp http)
    {
        var world = new DiscoveryWorld(NullLogger.Instance, TimeProvider.System, new Random(1));
        return new Witnesses(http, new NodeAgents(http, world), new Silent(), TimeProvider.System);
    }

    private sealed class Silent : IAgentPods
    {
        public Task<AgentPodList?> AskAsync(Uri agent, CancellationToken cancellationToken) =>
            Task.FromResult<AgentPodList?>(null);
    }
}
