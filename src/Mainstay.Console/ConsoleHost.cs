using Mainstay.ConsoleSite.Actions;
using Mainstay.ConsoleSite.Changes;
using Mainstay.ConsoleSite.Checks;
using Mainstay.ConsoleSite.Cluster;
using Mainstay.ConsoleSite.Incidents;
using Mainstay.ConsoleSite.Incidents.Voices;
using Mainstay.ConsoleSite.Memory;
using Mainstay.ConsoleSite.Overview;
using Mainstay.ConsoleSite.Pages;
using Mainstay.ConsoleSite.Scrape;
using Mainstay.ConsoleSite.Signals;
using Mainstay.ConsoleSite.Signals.Failures;
using Mainstay.Kernel;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using OpenTelemetry.Metrics;

namespace Mainstay.ConsoleSite;

/// <summary>
/// The console: reads the API server and the routers, and shows what it knows. It needs neither to start nor to stay
/// up; what it does not know it says.
/// </summary>
public static class ConsoleHost
{
    /// <exception cref="StartException">the options are wrong, or the address is taken</exception>
    public static async Task RunAsync(ConsoleOptions options, CancellationToken cancellationToken)
    {
        options.Validate();
        await using var app = Build(options, TimeProvider.System);
        var logger = app.Services.GetRequiredService<ILoggerFactory>().CreateLogger("Mainstay.Console");
        await ServerOf(options).RunAsync(
            app, logger.Serves, token => RunLoopsAsync(app.Services, options, token), cancellationToken);
    }

    internal static WebApplication Build(ConsoleOptions options, TimeProvider time)
    {
        var builder = ServerOf(options).Builder("Mainstay.Console");
        builder.Services.AddRoutingCore();
        builder.Services.AddMetrics();
        builder.Services.AddOpenTelemetry().WithMetrics(metrics => metrics
            .AddMeter(ConsoleMetrics.MeterName)
            .AddPrometheusExporter());
        AddParts(builder.Services, options, time);

        var app = builder.Build();
        app.Services.GetRequiredService<ConsoleMetrics>();
        ConsoleEndpoints.Map(app);
        return app;
    }

    private static PageServer ServerOf(ConsoleOptions options) =>
        new("the console", options.Listen, Limits.FormBytesMax);

    /// <summary>The loops run until one of them ends: then all must, as a page that stands still looks alive.</summary>
    internal static async Task RunLoopsAsync(
        IServiceProvider services, ConsoleOptions options, CancellationToken cancellationToken)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        Task[] loops =
        [
            services.GetRequiredService<ClusterSource>().RunAsync(options.Kubeconfig, stop.Token),
            services.GetRequiredService<ScrapeLoop>().RunAsync(stop.Token),
            services.GetRequiredService<LiveIslands>().RunAsync(stop.Token),
            services.GetRequiredService<SaveLoop>().RunAsync(stop.Token),
            services.GetRequiredService<SignalWatch>().RunAsync(stop.Token),
            services.GetRequiredService<ChangeWatch>().RunAsync(options.Kubeconfig, stop.Token),
            services.GetRequiredService<LedgerKeeper>().RunAsync(stop.Token),
            services.GetRequiredService<DeliveryLoop>().RunAsync(stop.Token),
            services.GetRequiredService<ProofWatch>().RunAsync(stop.Token),
            services.GetRequiredService<ActionDesk>().RunAsync(stop.Token),
        ];
        await Task.WhenAny(loops);
        await stop.CancelAsync();
        await Task.WhenAll(loops);
    }

    private static void AddParts(IServiceCollection services, ConsoleOptions options, TimeProvider time)
    {
        services.AddSingleton(options);
        services.AddSingleton(time);
        services.AddSingleton(provider =>
            new LastKnown(options.DataFolder, provider.GetRequiredService<ILogger<LastKnown>>()));
        services.AddSingleton(provider => new ClusterSource(
            provider.GetRequiredService<LastKnown>().Load(),
            time,
            provider.GetRequiredService<ILogger<ClusterSource>>()));
        services.AddSingleton<RouterFleet>();
        services.AddSingleton(_ => new RouterClient(
            new SocketsHttpHandler { UseProxy = false, AllowAutoRedirect = false, UseCookies = false }, time));
        services.AddSingleton<ScrapeLoop>();
        services.AddSingleton<SaveLoop>();
        services.AddSingleton(provider => new OverviewSource(
            provider.GetRequiredService<ClusterSource>().View,
            provider.GetRequiredService<RouterFleet>().View,
            () => provider.GetRequiredService<SignalWatch>().Report,
            time));
        services.AddSingleton<PageRenderer>();
        services.AddSingleton<LiveIslands>();
        services.AddSingleton<ConsoleSources>();
        services.AddSingleton<ConsoleMetrics>();
        AddSignals(services, options, time);
        services.AddSingleton<ActionLedger>();
        services.AddSingleton(options.Actions);
        services.AddSingleton(new Random());
        services.AddSingleton<ActionDesk>();
        services.AddSingleton<ChangeLedger>();
        services.AddSingleton<KnownFacts>();
        services.AddSingleton(provider => new ChangeFeedWorld(
            provider.GetRequiredService<ChangeLedger>(),
            provider.GetRequiredService<KnownFacts>(),
            time,
            provider.GetRequiredService<ILogger<ChangeWatch>>()));
        services.AddSingleton<ChangeWatch>();
        services.AddSingleton<LedgerKeeper>();
        AddIncidents(services, options, time);
    }

    private static void AddIncidents(IServiceCollection services, ConsoleOptions options, TimeProvider time)
    {
        services.AddSingleton(_ => new IncidentDesk(options.DataFolder, time, new Random()));
        services.AddSingleton<DeliveryLoop>();
        services.AddSingleton(_ => new FormGuard(options.DataFolder));
        services.AddSingleton<HomeSource>();
    }

    private static void AddSignals(IServiceCollection services, ConsoleOptions options, TimeProvider time)
    {
        services.AddSingleton(_ => new ConsoleDatabase(options.DataFolder));
        services.AddSingleton<SignalHistory>();
        services.AddSingleton(provider => StoreMembers.Of(options, provider.GetRequiredService<KnownFacts>()));
        services.AddSingleton(provider => new ConsoleMap(
            options,
            provider.GetRequiredService<StoreMembers>(),
            provider.GetRequiredService<ClusterSource>().View,
            time));
        services.AddSingleton(provider => new ProofWatch(
            () => ProofWatch.Of(
                provider.GetRequiredService<ConsoleMap>().Now(), provider.GetRequiredService<RouterFleet>().View()),
            time));
        services.AddSingleton(_ => new PartClient(Limits.SignalsDeadline, time));
        services.AddSingleton(provider => new SignalCollector(
            provider.GetRequiredService<PartClient>(), Limits.SilenceGrace, time));
        services.AddSingleton(provider => new SignalWatch(
            provider.GetRequiredService<SignalCollector>(),
            new SignalWatchOptions
            {
                Map = provider.GetRequiredService<ConsoleMap>().Now,
                History = provider.GetRequiredService<SignalHistory>(),
                Judges =
                [
                    new FailureJudge(
                        new FleetFailures(
                            provider.GetRequiredService<RouterFleet>(),
                            provider.GetRequiredService<ClusterSource>().View,
                            time),
                        time),
                ],
            },
            time,
            provider.GetRequiredService<ILogger<SignalWatch>>()));
    }
}
