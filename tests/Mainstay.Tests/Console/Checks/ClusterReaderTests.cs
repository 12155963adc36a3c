using System.Collections.Concurrent;
using System.Net;
using Mainstay.ConsoleSite.Checks;
using Mainstay.Kube;
using Mainstay.Router.Proof;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Mainstay.Tests.ConsoleSite.Checks;

/// <summary>The reader against an API server over HTTP that writes down what it is asked.</summary>
public sealed class ClusterReaderTests : IAsyncLifetime
{
    private readonly ConcurrentBag<string> _verbs = [];
    private readonly Dictionary<string, (int Code, string Body)> _answers = new()
    {
        ["/livez"] = (200, "ok"),
        ["/readyz"] = (200, "ok"),
        ["/version"] = (200, """{"gitVersion":"v1.20.2"}"""),
        ["/apis/discovery.k8s.io/v1/endpointslices"] = (404, "{}"),
    };

    private WebApplication? _app;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private Uri Address => new(_app!.Urls.First());

    [Fact]
    public async Task Looking_at_a_cluster_and_proving_a_start_asks_with_GET_only()
    {
        var kubeconfig = new Kubeconfig { Servers = [Address] };

        await new ClusterReader(kubeconfig, TimeProvider.System).ReadAsync(Cancel);
        await RouterProof.RunAsync(new ProofRequest(kubeconfig) { Calls = false }, Cancel);

        Assert.NotEmpty(_verbs);
        Assert.All(_verbs, verb => Assert.Equal("GET", verb));
    }

    [Fact]
    public async Task What_is_served_is_read_and_what_is_not_is_told_apart_from_what_is_forbidden()
    {
        _answers["/api/v1/services"] = (403, """{"reason":"Forbidden","message":"no"}""");
        _answers["/api/v1/endpoints"] = (200, """{"items":null}""");

        var facts = await new ClusterReader(new Kubeconfig { Servers = [Address] }, TimeProvider.System)
            .ReadAsync(Cancel);

        Assert.Equal("v1.20.2", Assert.Single(facts.Servers).Version);
        Assert.True(facts.Of(ListedKind.Slices).NotServed);
        Assert.Contains("403", facts.Of(ListedKind.Services).Fault, StringComparison.Ordinal);
        Assert.Equal("are null", facts.Of(ListedKind.Endpoints).Shape);
        Assert.True(facts.Of(ListedKind.OldSlices).Known);
    }

    [Fact]
    public async Task A_server_that_is_not_there_is_told_as_refused_and_the_other_is_read()
    {
        var gone = new Uri("http://127.0.0.1:1/");

        var facts = await new ClusterReader(new Kubeconfig { Servers = [gone, Address] }, TimeProvider.System)
            .ReadAsync(Cancel);

        Assert.True(facts.Servers[0].Refused);
        Assert.True(facts.Servers[1].Answers);
        Assert.True(facts.Of(ListedKind.Deployments).Known);
    }

    public async ValueTask InitializeAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        _app = builder.Build();
        _app.Run(AnswerAsync);
        await _app.StartAsync();
    }

    public ValueTask DisposeAsync() => _app!.DisposeAsync();

    private async Task AnswerAsync(HttpContext context)
    {
        _verbs.Add(context.Request.Method);
        var (code, body) = _answers.GetValueOrDefault(
            context.Request.Path.Value ?? "", (200, """{"metadata":{"resourceVersion":"7"},"items":[]}"""));
        context.Response.StatusCode = code;
        await context.Response.WriteAsync(body);
    }
}
