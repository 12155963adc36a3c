using System.Collections.Concurrent;
using System.Net;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace Mainstay.Tests.ConsoleSite.Incidents.Voices;

/// <summary>Takes what webhooks are sent, on a port that the system chose, and answers as it is told.</summary>
internal sealed class WebhookListener : IAsyncDisposable
{
    private readonly WebApplication _app;

    private WebhookListener(WebApplication app) => _app = app;

    /// <summary>Answers in this order, then 200.</summary>
    public ConcurrentQueue<Action<HttpResponse>> Answers { get; } = new();

    public ConcurrentQueue<JsonElement> Bodies { get; } = new();

    public ConcurrentQueue<string> Keys { get; } = new();

    public string Address => $"{_app.Urls.First()}/services/T0/B0/TOPSECRET";

    public static async Task<WebhookListener> StartAsync()
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        builder.Services.AddRoutingCore();
        var app = builder.Build();
        var listener = new WebhookListener(app);
        app.MapPost("/{**path}", listener.TakeAsync);
        await app.StartAsync();
        return listener;
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private async Task TakeAsync(HttpContext context)
    {
        using var body = await JsonDocument.ParseAsync(context.Request.Body);
        Bodies.Enqueue(body.RootElement.Clone());
        Keys.Enqueue(context.Request.Headers["Idempotency-Key"].ToString());
        if (Answers.TryDequeue(out var answer))
        {
            answer(context.Response);
        }

        await context.Response.WriteAsync("ok");
    }
}
