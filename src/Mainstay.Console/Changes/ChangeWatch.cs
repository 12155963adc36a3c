using System.Collections.Immutable;
using Mainstay.ConsoleSite.Cluster;
using Mainstay.ConsoleSite.Signals;
using Mainstay.Kube;
using Microsoft.Data.Sqlite;

namespace Mainstay.ConsoleSite.Changes;

/// <summary>
/// Feeds the change ledger for as long as the console runs: watches the kinds that people and machines change, and asks
/// the API server what it sees of the store. While nothing is heard the ledger stays as it is, and says since when.
/// </summary>
internal sealed class ChangeWatch(ChangeFeedWorld world, StoreMembers members)
{
    public const string KubernetesSource = "kubernetes";

    private static readonly TimeSpan FedInterval = TimeSpan.FromSeconds(5);

    /// <summary>Each feed that was silent for longer is told once in the log.</summary>
    private static readonly TimeSpan Silent = TimeSpan.FromMinutes(1);

    private readonly HashSet<string> _silent = [];

    /// <summary>Waits for a kubeconfig that can be used, then watches until cancelled.</summary>
    public async Task RunAsync(string kubeconfigFile, CancellationToken cancellationToken)
    {
        using var http = await ConnectAsync(kubeconfigFile, cancellationToken);

        // Its own, since it leaves a server for reasons that are none of the watches'.
        using var asking = await ConnectAsync(kubeconfigFile, cancellationToken);
        Reflector<Facts>[] reflectors =
        [
            Watch(http, new Kind("Deployment", "/apis/apps/v1/deployments", FactReaders.Workload)),
            Watch(http, new Kind("DaemonSet", "/apis/apps/v1/daemonsets", FactReaders.Workload)),
            Watch(http, new Kind("Service", "/api/v1/services", FactReaders.Service)
            {
                Selector = HeartbeatObjects.AreNot,
            }),
            Watch(http, new Kind("Node", "/api/v1/nodes", FactReaders.Node)),
            Watch(http, new Kind("ConfigMap", "/api/v1/configmaps", FactReaders.ConfigMap) { IsQuiet = true }),
            Watch(http, new Kind("Secret", "/api/v1/secrets", FactReaders.Secret) { IsQuiet = true }),
        ];
        var store = new StoreFeed(asking, members, world);
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
                    Kubeconfig.Load(file), new KubeHttpOptions { UserAgent = "mainstay-changes", Time = world.Time });
            }
            catch (KubeconfigException)
            {
                // The overview's own source tells it.
                await Task.Delay(TimeSpan.FromSeconds(2), world.Time, cancellationToken);
            }
        }
    }

    /// <summary>Says how fresh the ledger is.</summary>
    private async Task KeepAsync(Reflector<Facts>[] reflectors, CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(FedInterval, world.Time);
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
                        world.Ledger.Fed(KubernetesSource, world.Time.GetUtcNow() - age);
                    }
                }
                catch (SqliteException fault)
                {
                    world.Logger.LedgerNotWritten(fault.Message);
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
                world.Logger.FeedSilent(reflector.Kind, status.LastFault);
            }
        }
    }

    private Reflector<Facts> Watch(KubeHttp http, Kind kind) => new(
        new ReflectorOptions
        {
            Kind = kind.Name,
            Path = kind.Path,
            LabelSelector = kind.Selector,
            WatchTimeout = Limits.WatchTimeout,
            IdleLimit = Limits.WatchIdle,
        },
        new ObjectReader<Facts>(kind.Read),
        new ChangeFeed(kind.Name, tellsFirstList: !kind.IsQuiet, world),
        new ReflectorWorld(http, world.Time, new Random()));

    private sealed record Kind(string Name, string Path, Func<System.Text.Json.JsonElement, Facts> Read)
    {
        /// <summary>The first list tells nothing: there are many, and most were there from the beginning.</summary>
        public bool IsQuiet { get; init; }

        /// <summary>Only objects with such labels; empty for all.</summary>
        public string Selector { get; init; } = "";
    }
}
