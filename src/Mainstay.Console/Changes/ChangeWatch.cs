using System.Collections.Immutable;
using Mainstay.Kube;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging;

namespace Mainstay.ConsoleSite.Changes;

/// <summary>
/// Feeds the change ledger for as long as the console runs: watches the kinds that people and machines change, and asks
/// the API server what it sees of the store. While nothing is heard the ledger stays as it is, and says since when.
/// </summary>
internal sealed class ChangeWatch(ChangeLedger ledger, KnownFacts known, TimeProvider time, ILogger<ChangeWatch> logger)
{
    public const string KubernetesSource = "kubernetes";

    private static readonly TimeSpan FedInterval = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan ForgetInterval = TimeSpan.FromHours(1);

    /// <summary>Each feed that was silent for longer is told once in the log.</summary>
    private static readonly TimeSpan Silent = TimeSpan.FromMinutes(1);

    private readonly HashSet<string> _silent = [];

    /// <summary>Waits for a kubeconfig that can be used, then watches until cancelled.</summary>
    public async Task RunAsync(string kubeconfigFile, CancellationToken cancellationToken)
    {
        using var http = await ConnectAsync(kubeconfigFile, cancellationToken);

        // Its own, since it leaves a server for reasons that are none of the watches'.
        using var asking = await ConnectAsync(kubeconfigFile, cancellationToken);
        var world = new ChangeFeedWorld(ledger, known, time, logger);
        Reflector<Facts>[] reflectors =
        [
            Watch(http, world, new Kind("Deployment", "/apis/apps/v1/deployments", FactReaders.Workload)),
            Watch(http, world, new Kind("DaemonSet", "/apis/apps/v1/daemonsets", FactReaders.Workload)),
            Watch(http, world, new Kind("Service", "/api/v1/services", FactReaders.Service)),
            Watch(http, world, new Kind("Node", "/api/v1/nodes", FactReaders.Node)),
            Watch(http, world, new Kind("ConfigMap", "/api/v1/configmaps", FactReaders.ConfigMap) { IsQuiet = true }),
            Watch(http, world, new Kind("Secret", "/api/v1/secrets", FactReaders.Secret) { IsQuiet = true }),
        ];
        var store = new StoreFeed(asking, world);
        await Task.WhenAll(
        [
            .. reflectors.Select(reflector => reflector.RunAsync(cancellationToken)),
            store.RunAsync(cancellationToken),
            KeepAsync(reflectors, cancellationToken),
        ]);
    }

    private async Task<KubeHttp> ConnectAsync(string file, CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                return KubeHttp.Create(
                    Kubeconfig.Load(file), new KubeHttpOptions { UserAgent = "mainstay-changes", Time = time });
            }
            catch (KubeconfigException)
            {
                // The overview's own source tells it.
                await Task.Delay(TimeSpan.FromSeconds(2), time, cancellationToken);
            }
        }
    }

    /// <summary>Says how fresh the ledger is, and forgets what is too old.</summary>
    private async Task KeepAsync(Reflector<Facts>[] reflectors, CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(FedInterval, time);
        var forgot = time.GetTimestamp() - (long)(ForgetInterval.TotalSeconds * time.TimestampFrequency);
        try
        {
            while (await timer.WaitForNextTickAsync(cancellationToken))
            {
                TellSilent(reflectors);
                var heard = reflectors.Where(reflector => reflector.Status.Synced).ToList();
                try
                {
                    // A kind that may not be read must not make the others look stale: it is in the log.
                    if (heard.Count > 0)
                    {
                        var age = heard.Max(reflector => reflector.Status.HeardAgo ?? TimeSpan.MaxValue);
                        ledger.Fed(KubernetesSource, time.GetUtcNow() - age);
                    }

                    if (time.GetElapsedTime(forgot) >= ForgetInterval)
                    {
                        ledger.Forget(time.GetUtcNow());
                        forgot = time.GetTimestamp();
                    }
                }
                catch (SqliteException fault)
                {
                    logger.LedgerNotWritten(fault.Message);
                }
            }
        }
        catch (OperationCanceledException)
        {
            // The console ends.
        }
    }

    private void TellSilent(Reflector<Facts>[] reflectors)
    {
        foreach (var reflector in reflectors)
        {
            var status = reflector.Status;
            if (status.HeardAgo is { } age && age < Silent)
            {
                _silent.Remove(reflector.Kind);
            }
            else if (status.LastFault.Length > 0 && _silent.Add(reflector.Kind))
            {
                logger.FeedSilent(reflector.Kind, status.LastFault);
            }
        }
    }

    private Reflector<Facts> Watch(KubeHttp http, ChangeFeedWorld world, Kind kind) => new(
        new ReflectorOptions
        {
            Kind = kind.Name,
            Path = kind.Path,
            WatchTimeout = Limits.WatchTimeout,
            IdleLimit = Limits.WatchIdle,
        },
        new ObjectReader<Facts>(kind.Read),
        new ChangeFeed(kind.Name, tellsFirstList: !kind.IsQuiet, world),
        new ReflectorWorld(http, time, new Random()));

    private sealed record Kind(string Name, string Path, Func<System.Text.Json.JsonElement, Facts> Read)
    {
        /// <summary>The first list tells nothing: there are many, and most were there from the beginning.</summary>
        public bool IsQuiet { get; init; }
    }
}
