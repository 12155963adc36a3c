using Microsoft.Extensions.Logging;

namespace Mainstay.ConsoleSite.Changes;

internal static partial class ChangeLog
{
    [LoggerMessage(
        EventId = 6601, Level = LogLevel.Debug, Message = "Changes of {Kind} are not heard from {Server}: {Reason}")]
    public static partial void FeedDisturbed(this ILogger logger, string kind, string server, string reason);

    [LoggerMessage(EventId = 6602, Level = LogLevel.Warning, Message = "The change ledger cannot be written: {Reason}")]
    public static partial void LedgerNotWritten(this ILogger logger, string reason);

    [LoggerMessage(
        EventId = 6603, Level = LogLevel.Warning,
        Message = "Changes of {Kind} are not in the ledger: {Reason}")]
    public static partial void FeedSilent(this ILogger logger, string kind, string reason);
}
