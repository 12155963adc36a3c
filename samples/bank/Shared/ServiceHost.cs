using System.Net;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Logging.Console;

namespace Bank.Shared;

/// <summary>
/// What every service of the bank is: an HTTP server on its pod's own address, a client of the router, problem+json for
/// every fault, /healthz, one line per event on stdout, and a graceful end on SIGTERM.
/// </summary>
internal static class ServiceHost
{
    public static WebApplicationBuilder CreateBuilder(ServiceSettings settings, ServiceSeams seams)
    {
        // The empty builder watches no files and reads no configuration: seventeen of these start at once on a laptop.
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions { ApplicationName = "bank" });
        builder.WebHost.UseKestrelCore();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = Limits.BodyBytesMax;
            kestrel.Listen(settings.Address, settings.Port, listen => listen.Protocols = HttpProtocols.Http1);
        });
        builder.Services.AddRoutingCore();
        builder.Services.Configure<HostOptions>(options => options.ShutdownTimeout = TimeSpan.FromSeconds(5));
        builder.Logging.AddSimpleConsole(console =>
        {
            console.SingleLine = true;
            console.UseUtcTimestamp = true;
            console.TimestampFormat = "yyyy-MM-ddTHH:mm:ss.fffZ ";
            console.ColorBehavior = LoggerColorBehavior.Disabled;
        });
        builder.Logging.AddFilter("Microsoft", LogLevel.Warning);
        builder.Services.AddSingleton(settings);
        builder.Services.AddSingleton(seams);
        builder.Services.AddSingleton(seams.Time);
        builder.Services.AddSingleton(seams.Chance);
        builder.Services.AddSingleton(new RouterClient(seams.Router ?? Handler(settings), seams));
        return builder;
    }

    public static WebApplication Build(WebApplicationBuilder builder)
    {
        var app = builder.Build();
        var settings = app.Services.GetRequiredService<ServiceSettings>();
        var logger = app.Services.GetRequiredService<ILoggerFactory>().CreateLogger(settings.Service);
        app.Use(next => context => AnswerFaultsAsync(context, next, logger));
        app.MapGet("/healthz", context => context.WriteAsync<Accepted>(new Accepted("ok"), BankJson.Default.Accepted));
        app.Lifetime.ApplicationStarted.Register(() => logger.Listens(
            settings.Service,
            settings.Version.Length > 0 ? $"{settings.Version} " : "",
            settings.Address.ToString(),
            new Uri(app.Urls.First()).Port));
        return app;
    }

    private static async Task AnswerFaultsAsync(HttpContext context, RequestDelegate next, ILogger logger)
    {
        try
        {
            if (context.GetEndpoint() is null)
            {
                var detail = $"there is nothing at {context.Request.Method} {context.Request.Path}";
                await context.WriteProblemAsync(new Problem("unknown-path", 404, detail));
                return;
            }

            await next(context);
        }
        catch (Exception fault) when (!context.Response.HasStarted && !context.RequestAborted.IsCancellationRequested)
        {
            // The last line of defence: what comes here is a bug, and only this request pays for it.
            logger.RequestFailed(fault, context.Request.Method, context.Request.Path);
            await context.WriteProblemAsync(
                new Problem("internal-fault", 500, "this service failed; its log says why"));
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            // The caller has gone: nobody is left to answer.
        }
    }

    private static SocketsHttpHandler Handler(ServiceSettings settings) => new()
    {
        UseProxy = settings.Router is not null,
        Proxy = settings.Router is null ? null : new WebProxy(settings.Router),
        ConnectTimeout = TimeSpan.FromSeconds(1),
        PooledConnectionIdleTimeout = TimeSpan.FromSeconds(30),
        AllowAutoRedirect = false,
        UseCookies = false,
        AutomaticDecompression = DecompressionMethods.None,
    };
}
