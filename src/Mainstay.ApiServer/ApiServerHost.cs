using System.Net;
using System.Security.Authentication;
using Mainstay.ApiServer.Admission;
using Mainstay.ApiServer.Auth;
using Mainstay.ApiServer.Http;
using Mainstay.ApiServer.Storage;
using Mainstay.Kernel;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using OpenTelemetry.Metrics;

namespace Mainstay.ApiServer;

/// <summary>Runs one API server. It starts and stays up whether or not its store does.</summary>
public static class ApiServerHost
{
    public static async Task RunAsync(ApiServerOptions options, CancellationToken cancellationToken)
    {
        var settings = options.Validate();
        var tokens = await TokenFile.ReadAsync(options.TokenAuthFile, cancellationToken);
        await ApiServerPki.EnsureAsync(
            options.PkiDir, CertificateHosts(settings), TimeProvider.System, cancellationToken);
        await using var app = Build(options, settings);
        var parts = ApiServerParts.Compose(app, settings, tokens);
        using var owned = parts.Owned;
        app.Use((http, next) => parts.Dispatcher.InvokeAsync(http, next));
        app.UseOpenTelemetryPrometheusScrapingEndpoint();
        try
        {
            await app.StartAsync(cancellationToken);
        }
        catch (IOException e)
        {
            throw new StartException(
                $"cannot serve on {settings.Listen}: {e.Message}",
                "stop what listens there or choose another --listen");
        }

        ApiServerLog.Serving(parts.Logger, settings.Listen, options.EtcdServers);
        await RunLoopsAsync(app, parts, cancellationToken);
    }

    // The loops end only by cancellation; one that ends otherwise is a bug and takes the server with it.
    private static async Task RunLoopsAsync(
        WebApplication app, ApiServerParts parts, CancellationToken cancellationToken)
    {
        using var stopping = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        List<Task> loops = [.. parts.Loops.Select(loop => loop(stopping.Token))];
        try
        {
            await await Task.WhenAny(loops);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // asked to stop
        }
        finally
        {
            await stopping.CancelAsync();
            await app.StopAsync(CancellationToken.None);
            await Task.WhenAll(loops).ContinueWith(
                _ => { }, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
        }
    }

    private static WebApplication Build(ApiServerOptions options, ApiServerSettings settings)
    {
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { Args = [] });
        builder.Logging.ClearProviders();
        builder.Logging.AddSimpleConsole(console =>
        {
            console.SingleLine = true;
            console.TimestampFormat = "yyyy-MM-dd'T'HH:mm:ss.fff'Z' ";
            console.UseUtcTimestamp = true;
        });
        builder.Logging.AddFilter("Microsoft", LogLevel.Warning);
        // a failed start is one line of the command line, not a stack trace
        builder.Logging.AddFilter("Microsoft.Extensions.Hosting.Internal.Host", LogLevel.None);
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = Limits.StopGrace);
        builder.Services.AddOpenTelemetry().WithMetrics(metrics => metrics
            .AddMeter(ApiServerMetrics.MeterName)
            .AddPrometheusExporter(prometheus =>
            {
                prometheus.ScopeInfoEnabled = false;
                prometheus.TargetInfoEnabled = false;
            }));
        builder.WebHost.ConfigureKestrel(kestrel => Configure(kestrel, options, settings));
        builder.WebHost.UseKestrelHttpsConfiguration();
        return builder.Build();
    }

    private static void Configure(KestrelServerOptions kestrel, ApiServerOptions options, ApiServerSettings settings)
    {
        kestrel.AddServerHeader = false;
        kestrel.Limits.MaxRequestBodySize = Limits.BodyBytesMax;
        kestrel.Limits.Http2.MaxStreamsPerConnection = Limits.StreamsPerConnectionMax;
        kestrel.Limits.Http2.KeepAlivePingDelay = Limits.ClientPingDelay;
        kestrel.Limits.Http2.KeepAlivePingTimeout = Limits.ClientPingTimeout;
        kestrel.Listen(settings.Listen, listen =>
        {
            listen.Protocols = HttpProtocols.Http1AndHttp2;
            listen.UseHttps(new HttpsConnectionAdapterOptions
            {
                ServerCertificate = ApiServerPki.LoadServer(options.PkiDir),
                SslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13,
            });
        });
    }

    private static IEnumerable<string> CertificateHosts(ApiServerSettings settings)
    {
        if (!settings.Listen.Address.Equals(IPAddress.Any) && !settings.Listen.Address.Equals(IPAddress.IPv6Any))
        {
            yield return settings.Listen.Address.ToString();
        }

        yield return ServiceAddresses.FirstOf(settings.ServiceRange);
    }
}
