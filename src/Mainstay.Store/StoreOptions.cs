using System.Net;

namespace Mainstay.Store;

/// <summary>How one store runs. Each property says its default, range and unit.</summary>
public sealed class StoreOptions
{
    /// <summary>The folder of the store's files; made if it is missing. Required.</summary>
    public required string DataDir { get; init; }

    /// <summary>
    /// Where etcd v3 is served, as <c>address:port</c>; port 0 is any free one. Default 127.0.0.1:2379.
    /// </summary>
    public string ListenClient { get; init; } = "127.0.0.1:2379";

    /// <summary>Where health and metrics are served over HTTP/1.1. Default 127.0.0.1:2381.</summary>
    public string ListenMetrics { get; init; } = "127.0.0.1:2381";

    /// <summary>Memory for all kept versions, in bytes; at least 1 MiB. Default 2 GiB, as etcd.</summary>
    public long QuotaBytes { get; init; } = 2L * 1024 * 1024 * 1024;

    /// <summary>Log after which a checkpoint is written, in bytes; at least 1 MiB. Default 64 MiB.</summary>
    public long CheckpointLogBytes { get; init; } = Limits.CheckpointLogBytesMin;

    /// <summary>
    /// How often a quiet watcher that asked for it is told the revision; 100 ms to a day. Default 10 minutes, as etcd.
    /// </summary>
    public TimeSpan WatchProgressInterval { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>What is wrong with these options, all of it; empty if nothing is.</summary>
    public IReadOnlyList<string> Faults()
    {
        const long MebiByte = 1024 * 1024;
        var faults = new List<string>();
        AddIf(faults, string.IsNullOrWhiteSpace(DataDir), "data-dir is empty");
        AddIf(faults, !IsEndPoint(ListenClient), $"listen-client '{ListenClient}' is not address:port");
        AddIf(faults, !IsEndPoint(ListenMetrics), $"listen-metrics '{ListenMetrics}' is not address:port");
        AddIf(faults, QuotaBytes < MebiByte, $"quota-bytes {QuotaBytes} is below {MebiByte}");
        AddIf(faults, CheckpointLogBytes < MebiByte, $"checkpoint-log-bytes {CheckpointLogBytes} is below {MebiByte}");
        AddIf(
            faults,
            WatchProgressInterval < TimeSpan.FromMilliseconds(100) || WatchProgressInterval > TimeSpan.FromDays(1),
            $"watch-progress-interval {WatchProgressInterval} is not between 100 ms and a day");
        return faults;
    }

    private static bool IsEndPoint(string text) =>
        IPEndPoint.TryParse(text, out _) && text.Contains(':', StringComparison.Ordinal);

    private static void AddIf(List<string> faults, bool isFault, string fault)
    {
        if (isFault)
        {
            faults.Add(fault);
        }
    }
}
