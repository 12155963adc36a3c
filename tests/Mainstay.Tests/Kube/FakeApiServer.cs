using System.Collections.Concurrent;
using System.Net;
using System.Security.Cryptography.X509Certificates;
using Mainstay.Kube;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Logging;

namespace Mainstay.Tests.Kube;

/// <summary>An API server that answers each request with the next step of a script, and the last step for
/// ever.</summary>
internal sealed class FakeApiServer : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly ConcurrentQueue<Func<HttpContext, Task>> _script = new();

    private FakeApiServer(WebApplication app) => _app = app;

    public ConcurrentQueue<string> Requests { get; } = new();

    public Uri Address => new(_app.Urls.First());

    public Kubeconfig Kubeconfig => new() { Servers = [Address], Token = "t" };

    public static async Task<FakeApiServer> StartAsync(X509Certificate2? certificate = null)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrelHttpsConfiguration();
        builder.WebHost.ConfigureKestrel(k => k.Listen(IPAddress.Loopback, 0, l =>
        {
            if (certificate is not null)
            {
                l.UseHttps(certificate);
            }
        }));
        var server = new FakeApiServer(builder.Build());
        server._app.Run(server.AnswerAsync);
        await server._app.StartAsync();
        return server;
    }

    public FakeApiServer Then(Func<HttpContext, Task> step)
    {
        _script.Enqueue(step);
        return this;
    }

    public FakeApiServer ThenText(string body, int code = 200) => Then(async c =>
    {
        c.Response.StatusCode = code;
        c.Response.ContentType = "application/json";
        await c.Response.WriteAsync(body);
    });

    /// <summary>A watch that sends these lines, and then stays open until the client leaves.</summary>
    public FakeApiServer ThenWatch(params string[] lines) => Then(async c =>
    {
        await SendAsync(c, lines);
        await GoneAsync(c);
    });

    /// <summary>A watch that sends these lines and ends in order.</summary>
    public FakeApiServer ThenShortWatch(params string[] lines) => Then(c => SendAsync(c, lines));

    /// <summary>A watch that ends behind the last character of the text, wherever that is.</summary>
    public FakeApiServer ThenCut(string text) => Then(c => c.Response.WriteAsync(text));

    /// <summary>A stream that is torn: the headers promise more than the body has.</summary>
    public FakeApiServer ThenTorn(string body) => Then(async c =>
    {
        c.Response.ContentLength = body.Length + 100;
        await c.Response.WriteAsync(body);
        await c.Response.Body.FlushAsync();
        c.Abort();
    });

    public async ValueTask DisposeAsync()
    {
        using var now = new CancellationTokenSource();
        await now.CancelAsync();
        await _app.StopAsync(now.Token);
        await _app.DisposeAsync();
    }

    private async Task AnswerAsync(HttpContext context)
    {
        Requests.Enqueue($"{context.Request.Method} {context.Request.Path}{context.Request.QueryString}");
        if (_script.Count > 1 && _script.TryDequeue(out var next))
        {
            await next(context);
        }
        else if (_script.TryPeek(out var last))
        {
            await last(context);
        }
    }

    private static async Task SendAsync(HttpContext context, string[] lines)
    {
        context.Features.Get<IHttpResponseBodyFeature>()?.DisableBuffering();
        await context.Response.StartAsync();
        foreach (var line in lines)
        {
            await context.Response.WriteAsync(line + "\n");
        }
        await context.Response.Body.FlushAsync();
    }

    private static async Task GoneAsync(HttpContext context)
    {
        var gone = new TaskCompletionSource();
        await using var registration = context.RequestAborted.Register(gone.SetResult);
        await gone.Task;
    }
}
