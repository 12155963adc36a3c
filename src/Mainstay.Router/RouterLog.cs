using System.Net;
using Mainstay.Kube;
using Mainstay.Router.Discovery;
using Microsoft.Extensions.Logging;

namespace Mainstay.Router;

/// <summary>What the router says, with the event ids 5000 to 5999. Nothing is said per call.</summary>
internal static partial class RouterLog
{
    [LoggerMessage(EventId = 5000, Level = LogLevel.Information,
        Message = "router of {Node} carries calls on {Listen}, admin on {Admin}, {Threads} event loops")]
    public static partial void Started(this ILogger logger, string node, string listen, string admin, int threads);

    [LoggerMessage(EventId = 5001, Level = LogLevel.Information,
        Message = "the router is run by the JIT, not compiled ahead of time: the first calls are slower")]
    public static partial void RunByJit(this ILogger logger);

    [LoggerMessage(EventId = 5040, Level = LogLevel.Information,
        Message = "process {Pid} serves; its addresses are taken over once the table is live")]
    public static partial void TakesOver(this ILogger logger, int pid);

    [LoggerMessage(EventId = 5041, Level = LogLevel.Information,
        Message = "another process has the addresses now; new connections go there")]
    public static partial void HandsOver(this ILogger logger);

    [LoggerMessage(EventId = 5042, Level = LogLevel.Warning,
        Message = "nobody can be told that this router serves: {Reason}")]
    public static partial void NotAnnounced(this ILogger logger, string reason);

    [LoggerMessage(EventId = 5002, Level = LogLevel.Information,
        Message = "stopping: {ClientCount} connections have {DrainSeconds} s to finish their calls")]
    public static partial void Draining(this ILogger logger, int clientCount, double drainSeconds);

    [LoggerMessage(EventId = 5003, Level = LogLevel.Warning,
        Message = "{ClientCount} connections were cut at the end of the drain time")]
    public static partial void Cut(this ILogger logger, int clientCount);

    [LoggerMessage(EventId = 5004, Level = LogLevel.Critical,
        Message = "FOR DRILLS ONLY: this router runs without {Protections}; calls will be lost that need not be")]
    public static partial void Unprotected(this ILogger logger, string protections);

    [LoggerMessage(EventId = 5010, Level = LogLevel.Information,
        Message = "table {Revision} from {Source}: {Services} services, {Endpoints} endpoints")]
    public static partial void TableFrom(
        this ILogger logger, long revision, string source, int services, int endpoints);

    [LoggerMessage(EventId = 5011, Level = LogLevel.Warning,
        Message = "discovery of {Kind} from {Server} is disturbed, the last table stays: {Cause}; next try in {Delay}")]
    public static partial void DiscoveryDisturbed(
        this ILogger logger, string kind, Uri server, string cause, TimeSpan delay);

    [LoggerMessage(EventId = 5012, Level = LogLevel.Warning,
        Message = "{Kind} {Name} makes no sense and is kept out, its last good value stays: {Cause}")]
    public static partial void Quarantined(this ILogger logger, string kind, ObjectKey name, string cause);

    [LoggerMessage(EventId = 5013, Level = LogLevel.Information,
        Message = "{Kind} {Name} makes sense again or is gone")]
    public static partial void Released(this ILogger logger, string kind, ObjectKey name);

    [LoggerMessage(EventId = 5014, Level = LogLevel.Information,
        Message = "endpoints are read from {Kind} in {Version}")]
    public static partial void EndpointsFrom(this ILogger logger, string kind, string version);

    [LoggerMessage(EventId = 5015, Level = LogLevel.Warning,
        Message = "Endpoints {Name} holds the first 1000 addresses only; this API server should serve EndpointSlices")]
    public static partial void Truncated(this ILogger logger, ObjectKey name);

    [LoggerMessage(EventId = 5016, Level = LogLevel.Warning,
        Message = "a quorum list of {Kind} repaired {Count} objects that the watch had not told: {Names} ({Cause})")]
    public static partial void Repaired(this ILogger logger, string kind, int count, string names, string cause);

