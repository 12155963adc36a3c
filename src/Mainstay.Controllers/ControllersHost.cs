using System.Diagnostics.Metrics;
using Mainstay.Controllers.Core;
using Mainstay.Kernel;
using Mainstay.Kube;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using OpenTelemetry.Metrics;

namespace Mainstay.Controllers;

/// <summary>The controllers as one process: reflectors fill caches, loops act on them, HTTP tells how they
/// are.</summary>
public static class ControllersHost
{
    /// <summary>Runs until cancelled, and then returns.</summary>
    /// <exception cref="StartException">an option, the kubeconfig or the address cannot be used</exception>
    public static async Task RunAsync(ControllersOptions options, CancellationToken cancellationToken)
    {
        var endpoint = options.Validate();
        using var http = Connect(options);
        await using var app = Build(endpoint);
        var log = app.Services.GetRequiredService<ILoggerFactory>().CreateLogger("Mainstay.Controllers");
        var random = new Random();
        var writer = new Writer(http, TimeProvider.System, new Random(random.Next()));
        var metrics = new ControllersMetrics(app.Services.GetRequiredService<IMeterFactory>());
        var world = new LoopWorld(new ClusterCaches(), TimeProvider.System, random)
        {
            PerformAsync = (write, token) =>
            {
                metrics.Written(write.Kind.Kind);
                return writer.PerformAsync(write, token);
            },
            Metrics = metrics,
            Log = log,
        };
        var run = new ControllersRun(options, http, world);
        app.MapGet("/healthz", () => "ok");
        app.MapGet("/readyz", () => run.IsReady ? Results.Text("ok")
            : Results.Text("the caches are not read yet", statusCode: StatusCodes.Status503ServiceUnavailable));
        app.MapGet("/signals.json", () => Results.Bytes(run.Signals.ToJson(), "application/json"));
        app.MapPrometheusScrapingEndpoint("/metrics");
        await StartAsync(app, options, cancellationToken);
        log.Started(options.Listen, http.Server);
        try
        {
            await run.RunAsync(cancellationToken);
        }
        finally
        {
            await app.StopAsync(CancellationToken.None);
        }
    }

    private static KubeHttp Connect(ControllersOptions options)
    {
        try
        {
            return KubeHttp.Create(Kubeconfig.Load(options.KubeconfigPath),
                new KubeHttpOptions { UserAgent = "mainstay-controllers" });
        }
        catch (KubeconfigException fault)
        {
            throw new StartException(fault.Message, "name a kubeconfig that can be used with --kubeconfig");
        }
    }

    private static WebApplication Build(System.Net.IPEndPoint endpoint)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Listen(endpoint);
        });
        builder.Logging.AddSimpleConsole(console =>
        {
            console.SingleLine = true;
            console.UseUtcTimestamp = true;
            console.TimestampFormat = "yyyy-MM-ddTHH:mm:ss.fffZ ";
        });
        builder.Logging.SetMinimumLevel(LogLevel.Information).AddFilter("Microsoft", LogLevel.Warning);
        builder.Services.AddRoutingCore();
        builder.Services.AddOpenTelemetry()
            .WithMetrics(m => m.AddMeter(ControllersMetrics.MeterName).AddPrometheusExporter());
        return builder.Build();
    }

    private static async Task StartAsync(WebApplication app, ControllersOptions options,
        CancellationToken cancellationToken)
    {
        try
        {
            await app.StartAsync(cancellationToken);
        }
        catch (IOException fault)
        {
            throw new StartException($"{options.Listen} cannot be listened on: {fault.Message}",
                "free it or choose another with --listen");
        }
    }
}
