using Microsoft.Extensions.Logging;

namespace Mainstay.ConsoleSite;

internal static partial class ConsoleLog
{
    [LoggerMessage(EventId = 6001, Level = LogLevel.Information, Message = "Console serves http://{Address}")]
    public static partial void Serves(this ILogger logger, string address);

    [LoggerMessage(
        EventId = 6002, Level = LogLevel.Warning,
        Message = "Kubeconfig cannot be used, last known data are shown: {Reason}")]
    public static partial void NoKubeconfig(this ILogger logger, string reason);

    [LoggerMessage(
        EventId = 6003, Level = LogLevel.Warning, Message = "API server {Server} does not serve {Kind}: {Reason}")]
    public static partial void Disturbed(this ILogger logger, string kind, string server, string reason);

    [LoggerMessage(
        EventId = 6004, Level = LogLevel.Warning, Message = "{Kind} {Name} makes no sense and is left out: {Reason}")]
    public static partial void Quarantined(this ILogger logger, string kind, string name, string reason);

    [LoggerMessage(EventId = 6005, Level = LogLevel.Warning, Message = "Router {Address} does not answer: {Reason}")]
    public static partial void RouterSilent(this ILogger logger, string address, string reason);

    [LoggerMessage(EventId = 6006, Level = LogLevel.Information, Message = "Router {Address} ({Node}) answers")]
    public static partial void RouterAnswers(this ILogger logger, string address, string node);

    [LoggerMessage(
        EventId = 6007, Level = LogLevel.Warning, Message = "What is known cannot be kept in {File}: {Reason}")]
    public static partial void CannotSave(this ILogger logger, string file, string reason);

    [LoggerMessage(
        EventId = 6008, Level = LogLevel.Warning, Message = "{File} cannot be read and is not used: {Reason}")]
    public static partial void CannotLoad(this ILogger logger, string file, string reason);

    [LoggerMessage(
        EventId = 6009, Level = LogLevel.Information, Message = "Last known data of {At:u} are shown until newer come")]
    public static partial void LastKnown(this ILogger logger, DateTimeOffset at);

    [LoggerMessage(
        EventId = 6010, Level = LogLevel.Warning,
        Message = "Router {Address} sends {Count} lines of metrics that cannot be read, the first: {Reason}")]
    public static partial void BadMetrics(this ILogger logger, string address, int count, string reason);

    [LoggerMessage(
        EventId = 6011, Level = LogLevel.Warning,
        Message = "What signals began and ended cannot be kept, they are shown only: {Reason}")]
    public static partial void CannotRemember(this ILogger logger, string reason);

    [LoggerMessage(
        EventId = 6012, Level = LogLevel.Error, Message = "What a page asked for ({Job}) came to no end: {Reason}")]
    public static partial void ActionFailed(this ILogger logger, string job, string reason);

    [LoggerMessage(EventId = 6040, Level = LogLevel.Information, Message = "Status page serves http://{Address}")]
    public static partial void ServesStatusPage(this ILogger logger, string address);

    [LoggerMessage(
        EventId = 6041, Level = LogLevel.Warning, Message = "Status page keeps what it last had: {Reason}")]
    public static partial void StatusPageFault(this ILogger logger, string reason);

    [LoggerMessage(
        EventId = 6042, Level = LogLevel.Warning, Message = "Messages about incidents cannot be sent: {Reason}")]
    public static partial void CannotTell(this ILogger logger, string reason);
}
