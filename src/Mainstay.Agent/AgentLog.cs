using Mainstay.Kernel.Proofs;
using Microsoft.Extensions.Logging;

namespace Mainstay.Agent;

/// <summary>The agent's log messages: event ids 4xxx.</summary>
internal static partial class AgentLog
{
    [LoggerMessage(
        EventId = 4001, Level = LogLevel.Information, Message = "Node {Node} runs at {Address}, pods at {PodCidr}")]
    public static partial void Started(ILogger logger, string node, string address, string podCidr);

    [LoggerMessage(EventId = 4002, Level = LogLevel.Information, Message = "Stopped; {PodCount} pods run on")]
    public static partial void Stopped(ILogger logger, int podCount);

    [LoggerMessage(
        EventId = 4101, Level = LogLevel.Warning,
        Message = "Container {Namespace}/{Pod}/{Container} was not started: {Reason}")]
    public static partial void ContainerNotStarted(
        ILogger logger, string @namespace, string pod, string container, string reason);

    [LoggerMessage(
        EventId = 4102, Level = LogLevel.Information,
        Message = "Container {Namespace}/{Pod}/{Container} ended with {ExitCode}")]
    public static partial void ContainerExited(
        ILogger logger, string @namespace, string pod, string container, int exitCode);

    [LoggerMessage(
        EventId = 4103, Level = LogLevel.Information,
        Message = "Container {Namespace}/{Pod}/{Container} was found running as process {Pid}")]
    public static partial void ContainerAdopted(
        ILogger logger, string @namespace, string pod, string container, int pid);

    [LoggerMessage(
        EventId = 4104, Level = LogLevel.Warning,
        Message = "Pod {Namespace}/{Pod}: an update with other containers is refused, the known ones run on")]
    public static partial void PodUpdateRefused(ILogger logger, string @namespace, string pod);

    [LoggerMessage(
        EventId = 4105, Level = LogLevel.Error,
        Message = "Pod {Namespace}/{Pod}: its worker failed and is started anew in {Delay}")]
    public static partial void WorkerFailed(
        ILogger logger, Exception exception, string @namespace, string pod, TimeSpan delay);

    [LoggerMessage(
        EventId = 4106, Level = LogLevel.Warning,
        Message = "The state in {Folder} cannot be read and is set aside: {Fault}")]
    public static partial void StateSetAside(ILogger logger, string folder, string fault);

    [LoggerMessage(
        EventId = 4107, Level = LogLevel.Error,
        Message = "Pod {Namespace}/{Pod} gets no address: {PodCidr} is used up")]
    public static partial void NoAddress(ILogger logger, string @namespace, string pod, string podCidr);

    [LoggerMessage(
        EventId = 4108, Level = LogLevel.Error,
        Message = "State of pod {Namespace}/{Pod} cannot be written, it runs on: {Fault}")]
    public static partial void StateNotWritten(ILogger logger, string @namespace, string pod, string fault);

    [LoggerMessage(
        EventId = 4201, Level = LogLevel.Warning,
        Message = "Manifest {File} is not used, its last good content stays in use: {Fault}")]
    public static partial void ManifestRefused(ILogger logger, string file, string fault);

    [LoggerMessage(EventId = 4202, Level = LogLevel.Information, Message = "Static pod {Namespace}/{Pod} from {File}")]
    public static partial void StaticPod(ILogger logger, string @namespace, string pod, string file);

    [LoggerMessage(EventId = 4301, Level = LogLevel.Warning, Message = "{Kubeconfig} cannot be used yet: {Fault}")]
    public static partial void KubeconfigRefused(ILogger logger, string kubeconfig, string fault);

    [LoggerMessage(
        EventId = 4302, Level = LogLevel.Warning, Message = "{Work} failed, and is tried again: {Fault}")]
    public static partial void ApiWorkFailed(ILogger logger, string work, string fault);

    [LoggerMessage(EventId = 4303, Level = LogLevel.Information, Message = "Node {Node} is registered")]
    public static partial void Registered(ILogger logger, string node);

    [LoggerMessage(
        EventId = 4304, Level = LogLevel.Warning, Message = "Status of pod {Namespace}/{Pod} was not written: {Fault}")]
    public static partial void StatusNotWritten(ILogger logger, string @namespace, string pod, string fault);

    [LoggerMessage(
        EventId = 4305, Level = LogLevel.Warning, Message = "{Key} is taken from the copy on disk: {Fault}")]
    public static partial void ConfigFromDisk(ILogger logger, string key, string fault);

    [LoggerMessage(
        EventId = 4306, Level = LogLevel.Warning, Message = "{Kind} {Key} makes no sense and is left out: {Fault}")]
    public static partial void ObjectQuarantined(ILogger logger, string kind, string key, string fault);

    [LoggerMessage(EventId = 4307, Level = LogLevel.Warning, Message = "The watch of pods is disturbed: {Fault}")]
    public static partial void WatchDisturbed(ILogger logger, string fault);

    [LoggerMessage(
        EventId = 4401, Level = LogLevel.Information, Message = "A restart of this agent is {Result}: {Reason}")]
    public static partial void Proven(ILogger logger, ProofResult result, string reason);
}
