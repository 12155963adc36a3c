using Microsoft.Extensions.Logging;

namespace Mainstay.Store;

/// <summary>Every message of the store: event ids 1000 to 1999.</summary>
internal static partial class StoreLog
{
    [LoggerMessage(EventId = 1001, Level = LogLevel.Information,
        Message = "Store at revision {Revision} with {Keys} keys: etcd v3 on {Client}, metrics on {Metrics}, "
            + "in {Folder}")]
    public static partial void Started(
        this ILogger logger, long revision, long keys, string client, string metrics, string folder);

    [LoggerMessage(EventId = 1002, Level = LogLevel.Warning,
        Message = "The log ended in a write that was cut off and never acknowledged: {Place}. It was taken away")]
    public static partial void TornTailRemoved(this ILogger logger, string place);

    [LoggerMessage(EventId = 1003, Level = LogLevel.Error,
        Message = "No space left on the disk: writes are refused until there is room; what was acknowledged is safe")]
    public static partial void DiskIsFull(this ILogger logger);

    [LoggerMessage(EventId = 1004, Level = LogLevel.Information,
        Message = "There is room on the disk again: writes go on")]
    public static partial void DiskHasRoom(this ILogger logger);

    [LoggerMessage(EventId = 1005, Level = LogLevel.Warning,
        Message = "No room for a checkpoint, the log goes on: {Reason}")]
    public static partial void CheckpointHasNoRoom(this ILogger logger, string reason);

    [LoggerMessage(EventId = 1006, Level = LogLevel.Information,
        Message = "Checkpoint of {Bytes} bytes replaces the log up to frame {Covered}, after {Milliseconds} ms")]
    public static partial void CheckpointWritten(this ILogger logger, long bytes, ulong covered, long milliseconds);

    [LoggerMessage(EventId = 1007, Level = LogLevel.Warning,
        Message = "Quota of {QuotaBytes} bytes exceeded: puts are refused. Compact, then `etcdctl alarm disarm`")]
    public static partial void QuotaExceeded(this ILogger logger, long quotaBytes);

    [LoggerMessage(EventId = 1008, Level = LogLevel.Debug, Message = "Ended {Count} leases that nobody renewed")]
    public static partial void LeasesEnded(this ILogger logger, int count);

    [LoggerMessage(EventId = 1009, Level = LogLevel.Warning,
        Message = "The client address {Address} is not on loopback, and this store has no TLS: use a real etcd there")]
    public static partial void ListensBeyondLoopback(this ILogger logger, string address);

    [LoggerMessage(EventId = 1010, Level = LogLevel.Critical,
        Message = "The disk failed, and what it holds is unknown: the store stops. {Reason}")]
    public static partial void DiskFailed(this ILogger logger, string reason);
}
