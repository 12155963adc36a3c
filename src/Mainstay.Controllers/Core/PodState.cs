using k8s.Models;

namespace Mainstay.Controllers.Core;

/// <summary>What the fields of a pod add up to. Times are those of the cluster, to the second.</summary>
internal static class PodState
{
    /// <summary>Runs or will run: neither finished nor on its way out.</summary>
    public static bool IsActive(this V1Pod pod) =>
        pod.Metadata.DeletionTimestamp is null && pod.Status?.Phase is not ("Succeeded" or "Failed");

    public static V1PodCondition? Condition(this V1Pod pod, string type) =>
        pod.Status?.Conditions?.FirstOrDefault(c => c.Type == type);

    public static bool IsReady(this V1Pod pod) => pod.Condition("Ready")?.Status == "True";

    /// <summary>Ready for at least this long.</summary>
    public static bool IsAvailable(this V1Pod pod, int minReadySeconds, DateTimeOffset now) =>
        pod.IsReady() && (minReadySeconds == 0 || pod.ReadySince() is { } since
            && since.AddSeconds(minReadySeconds) <= now);

    public static DateTimeOffset? ReadySince(this V1Pod pod) => pod.Condition("Ready")?.LastTransitionTime.ToMoment();

    public static int Restarts(this V1Pod pod) => pod.Status?.ContainerStatuses?.Max(c => (int?)c.RestartCount) ?? 0;

    public static DateTimeOffset? ToMoment(this DateTime? time) =>
        time is { } known ? new DateTimeOffset(known.ToUniversalTime()) : null;

    /// <summary>
    /// When the next of these pods becomes available by time alone; null when none waits for it.
    /// </summary>
    public static TimeSpan? NextAvailable(IEnumerable<V1Pod> pods, int minReadySeconds, DateTimeOffset now)
    {
        TimeSpan? next = null;
        foreach (var pod in pods)
        {
            if (pod.IsReady() && !pod.IsAvailable(minReadySeconds, now) && pod.ReadySince() is { } since)
            {
                // Times of the cluster are whole seconds, so the last one has to pass too.
                var wait = since.AddSeconds(minReadySeconds + 1) - now;
                next = next is null || wait < next ? wait : next;
            }
        }
        return next;
    }
}
