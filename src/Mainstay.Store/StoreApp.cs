using System.Net;
using Grpc.AspNetCore.Server;
using Mainstay.Store.Log;
using Mainstay.Store.Mvcc;
using Mainstay.Store.Service;
using Mainstay.Store.Watch;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using OpenTelemetry.Metrics;

namespace Mainstay.Store;

/// <summary>Puts the store's pieces and its two listeners together.</summary>
internal static class StoreApp
{
    // One connection carries hundreds of calls at once: the defaults would make them wait for each other.
    private const int ConnectionWindowBytes = 8 * 1024 * 1024;
    private const int StreamWindowBytes = 2 * 1024 * 1024;

    // A client that vanished without a word holds watchers: it is found out within half a minute.
    private static readonly TimeSpan PingDelay = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan PingTimeout = TimeSpan.FromSeconds(10);

    public static WebApplication Build(StoreOptions options, StoreEngine engine)
    {
        // Empty: nothing from the environment or from files beside the program; fast to start.
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.Logging.AddSimpleConsole(console =>
        {
            console.SingleLine = true;
            console.UseUtcTimestamp = true;
            console.TimestampFormat = "yyyy-MM-ddTHH:mm:ss.fffZ ";
        });
        builder.Logging.AddFilter("Microsoft", LogLevel.Warning).AddFilter("Grpc", LogLevel.Warning);
        // A start that fails is told once, by the StartException, and not with a stack trace before.
        builder.Logging.AddFilter("Microsoft.Extensions.Hosting.Internal.Host", LogLevel.None);
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => Listen(kestrel, options));
        AddServices(builder.Services, options, engine);
        var app = builder.Build();
        app.MapGrpcService<KvService>();
        app.MapGrpcService<WatchService>();
        app.MapGrpcService<LeaseService>();
        app.MapGrpcService<ClusterService>();
        app.MapGrpcService<MaintenanceService>();
        app.MapPrometheusScrapingEndpoint("/metrics");
        StoreHealth.Map(app, engine);
        return app;
    }

    private static void Listen(KestrelServerOptions kestrel, StoreOptions options)
    {
        kestrel.AddServerHeader = false;
        // A watch lives for days and may be quiet: no bound on time, rate or size of a stream.
        kestrel.Limits.MinRequestBodyDataRate = null;
        kestrel.Limits.MinResponseDataRate = null;
        kestrel.Limits.MaxRequestBodySize = null;
        kestrel.Limits.Http2.MaxStreamsPerConnection = Limits.StreamsPerConnectionMax;
        kestrel.Limits.Http2.InitialConnectionWindowSize = ConnectionWindowBytes;
        kestrel.Limits.Http2.InitialStreamWindowSize = StreamWindowBytes;
        kestrel.Limits.Http2.KeepAlivePingDelay = PingDelay;
        kestrel.Limits.Http2.KeepAlivePingTimeout = PingTimeout;
        kestrel.Listen(IPEndPoint.Parse(options.ListenClient), at =>
        {
            at.Protocols = HttpProtocols.Http2;
            at.MendSchemeInAuthority();
        });
        kestrel.Listen(IPEndPoint.Parse(options.ListenMetrics), at => at.Protocols = HttpProtocols.Http1);
    }

    private static void AddServices(IServiceCollection services, StoreOptions options, StoreEngine engine)
    {
        services.AddGrpc(grpc =>
        {
            grpc.MaxReceiveMessageSize = Limits.MessageBytesMax;
            grpc.MaxSendMessageSize = null;
        });
        services.AddMetrics();
        services.AddOpenTelemetry().WithMetrics(
            metrics => metrics.AddMeter(StoreMetrics.MeterName).AddPrometheusExporter(exporter =>
            {
                // Labels that would be the same on every line.
                exporter.ScopeInfoEnabled = false;
                exporter.TargetInfoEnabled = false;
            }));
        // Signals are the command line's.
        services.AddSingleton<IHostLifetime, NoSignals>();
        services.AddSingleton(TimeProvider.System);
        services.AddSingleton(options);
        services.AddSingleton(engine);
        services.AddSingleton(new ResponseHeaders(engine.Identity));
        services.AddSingleton(new WatchSettings(options.WatchProgressInterval));
        services.AddSingleton(new WatchHub(engine.View));
        services.AddSingleton<StoreMetrics>();
        services.AddSingleton<WatchParts>();
        services.AddSingleton<ICommitObserver, CommitTold>();
        services.AddSingleton<CommitLoop>();
        services.AddSingleton<Checkpointer>();
        services.AddSingleton(provider => new LeaseKeeper(
            provider.GetRequiredService<CommitLoop>(),
            engine.View,
            provider.GetRequiredService<TimeProvider>(),
            provider.GetRequiredService<ILogger<LeaseKeeper>>()));
        // A service has no state of its own: one for all calls.
        services.AddSingleton<KvService>();
        services.AddSingleton<WatchService>();
        services.AddSingleton<LeaseService>();
        services.AddSingleton<MaintenanceService>();
        services.AddSingleton(new StoreAddress($"http://{options.ListenClient}"));
        services.AddSingleton<ClusterService>();
    }

    /// <summary>Who hears of a batch: the watchers and the metrics.</summary>
    private sealed class CommitTold(WatchHub hub, StoreMetrics metrics) : ICommitObserver
    {
        public void Committed(MvccView view, int writes, TimeSpan took)
        {
            hub.Dispatch(view);
            metrics.Committed(writes, took);
        }
    }

    private sealed class NoSignals : IHostLifetime
    {
        public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
