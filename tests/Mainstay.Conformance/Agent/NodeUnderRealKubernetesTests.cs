using System.Text.Json;
using Mainstay.Conformance.Platform;

namespace Mainstay.Conformance.Agent;

/// <summary>
/// The node agent in the kubelet's place under a real kube-apiserver, controller-manager and scheduler. A real
/// Kubernetes refuses loopback addresses in Endpoints, so the pods' addresses are made local by a route.
/// </summary>
public sealed class NodeUnderRealKubernetesTests : IAsyncLifetime
{
    private const string Network = "10.217";
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(60);
    private readonly LocalRoute _route = new(Network);
    private readonly string _folder = Directory.CreateTempSubdirectory("mainstay-agent").FullName;
    private RealKubernetes _peer = null!; // set before each test by InitializeAsync
    private NodeProcess _node = null!; // the same

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        await _route.AddAsync(Token);
        WebImage.Write(Path.Combine(_folder, "images"));
        _peer = await RealKubernetes.StartAsync(Path.Combine(_folder, "peer"), Token);
        _node = new NodeProcess(_folder, Network, _peer.Kubeconfig);
        _node.Start();
        await UntilAsync("the node is ready", "get nodes", "node-1 Ready");
    }

    public async ValueTask DisposeAsync()
    {
        await _node.DisposeAsync();
        await _peer.DisposeAsync();
        await _route.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task A_deployment_runs_as_processes_rolls_and_goes_without_a_trace()
    {
        await _peer.KubectlAsync("apply -f -", WebImage.Deployment);
        await _peer.KubectlAsync("rollout status deploy/web --timeout=60s");
        Assert.All(await AnswersAsync(), answer => Assert.Equal("v1 hello\n", answer));
        Assert.Equal(3, _node.PodProcesses().Count);
        await UntilAsync("the endpoints list the pods", "get endpoints web", $"{Network}.0.2:8080");
        Assert.Contains("listening on 10.217.", _node.Log("default_web-", "web"), StringComparison.Ordinal);

        await _peer.KubectlAsync("set image deploy/web web=test/web:v2");
        await _peer.KubectlAsync("rollout status deploy/web --timeout=60s");
        Assert.All(await AnswersAsync(), answer => Assert.Equal("v2 hello\n", answer));

        await _peer.KubectlAsync("delete deploy/web --cascade=foreground");
        await UntilAsync("the pods are gone", "get pods", "");
        Assert.Empty(_node.PodProcesses());
        Assert.Contains("asked to stop", _node.Log("default_web-", "web"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_wrong_with_a_pod_is_named_in_its_status()
    {
        await _peer.KubectlAsync("apply -f -", WebImage.FaultyPods);

        await UntilAsync("absent image", "get pod noimage -o yaml", "image \"test/none:v9\" is not in the image store");
        await UntilAsync("absent image backs off", "get pods", "noimage 0/1 ImagePullBackOff");
        await UntilAsync("absent secret", "get pods", "nosecret 0/1 CreateContainerConfigError");
        await UntilAsync("absent secret is named", "get pod nosecret -o yaml", "secret \"absent\" not found");
        await UntilAsync("crash loop", "get pods", "crash 0/1 CrashLoopBackOff");
        await UntilAsync("exit code", "get pod crash -o yaml", "exitCode: 3");
        await UntilAsync("job after its init container", "get pods", "job 0/1 Completed");
        await UntilAsync(
            "wildcard listener", "get pod wild -o yaml", "listens on the wildcard address 0.0.0.0 port 8099");
        await UntilAsync("readiness gate", "get pod gated -o yaml", "reason: ReadinessGatesNotReady");
        await UntilAsync("liveness probe", "get events", "failed liveness probe");

        await _peer.KubectlAsync("delete pods --all --timeout=60s");
        Assert.Empty(_node.PodProcesses());
    }

    [Fact]
    public async Task Pods_live_on_without_control_plane_and_agent_and_crashed_ones_come_back()
    {
        Directory.CreateDirectory(Path.Combine(_folder, "manifests"));
        await File.WriteAllTextAsync(Path.Combine(_folder, "manifests", "static.yaml"), WebImage.StaticPod, Token);
        await _peer.KubectlAsync("apply -f -", WebImage.Deployment);
        await _peer.KubectlAsync("rollout status deploy/web --timeout=60s");
        await UntilAsync("the static pod has a mirror", "get pods", "fixed-node-1 1/1 Running");
        var before = await AddressesAsync();
        var processes = _node.PodProcesses().Select(process => process.Pid).Order().ToList();

        var port = _peer.Port;
        await _peer.DownAsync();
        await _node.KillAsync();
        await _node.PodProcesses()[0].KillAsync(Token);
        _node.Start();

        // The ConfigMap comes from disk: there is no API server to ask.
        await Eventually.TrueAsync(
            "the killed pod runs again",
            Deadline,
            () => Task.FromResult(_node.PodProcesses().Count == processes.Count),
            Token);
        var after = _node.PodProcesses().Select(process => process.Pid).Order().ToList();
        Assert.Equal(processes.Count - 1, after.Intersect(processes).Count());
        foreach (var address in before)
        {
            await Eventually.TrueAsync("it answers", Deadline, async () => await AnswerAsync(address) != "", Token);
        }

        await _peer.UpAsync(port, Token);
        await _peer.KubectlAsync("rollout status deploy/web --timeout=60s");
        Assert.Equal(before, await AddressesAsync());
        await _peer.KubectlAsync("delete deploy/web --cascade=foreground");
        File.Delete(Path.Combine(_folder, "manifests", "static.yaml"));
        await UntilAsync("all pods are gone, the mirror too", "get pods", "");
        Assert.Empty(_node.PodProcesses());
    }

    private async Task<List<string>> AnswersAsync() =>
        [.. await Task.WhenAll((await AddressesAsync()).Select(AnswerAsync))];

    private static async Task<string> AnswerAsync(string address)
    {
        using var http = new HttpClient();
        return await http.GetStringAsync(new Uri($"http://{address}:8080/"), Token);
    }

    private async Task<List<string>> AddressesAsync()
    {
        using var pods = JsonDocument.Parse(await _peer.KubectlAsync("get pods -o json"));
        var addresses =
            from pod in pods.RootElement.GetProperty("items").EnumerateArray()
            where !pod.GetProperty("metadata").TryGetProperty("deletionTimestamp", out _)
            select pod.GetProperty("status").GetProperty("podIP").GetString();
        return [.. addresses.Order(StringComparer.Ordinal)];
    }

    /// <summary>
    /// Words of one line of kubectl's answer, with one blank between them; empty: the answer is empty.
    /// </summary>
    private Task UntilAsync(string what, string words, string expected) => Eventually.TrueAsync(
        what,
        Deadline,
        async () =>
        {
            var answer = string.Join(
                ' ', (await _peer.KubectlAsync(words)).Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
            return expected.Length == 0 ? answer.Length == 0 : answer.Contains(expected, StringComparison.Ordinal);
        },
        Token);
}
