namespace Bank.Shared;

internal static partial class BankLog
{
    [LoggerMessage(
        EventId = 1, Level = LogLevel.Information,
        Message = "{Service} {Version}listens on {Address}:{Port}")]
    public static partial void Listens(this ILogger logger, string service, string version, string address, int port);

    [LoggerMessage(EventId = 2, Level = LogLevel.Error, Message = "{Method} {Path} failed")]
    public static partial void RequestFailed(this ILogger logger, Exception fault, string method, string path);

    [LoggerMessage(
        EventId = 3, Level = LogLevel.Information,
        Message = "Ledger open in {File} up to sequence {Sequence}")]
    public static partial void LedgerOpen(this ILogger logger, string file, long sequence);

    [LoggerMessage(EventId = 4, Level = LogLevel.Error, Message = "A commit of {Count} bookings failed")]
    public static partial void CommitFailed(this ILogger logger, Exception fault, int count);

    [LoggerMessage(EventId = 5, Level = LogLevel.Warning, Message = "Feed cannot ask the ledger: {Reason}")]
    public static partial void FeedBehind(this ILogger logger, string reason);

    [LoggerMessage(
        EventId = 6, Level = LogLevel.Information,
        Message = "Feed has the ledger up to sequence {Sequence}")]
    public static partial void FeedCaughtUp(this ILogger logger, long sequence);

    [LoggerMessage(EventId = 9, Level = LogLevel.Information, Message = "Standin and the ledger: {Reason}")]
    public static partial void StandinLink(this ILogger logger, string reason);

    [LoggerMessage(
        EventId = 10, Level = LogLevel.Warning,
        Message = "The ledger refuses payment {Id}, which standin had authorised: {Reason}")]
    public static partial void StandinDisagrees(this ILogger logger, string id, string reason);

    [LoggerMessage(EventId = 7, Level = LogLevel.Information, Message = "Run {Run}: {Rate} journeys per second")]
    public static partial void LoadStarts(this ILogger logger, string run, double rate);

    [LoggerMessage(
        EventId = 8,
        Level = LogLevel.Information,
        Message = "Run {Run}: {Sent} sent, {Succeeded} succeeded, {Refused} refused, "
            + "{Failed} attempts failed, {Pending} pending")]
    public static partial void LoadGoesOn(
        this ILogger logger, string run, long sent, long succeeded, long refused, long failed, long pending);
}
