using System.Net;
using Mainstay.Agent.Pods;
using Mainstay.Agent.Signals;
using Mainstay.Kernel;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Console;
using OpenTelemetry.Metrics;

namespace Mainstay.Agent.Http;

/// <summary>The agent's HTTP server: plain, and so on loopback only.</summary>
internal static class AgentHttp
{
    public static WebApplication Build(NodeAgentOptions options)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.Logging.AddSimpleConsole(console =>
        {
            console.SingleLine = true;
            console.UseUtcTimestamp = true;
            console.TimestampFormat = "yyyy-MM-dd'T'HH:mm:ss.fff'Z' ";
            console.ColorBehavior = LoggerColorBehavior.Disabled;
        });
        builder.Logging.SetMinimumLevel(LogLevel.Information);
        builder.Logging.AddFilter("Microsoft", LogLevel.Warning);
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Listen(ListenAddress(options), options.Port, listen => listen.Protocols = HttpProtocols.Http1);
        });
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = TimeSpan.FromSeconds(3));
        // The host's own handling of signals would compete with the one who started us.
        builder.Services.AddSingleton<IHostLifetime, NoLifetime>();
        builder.Services.AddSingleton<PodBoard>();
        builder.Services.AddSingleton<AgentMetrics>();
        builder.Services.AddOpenTelemetry().WithMetrics(metrics => metrics
            .AddMeter(AgentMetrics.MeterName)
            .AddMeter("System.Runtime")
            .AddPrometheusExporter());
        return builder.Build();
    }

    public static void Map(WebApplication app, AgentRoutes routes)
    {
        app.MapPrometheusScrapingEndpoint();
        app.MapGet("/healthz", (RequestDelegate)(context => context.Response.WriteAsync("ok")));
        app.MapGet("/readyz", (RequestDelegate)(context => context.Response.WriteAsync("ok")));
        app.MapGet("/containerLogs/{namespace}/{pod}/{container}", (RequestDelegate)routes.Logs.HandleAsync);
        app.MapGet(
            "/local-pods",
            (RequestDelegate)(context => routes.Pods.StreamAsync(context, app.Lifetime.ApplicationStopping)));
        app.MapGet("/signals.json", (RequestDelegate)(context => JsonAsync(context, routes.Signals.ToJson())));
        app.MapGet("/proof.json", (RequestDelegate)routes.Proofs.ShowAsync);
        app.MapPost("/prove", (RequestDelegate)routes.Proofs.ProveAsync);
        app.MapGet("/pods", (RequestDelegate)routes.Pods.ListAsync);
    }

    internal static async Task JsonAsync(HttpContext context, byte[] body)
    {
        context.Response.ContentType = "application/json";
        await context.Response.Body.WriteAsync(body, context.RequestAborted);
    }

    public static async Task StartAsync(
        WebApplication app, NodeAgentOptions options, CancellationToken cancellationToken)
    {
        try
        {
            await app.StartAsync(cancellationToken);
        }
        catch (IOException e) when (e.InnerException is AddressInUseException)
        {
            throw new StartException(
                $"{ListenAddress(options)}:{options.Port} is taken by another process",
                "stop it, or choose another --port or --address");
        }
        catch (System.Net.Sockets.SocketException e)
        {
            throw new StartException(
                $"{ListenAddress(options)}:{options.Port} cannot be listened on: {e.Message}",
                "give --address an address of this machine");
        }
    }

    /// <summary>Logs and pods in plain text are for this machine's own eyes.</summary>
    private static IPAddress ListenAddress(NodeAgentOptions options)
    {
        var address = IPAddress.Parse(options.Address);
        return IPAddress.IsLoopback(address) ? address : IPAddress.Loopback;
    }

    private sealed class NoLifetime : IHostLifetime
    {
        public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}

internal sealed record AgentRoutes(ContainerLogs Logs, LocalPods Pods, AgentSignals Signals, ProofPages Proofs);
