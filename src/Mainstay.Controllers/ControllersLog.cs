using Mainstay.Kube;
using Microsoft.Extensions.Logging;

namespace Mainstay.Controllers;

/// <summary>Everything the controllers log; ids 3000 to 3999.</summary>
internal static partial class ControllersLog
{
    [LoggerMessage(EventId = 3001, Level = LogLevel.Information,
        Message = "Controllers listen on {Listen}, API server {Server}")]
    public static partial void Started(this ILogger log, string listen, Uri server);

    [LoggerMessage(EventId = 3002, Level = LogLevel.Information,
        Message = "All caches are read; {LoopCount} loops start")]
    public static partial void Synced(this ILogger log, int loopCount);

    [LoggerMessage(EventId = 3003, Level = LogLevel.Warning,
        Message = "The API server does not serve {Kind}: what depends on it is left out")]
    public static partial void NotServed(this ILogger log, string kind);

    [LoggerMessage(EventId = 3004, Level = LogLevel.Warning,
        Message = "The API server cannot be asked yet ({Reason}); again in {Delay}")]
    public static partial void NotReachable(this ILogger log, string reason, TimeSpan delay);

    [LoggerMessage(EventId = 3005, Level = LogLevel.Information, Message = "This instance leads, as {Identity}")]
    public static partial void Leads(this ILogger log, string identity);

    [LoggerMessage(EventId = 3101, Level = LogLevel.Warning,
        Message = "{Loop}: {Key} failed, again in {Delay}: {Reason}")]
    public static partial void ReconcileFailed(
        this ILogger log, string loop, ObjectKey key, TimeSpan delay, string reason);

    [LoggerMessage(EventId = 3102, Level = LogLevel.Debug, Message = "{Loop}: {Key} had changed meanwhile: {Reason}")]
    public static partial void Conflict(this ILogger log, string loop, string key, string reason);

    [LoggerMessage(EventId = 3103, Level = LogLevel.Warning,
        Message = "{Kind} {Key} makes no sense and is left out (last good value in use: {HasLastGood}): {Reason}")]
    public static partial void Quarantined(this ILogger log, string kind, string key, bool hasLastGood, string reason);

    [LoggerMessage(EventId = 3104, Level = LogLevel.Debug,
        Message = "Watch of {Kind} disturbed, again in {Delay}: {Reason}")]
    public static partial void Disturbed(this ILogger log, string kind, TimeSpan delay, string reason);

    [LoggerMessage(EventId = 3105, Level = LogLevel.Warning,
        Message = "The heartbeat has not advanced for {Seconds:0} s at {Server}: it is left, and all is listed anew")]
    public static partial void Stale(this ILogger log, Uri server, double seconds);

    [LoggerMessage(EventId = 3201, Level = LogLevel.Warning,
        Message = "{SilentCount} of {NodeCount} nodes are silent at once: that is more likely us; no node is touched")]
    public static partial void StormStopped(this ILogger log, int silentCount, int nodeCount);

    [LoggerMessage(EventId = 3202, Level = LogLevel.Warning, Message = "Node {Node} has been silent for {Silence}")]
    public static partial void NodeSilent(this ILogger log, string node, TimeSpan silence);
}
