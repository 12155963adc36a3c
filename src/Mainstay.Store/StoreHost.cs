using System.Net;
using System.Net.Sockets;
using Mainstay.Kernel;
using Mainstay.Store.Log;
using Mainstay.Store.Mvcc;
using Mainstay.Store.Service;
using Mainstay.Store.Watch;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Mainstay.Store;

/// <summary>Runs one store in this process: opens its files, serves etcd v3, health and metrics.</summary>
public static class StoreHost
{
    /// <summary>The name of its one member in the list of members.</summary>
    public const string MemberName = "mainstay-store";

    /// <summary>Runs until the token is cancelled; then what was accepted is written and the log closed.</summary>
    /// <exception cref="StartException">it cannot start, and a person can mend it</exception>
    public static async Task RunAsync(StoreOptions options, CancellationToken cancellationToken)
    {
        var faults = options.Faults();
        if (faults.Count > 0)
        {
            throw new StartException(string.Join("; ", faults), "correct the options", ExitCodes.Usage);
        }

        using var folder = DiskFolder.Open(Path.GetFullPath(options.DataDir));
        using var engine = StoreEngine.Open(
            folder, new EngineOptions(options.QuotaBytes, options.CheckpointLogBytes));
        await using var app = StoreApp.Build(options, engine);
        var logger = app.Services.GetRequiredService<ILoggerFactory>().CreateLogger("Mainstay.Store");
        if (engine.TornAt is { } place)
        {
            logger.TornTailRemoved(place);
        }

        await StartAsync(app, options, cancellationToken);
        using var loopsEnd = new CancellationTokenSource();
        var loops = StartLoops(app.Services, loopsEnd.Token);
        TellStarted(app, options, engine, logger);
        var stopping = Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, cancellationToken);
        await Task.WhenAny([stopping, .. loops]);

        // Clients first, so that what they were promised is written before the loops end.
        await app.StopAsync(CancellationToken.None);
        await loopsEnd.CancelAsync();
        await EndAsync(loops, logger);
    }

    /// <summary>A loop that faulted has ended the store; where it was the disk, one line says so.</summary>
    private static async Task EndAsync(List<Task> loops, ILogger logger)
    {
        try
        {
            await Task.WhenAll(loops);
        }
        catch (IOException exception)
        {
            logger.DiskFailed(exception.Message);
            throw new StartException(
                $"the disk failed, and what it holds is unknown: {exception.Message}", "mend the disk and start again");
        }
    }

    private static List<Task> StartLoops(IServiceProvider services, CancellationToken cancellationToken)
    {
        var commits = services.GetRequiredService<CommitLoop>();
        var checkpointer = services.GetRequiredService<Checkpointer>();
        var leases = services.GetRequiredService<LeaseKeeper>();
        commits.CheckpointBegun = checkpointer.Begun;
        services.GetRequiredService<StoreMetrics>().Observe(
            services.GetRequiredService<StoreEngine>(),
            services.GetRequiredService<WatchHub>(),
            leases,
            services.GetRequiredService<StoreOptions>().QuotaBytes);
        return
        [
            commits.RunAsync(cancellationToken),
            checkpointer.RunAsync(cancellationToken),
            leases.RunAsync(cancellationToken),
        ];
    }

    private static async Task StartAsync(
        WebApplication app, StoreOptions options, CancellationToken cancellationToken)
    {
        try
        {
            await app.StartAsync(cancellationToken);
        }
        catch (Exception exception) when (exception is IOException or SocketException)
        {
            throw new StartException(
                $"cannot listen on {options.ListenClient} and {options.ListenMetrics}: {exception.Message}",
                "stop what listens there, or give other addresses");
        }
    }

    private static void TellStarted(WebApplication app, StoreOptions options, StoreEngine engine, ILogger logger)
    {
        var addresses = Addresses(app);
        var view = engine.View;
        logger.Started(view.Revision, view.Use.Keys, addresses[0], addresses[1], options.DataDir);
        if (!IPAddress.IsLoopback(IPEndPoint.Parse(options.ListenClient).Address))
        {
            logger.ListensBeyondLoopback(options.ListenClient);
        }
    }

    /// <summary>Where the store really listens: the client address, then that of the metrics.</summary>
    internal static IReadOnlyList<string> Addresses(WebApplication app) =>
        [.. app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses];
}