    [LoggerMessage(EventId = 5017, Level = LogLevel.Error,
        Message = "discovery is stale: API server {Server}: {Cause}; leaving it for {Next}, the last table stays")]
    public static partial void ServerLeft(this ILogger logger, Uri server, string cause, string next);

    [LoggerMessage(EventId = 5018, Level = LogLevel.Information,
        Message = "freshness of {Kind}: {State}, heartbeat {Sequence} by API server {Server} {Cause}")]
    public static partial void Freshness(
        this ILogger logger, string kind, string state, long sequence, Uri server, string cause);

    [LoggerMessage(EventId = 5019, Level = LogLevel.Information,
        Message = "{Router} is elected to write the heartbeat")]
    public static partial void WriterElected(this ILogger logger, string router);

    [LoggerMessage(EventId = 5023, Level = LogLevel.Warning,
        Message = "{Router} cannot write the heartbeat and gives its lease up: {Cause}")]
    public static partial void WriterGivesUp(this ILogger logger, string router, string cause);

    [LoggerMessage(EventId = 5025, Level = LogLevel.Warning,
        Message = "{Router} cannot write the heartbeat among Services, they are compared with a list now and then "
            + "instead: {Cause}; trying again")]
    public static partial void ServicesUnproven(this ILogger logger, string router, string cause);

    [LoggerMessage(EventId = 5026, Level = LogLevel.Warning,
        Message = "API server {Server} does not give the list that a router reads at its start ({Cause}): null that it "
            + "has there is not told until it does")]
    public static partial void StartLookFailed(this ILogger logger, Uri server, string cause);

    [LoggerMessage(EventId = 5024, Level = LogLevel.Warning,
        Message = "this router cannot make itself known by the Lease {Lease}: {Cause}; trying again")]
    public static partial void NotRegistered(this ILogger logger, string lease, string cause);

    [LoggerMessage(EventId = 5020, Level = LogLevel.Information,
        Message = "starting from the snapshot {File}, {Age} old")]
    public static partial void SnapshotLoaded(this ILogger logger, string file, TimeSpan age);

    [LoggerMessage(EventId = 5021, Level = LogLevel.Warning, Message = "the snapshot {File} is not used: {Cause}")]
    public static partial void SnapshotRefused(this ILogger logger, string file, string cause);

    [LoggerMessage(EventId = 5022, Level = LogLevel.Warning, Message = "{File} could not be written: {Cause}")]
    public static partial void NotWritten(this ILogger logger, string file, string cause);

    [LoggerMessage(EventId = 5043, Level = LogLevel.Warning,
        Message = "a person wants the fallback of {Namespace}/{Service}: {Active}")]
    public static partial void FallbackWanted(
        this ILogger logger, string @namespace, string service, string active);

    [LoggerMessage(EventId = 5044, Level = LogLevel.Warning, Message = "{Subject}: {Summary}")]
    public static partial void FallbackTaken(this ILogger logger, string subject, string summary);

    [LoggerMessage(EventId = 5045, Level = LogLevel.Information,
        Message = "{Subject}: calls go to the service itself again")]
    public static partial void FallbackLeft(this ILogger logger, string subject);

    [LoggerMessage(EventId = 5030, Level = LogLevel.Information, Message = "listening on {Address} for pod {Pod}")]
    public static partial void PodBound(this ILogger logger, IPEndPoint address, Caller pod);

    [LoggerMessage(EventId = 5031, Level = LogLevel.Information, Message = "no longer listening on {Address}")]
    public static partial void PodUnbound(this ILogger logger, IPEndPoint address);

    [LoggerMessage(EventId = 5032, Level = LogLevel.Warning,
        Message = "cannot listen on {Address} for pod {Pod} (error {Error}); trying again")]
    public static partial void PodNotBound(this ILogger logger, IPEndPoint address, Caller pod, int error);

    [LoggerMessage(EventId = 5033, Level = LogLevel.Warning,
        Message = "the agent {Agent} is not heard, the last list of local pods stays: {Cause}")]
    public static partial void AgentUnheard(this ILogger logger, Uri agent, string cause);
}
