using k8s.Models;

namespace Mainstay.Agent.Pods;

/// <summary>
/// The readiness gate that the controllers write once the routers have the pod. When they write nothing for ten minutes
/// although the pod's containers are ready (they are dead, or the way to them is), the node is the only one left to
/// act, and opens it:
/// <code>
///     10:00  containers ready, no word of the gate    waits
///     10:04  False RoutersLag                         waits: somebody holds it on purpose, and says so each minute
///     10:09  the last word                            waits until 10:19
///     10:19  True Unproven                            open, marked, with an event and a signal
/// </code>
/// One worker owns it. Its clock begins anew with the agent: later than it might be, never sooner.
/// </summary>
internal sealed class RoutedGate(TimeProvider time)
{
    public const string ConditionType = "mainstay.dev/routed";
    public const string Unproven = "Unproven";
    private string _word = "";
    private long? _waitsSince;

    /// <summary>Whether the gate counts as open although nobody opened it.</summary>
    public bool IsOverdue => Remaining is { } rest && rest <= TimeSpan.Zero;

    /// <summary>Until it is overdue; null while it is open or there is no such gate.</summary>
    public TimeSpan? Remaining => _waitsSince is { } since ? Limits.GatePatience - time.GetElapsedTime(since) : null;

    /// <summary>Takes the pod as it was heard of last, and whether its containers are ready.</summary>
    public void Look(V1Pod pod, bool containersReady)
    {
        var condition = Of(pod.Status);
        var word = $"{condition?.Status} {condition?.Reason} {condition?.Message} {condition?.LastProbeTime:O}";
        if (!IsOn(pod) || !containersReady || condition?.Status == "True")
        {
            (_word, _waitsSince) = (word, null);
        }
        else if (_waitsSince is null || word != _word)
        {
            (_word, _waitsSince) = (word, time.GetTimestamp());
        }
    }

    public static bool IsOn(V1Pod pod) =>
        pod.Spec.ReadinessGates?.Any(gate => gate.ConditionType == ConditionType) == true;

    public static V1PodCondition? Of(V1PodStatus? status) =>
        status?.Conditions?.FirstOrDefault(condition => condition.Type == ConditionType);

    public static bool IsUnproven(V1PodCondition condition) =>
        condition is { Type: ConditionType, Status: "True", Reason: Unproven };

    public static V1PodCondition UnprovenSince(DateTimeOffset now) => new()
    {
        Type = ConditionType,
        Status = "True",
        Reason = Unproven,
        Message = $"nobody has written the gate for {Limits.GatePatience.TotalMinutes:0} minutes; "
            + "whether the routers have the pod is not known",
        LastProbeTime = now.UtcDateTime,
        LastTransitionTime = now.UtcDateTime,
    };
}
