using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Mainstay.Conformance.ApiServer;
using Mainstay.Conformance.Platform;
using Mainstay.Drills.Faults;
using Mainstay.Kernel.Signals;
using Mainstay.Kube;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Mainstay.Conformance.Router;

/// <summary>
/// A router between an API server of ours, which it also reaches through a proxy that mutes watches, and a service that
/// is called all the time. Times are those that the router itself recorded.
/// </summary>
public sealed partial class MutedWatchTests(OurServerOnOurStore server) : IClassFixture<OurServerOnOurStore>
{
    private const string Slices = "/apis/discovery.k8s.io/v1/namespaces/default/endpointslices";
    private const string Services = "/api/v1/namespaces/default/services";
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    [Theory]
    [InlineData("endpointslices", "router/node-1", "default/echo-1")]
    [InlineData("services", "router/node-1/services", "default/echo")]
    public async Task A_muted_watch_is_named_by_its_hop_and_repaired_in_time_and_no_call_fails(
        string muted, string subject, string repaired)
    {
        var cancellationToken = TestContext.Current.CancellationToken;
        await using var proxy = await ApiProxy.StartAsync(
            new ApiProxyOptions { Upstream = new Uri(server.Server) }, cancellationToken);
        using var direct = KubeHttp.Create(KubeconfigFor(new Uri(server.Server)));
        await using var before = await Backend.StartAsync("before");
        await using var after = await Backend.StartAsync("after");
        await using var service = await EchoService.DeclareAsync(direct, before.Port, cancellationToken);
        using var router = RunningRouter.Start(KubeconfigFor(proxy.Url, new Uri(server.Server)));
        await router.UntilAsync("the heartbeats are seen through the proxy", report =>
            report.Hops.Length == 2 && report.Hops.All(hop => hop.Sequence > 2 && hop.Via == Hop(proxy.Url)),
            cancellationToken);
        await router.UntilReadyAsync(cancellationToken);
        var calls = new Calls(router.Address);
        using var enough = new CancellationTokenSource();
        var calling = calls.RunAsync(enough.Token);
        await Eventually.TrueAsync(
            "calls arrive", Patience, () => Task.FromResult(calls.Answers > 5), cancellationToken);

        var mutedAt = TimeProvider.System.GetUtcNow();
        proxy.Faults.TurnOn(ApiFault.MuteWatches(muted));
        await MoveAsync(direct, after.Port, cancellationToken);
        var report = await router.UntilAsync(
            "the stale hop is named", now => Stale(now) is not null, cancellationToken);
        var signal = Stale(report)!;
        Tell(muted, "named", signal.Since - mutedAt);
        Assert.InRange(signal.Since - mutedAt, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(10));
        Assert.Equal((subject, Hop(proxy.Url)), (signal.Subject, Assert.Single(signal.Reading.CausedBy)));

        await Eventually.TrueAsync(
            "calls reach the new endpoint", Patience, () => Task.FromResult(calls.Last == "after"), cancellationToken);
        await router.UntilAsync("it is fresh again", now => Stale(now) is null, cancellationToken);
        await enough.CancelAsync();
        await calling;
        Tell(muted, "repaired", router.RepairedAt(repaired) - mutedAt);
        Assert.InRange(router.RepairedAt(repaired) - mutedAt, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(15));
        Assert.True(calls.Failures == 0, $"{calls.Failures} calls failed: {calls.Fault}");
    }

    /// <summary>For whoever wants the figure: <c>-showLiveOutput</c>.</summary>
    private static void Tell(string kind, string what, TimeSpan after) =>
        TestContext.Current.TestOutputHelper?.WriteLine(
            $"{what} {after.TotalSeconds:0.0} s after the watch of {kind} was muted");

    private static string Hop(Uri api) => $"api/{api.ToString().TrimEnd('/')}";

    private static Signal? Stale(SignalsReport report) =>
        report.Signals.FirstOrDefault(signal => signal.Name == SignalCatalog.DiscoveryStale.Name);

    private static Kubeconfig KubeconfigFor(params Uri[] servers) =>
        new() { Servers = [.. servers], InsecureSkipTlsVerify = true, Token = "test-token" };

    /// <summary>Both objects change, so that whichever watch is mute has missed something.</summary>
    private static async Task MoveAsync(KubeHttp http, int port, CancellationToken cancellationToken)
    {
        using var slice = await http.MergeAsync($"{Slices}/echo-1", Slice(port), cancellationToken);
        var labels = new JsonObject { ["moved"] = "yes" };
        using var service = await http.MergeAsync(
            $"{Services}/echo",
            new JsonObject { ["metadata"] = new JsonObject { ["labels"] = labels } },
            cancellationToken);
    }

    private static JsonObject Slice(int port) => new()
    {
        ["apiVersion"] = "discovery.k8s.io/v1",
        ["kind"] = "EndpointSlice",
        ["metadata"] = new JsonObject
        {
            ["name"] = "echo-1",
            ["namespace"] = "default",
            ["labels"] = new JsonObject { ["kubernetes.io/service-name"] = "echo" },
        },
        ["addressType"] = "IPv4",
        ["ports"] = new JsonArray(new JsonObject { ["name"] = "http", ["port"] = port }),
        ["endpoints"] = new JsonArray(new JsonObject { ["addresses"] = new JsonArray("127.0.0.1") }),
    };

