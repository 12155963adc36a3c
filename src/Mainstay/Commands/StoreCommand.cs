using System.CommandLine;
using Mainstay.Store;

namespace Mainstay.Commands;

/// <summary><c>mainstay store</c>: the etcd v3 API over a durable store on one machine.</summary>
internal static class StoreCommand
{
    public static Command Create()
    {
        var dataDir = new Option<string>("--data-dir")
        {
            Description = "folder of the store's files; made if it is missing",
            Required = true,
        };
        var client = new Option<string>("--listen-client")
        {
            Description = "where etcd v3 is served, address:port",
            DefaultValueFactory = _ => "127.0.0.1:2379",
        };
        var metrics = new Option<string>("--listen-metrics")
        {
            Description = "where /health, /livez, /readyz, /version and /metrics are served, address:port",
            DefaultValueFactory = _ => "127.0.0.1:2381",
        };
        var quota = new Option<long>("--quota-bytes")
        {
            Description = "memory for all kept versions of all keys; puts beyond it are refused",
            DefaultValueFactory = _ => 2L * 1024 * 1024 * 1024,
        };
        var checkpoint = new Option<long>("--checkpoint-log-bytes")
        {
            Description = "log after which a checkpoint replaces it",
            DefaultValueFactory = _ => 64L * 1024 * 1024,
        };
        var progress = new Option<TimeSpan>("--watch-progress-interval")
        {
            Description = "how often a quiet watcher that asked for it is told the revision, h:mm:ss",
            DefaultValueFactory = _ => TimeSpan.FromMinutes(10),
        };
        var command = new Command("store", "The store: the etcd v3 API over durable files, on one machine")
        {
            dataDir, client, metrics, quota, checkpoint, progress,
        };
        command.Subcommands.Add(MembersCommand.Create());
        command.SetAction((parsed, cancellationToken) => StoreHost.RunAsync(
            new StoreOptions
            {
                DataDir = parsed.GetRequiredValue(dataDir),
                ListenClient = parsed.GetRequiredValue(client),
                ListenMetrics = parsed.GetRequiredValue(metrics),
                QuotaBytes = parsed.GetRequiredValue(quota),
                CheckpointLogBytes = parsed.GetRequiredValue(checkpoint),
                WatchProgressInterval = parsed.GetRequiredValue(progress),
            },
            cancellationToken));
        return command;
    }
}
