using System.Globalization;
using k8s.Models;
using Mainstay.Controllers.Core;
using Mainstay.Kernel.Signals;

namespace Mainstay.Controllers.Signals;

/// <summary>Containers that end again and again: those that wait for their next start after a failure, and those that
/// have just begun one of many.</summary>
internal static class CrashLoops
{
    private const int RestartsAtLeast = 2;
    private static readonly TimeSpan Recent = TimeSpan.FromMinutes(2);

    public static Dictionary<string, SignalReading> Of(IEnumerable<V1Pod> pods, DateTimeOffset now)
    {
        var found = new Dictionary<string, SignalReading>(StringComparer.Ordinal);
        foreach (var pod in pods.Where(p => p.Metadata.DeletionTimestamp is null))
        {
            var statuses = (pod.Status?.ContainerStatuses ?? []).Concat(pod.Status?.InitContainerStatuses ?? []);
            if (statuses.FirstOrDefault(status => IsLooping(status, now)) is { } container)
            {
                found[Subject(pod)] = Reading(pod, container);
            }
        }
        return found;
    }

    public static string Subject(V1Pod pod) => $"pod/{pod.Metadata.NamespaceProperty}/{pod.Metadata.Name}";

    private static bool IsLooping(V1ContainerStatus container, DateTimeOffset now) =>
        container.State?.Waiting?.Reason == "CrashLoopBackOff"
        || (container.RestartCount >= RestartsAtLeast
            && container.LastState?.Terminated?.FinishedAt.ToMoment() is { } ended && now - ended < Recent);

    private static SignalReading Reading(V1Pod pod, V1ContainerStatus container)
    {
        var (space, name) = (pod.Metadata.NamespaceProperty, pod.Metadata.Name);
        var ended = container.LastState?.Terminated ?? container.State?.Terminated;
        var end = ended is null ? "" : $", last with code {ended.ExitCode}";
        return new SignalReading($"Container {container.Name} of {space}/{name} on {pod.Spec?.NodeName} has been "
            + $"started again {container.RestartCount} times{end}.")
        {
            Evidence =
            [
                new("container", container.Name),
                new("node", pod.Spec?.NodeName ?? ""),
                new("image", container.Image ?? ""),
                new("restarts", container.RestartCount.ToString(CultureInfo.InvariantCulture)),
                new("exitCode", ended?.ExitCode.ToString(CultureInfo.InvariantCulture) ?? ""),
                new("reason", ended?.Reason ?? container.State?.Waiting?.Reason ?? ""),
                new("log", $"kubectl logs -n {space} {name} -c {container.Name} --previous"),
            ],
            Culprit = new ObjectReference("Pod", space ?? "", name),
        };
    }
}
