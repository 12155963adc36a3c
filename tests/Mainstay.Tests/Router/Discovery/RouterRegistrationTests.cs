using Mainstay.Kube;
using Mainstay.Router.Discovery;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using ScriptedServer = Mainstay.Tests.Kube.FakeApiServer;

namespace Mainstay.Tests.Router.Discovery;

public sealed class RouterRegistrationTests
{
    [Fact]
    public async Task Who_fails_on_a_server_that_another_has_left_does_not_turn_back_to_it()
    {
        await using var good = await ScriptedServer.StartAsync();
        await using var bad = await ScriptedServer.StartAsync();
        var registered = new TaskCompletionSource();
        good.Then(async context =>
        {
            await Microsoft.AspNetCore.Http.HttpResponseWritingExtensions.WriteAsync(context.Response, "{}");
            registered.TrySetResult();
        });
        using var http = KubeHttp.Create(good.Kubeconfig with { Servers = [bad.Address, good.Address] });
        bad.Then(context =>
        {
            // The heartbeat's writer fails there a moment earlier, over the same client.
            http.Leave(bad.Address);
            context.Response.StatusCode = 500;
            return Task.CompletedTask;
        });
        var time = new FakeTimeProvider();
        var world = new DiscoveryWorld(NullLogger.Instance, time, new Random(1));
        var registration = new RouterRegistration(() => new RouterFacts("node-1", ""), http, world);
        using var stop = new CancellationTokenSource();
        var running = registration.RunAsync(stop.Token);

        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        while (!registered.Task.IsCompleted)
        {
            Assert.False(deadline.IsCancellationRequested, "it is registered");
            time.Advance(TimeSpan.FromMilliseconds(50));
            await Task.Yield();
        }

        Assert.Equal(good.Address, http.Server);
        Assert.Single(bad.Requests);
        await stop.CancelAsync();
        await running;
    }
}
