using System.Net;
using Mainstay.Router;
using Mainstay.Router.Discovery;
using Mainstay.Tests.Router.Pipeline;

namespace Mainstay.Tests.Router;

public sealed class LocalPodBindingTests : IDisposable
{
    private const string Pod = """{"namespace":"default","name":"p","uid":"1","ip":"127.93.7.1"}""";
    private const string One = $$"""{"node":"n","pods":[{{Pod}},{"name":7},{}]}""";
    private readonly string _folder = Directory.CreateTempSubdirectory("mainstay-pods-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task The_router_listens_for_the_pods_that_the_agent_tells_and_for_the_last_ones_without_an_agent()
    {
        using var service = new RawOrigin(_ => RawOrigin.Ok("hi"));
        using var agent = new RawOrigin(_ => "!HTTP/1.1 200 OK\r\n\r\n" + One + "\n");
        var port = FreePort();
        await using (var router = await StartAsync(agent.Port, port, service.Port))
        {
            using var stop = new CancellationTokenSource();
            var running = router.Router.RunAsync(stop.Token);
            await UntilAsync(router, () => router.Router.Listeners.Addresses.Count == 2);
            Assert.EndsWith("hi", Call(port), StringComparison.Ordinal);
            await UntilAsync(router, () => File.Exists(Path.Combine(_folder, "local-pods.json")));
            await stop.CancelAsync();
            await running.WaitAsync(TimeSpan.FromSeconds(10), TestContext.Current.CancellationToken);
        }

        await using var later = await StartAsync(FreePort(), port, service.Port);
        Assert.EndsWith("hi", Call(port), StringComparison.Ordinal);
    }

    [Fact]
    public void A_pod_that_makes_no_sense_is_left_out_and_the_others_are_taken()
    {
        var pod = Assert.Single(LocalPods.Read(System.Text.Encoding.UTF8.GetBytes(One)));

        Assert.Equal((IPAddress.Parse("127.93.7.1"), new Caller("default", "p", "1")), (pod.Address, pod.Caller));
    }

    private Task<RouterUnderTest> StartAsync(int agent, int podPort, int service) => RouterUnderTest.StartAsync(
        options =>
        {
            options.Agent = new Uri($"http://127.0.0.1:{agent}");
            options.PodPort = podPort;
            options.DataDirectory = _folder;
        },
        service);

    private static string Call(int port)
    {
        using var client = new RawClient(new IPEndPoint(IPAddress.Parse("127.93.7.1"), port));
        client.Send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
        return client.Read();
    }

    private static async Task UntilAsync(RouterUnderTest router, Func<bool> condition)
    {
        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        while (!condition())
        {
            Assert.False(deadline.IsCancellationRequested, "it came to pass in time");
            router.Time.Advance(TimeSpan.FromMilliseconds(50));
            await router.SettleAsync();
        }
    }

    private static int FreePort()
    {
        using var listener = new System.Net.Sockets.TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