    /// <summary>The service that is called, and its one endpoint.</summary>
    private sealed class EchoService(KubeHttp http) : IAsyncDisposable
    {
        public static async Task<EchoService> DeclareAsync(
            KubeHttp http, int port, CancellationToken cancellationToken)
        {
            var service = JsonNode.Parse(
                """
                {"apiVersion":"v1","kind":"Service","metadata":{"name":"echo","namespace":"default"},
                 "spec":{"ports":[{"name":"http","port":80}]}}
                """);
            using var made = await http.CreateAsync(Services, service!, cancellationToken);
            using var slice = await http.CreateAsync(Slices, Slice(port), cancellationToken);
            return new EchoService(http);
        }

        public async ValueTask DisposeAsync()
        {
            using var service = await http.DeleteAsync($"{Services}/echo", null, CancellationToken.None);
            using var slice = await http.DeleteAsync($"{Slices}/echo-1", null, CancellationToken.None);
        }
    }

    /// <summary>One endpoint of the service, which answers with its name.</summary>
    private sealed class Backend : IAsyncDisposable
    {
        private readonly WebApplication _app;

        private Backend(WebApplication app) => _app = app;

        public int Port => new Uri(_app.Urls.First()).Port;

        public static async Task<Backend> StartAsync(string name)
        {
            var builder = WebApplication.CreateSlimBuilder();
            builder.Logging.ClearProviders();
            builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
            var backend = new Backend(builder.Build());
            backend._app.Run(context => context.Response.WriteAsync(name));
            await backend._app.StartAsync();
            return backend;
        }

        public ValueTask DisposeAsync() => _app.DisposeAsync();
    }

    /// <summary>Calls through the router, one behind the other, twenty a second.</summary>
    private sealed class Calls(Uri router)
    {
        public int Answers { get; private set; }

        public int Failures { get; private set; }

        public string Last { get; private set; } = "";

        public string Fault { get; private set; } = "";

        public async Task RunAsync(CancellationToken cancellationToken)
        {
            using var http = new HttpClient { Timeout = TimeSpan.FromSeconds(20) };
            using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
            while (!cancellationToken.IsCancellationRequested)
            {
                await CallAsync(http);
                await timer.WaitForNextTickAsync(CancellationToken.None);
            }
        }

        private async Task CallAsync(HttpClient http)
        {
            try
            {
                using var request = new HttpRequestMessage(HttpMethod.Get, router);
                request.Headers.Host = "echo";
                using var answer = await http.SendAsync(request);
                var said = await answer.Content.ReadAsStringAsync();
                if (!answer.IsSuccessStatusCode)
                {
                    throw new HttpRequestException($"{(int)answer.StatusCode} {answer.Headers} {said}");
                }

                (Last, Answers) = (said, Answers + 1);
            }
            catch (Exception fault) when (fault is HttpRequestException or TaskCanceledException)
            {
                Failures++;
                Fault = fault.Message;
            }
        }
    }

    /// <summary>`mainstay router` with one kubeconfig, and what it says.</summary>
    private sealed partial class RunningRouter : IDisposable
    {
        private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("mainstay-router-");
        private readonly int _port = FreePorts.Row(2);
        private readonly HttpClient _http = new() { Timeout = TimeSpan.FromSeconds(10) };
        private readonly Child _process;

        private RunningRouter(Kubeconfig kubeconfig)
        {
            var file = Path.Combine(_folder.FullName, "kubeconfig");
            kubeconfig.Write(file);
            _process = Child.Start(
                Peers.Mainstay, "router", "--node", "node-1", "--kubeconfig", file, "--data-dir", _folder.FullName,
                "--listen", $"127.0.0.1:{_port}", "--admin", $"127.0.0.1:{_port + 1}");
        }

        public Uri Address => new($"http://127.0.0.1:{_port}/");

        public static RunningRouter Start(Kubeconfig kubeconfig) => new(kubeconfig);

        /// <summary>The heartbeat of the router before it may be seen before the first table is there.</summary>
        public Task UntilReadyAsync(CancellationToken cancellationToken) =>
            Eventually.TrueAsync("the router is ready", Patience, async () =>
            {
                var page = new Uri($"http://127.0.0.1:{_port + 1}/readyz");
                using var answer = await _http.GetAsync(page, cancellationToken);
                return answer.IsSuccessStatusCode;
            }, cancellationToken);

        public Task<SignalsReport> UntilAsync(
            string what, Func<SignalsReport, bool> condition, CancellationToken cancellationToken) =>
            Eventually.GetAsync(what, Patience, async () =>
            {
                var page = new Uri($"http://127.0.0.1:{_port + 1}/signals.json");
                var report = SignalsJson.Read(await _http.GetByteArrayAsync(page, cancellationToken));
                return condition(report) ? report : null;
            }, cancellationToken);

        /// <summary>When it wrote that a quorum list repaired its table.</summary>
        /// <param name="name">of what the watch had not told</param>
        public DateTimeOffset RepairedAt(string name)
        {
            var line = RepairLine().Matches(_process.Said).FirstOrDefault(line =>
                line.Value.Contains($"told: {name} ", StringComparison.Ordinal));
            Assert.True(line is not null, _process.Said);
            return DateTimeOffset.Parse(line.Groups[1].Value, CultureInfo.InvariantCulture);
        }

        public void Dispose()
        {
            _process.Dispose();
            _http.Dispose();
            _folder.Delete(recursive: true);
        }

        [GeneratedRegex(@"(\S+Z) warn: Router\[5016\] .*")]
        private static partial Regex RepairLine();
    }
}
