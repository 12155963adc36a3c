using System.Collections.Immutable;
using System.Text.Json.Nodes;
using k8s.Models;
using Mainstay.Controllers.Core;

namespace Mainstay.Controllers.Deployments;

/// <summary>What a deployment says of itself: numbers, and the conditions that <c>kubectl rollout status</c> waits
/// for.</summary>
internal sealed class DeploymentStatus(DeploymentState state, DateTimeOffset now)
{
    private const string Available = "Available";
    private const string Progressing = "Progressing";

    private readonly V1DeploymentStatus _told = state.Deployment.Model.Status ?? new V1DeploymentStatus();
    private readonly int _replicas = state.Sets.Sum(s => s.Model.Status?.Replicas ?? 0);
    private readonly int _updated = state.New?.Model.Status?.Replicas ?? 0;
    private readonly int _ready = state.Sets.Sum(s => s.Model.Status?.ReadyReplicas ?? 0);
    private readonly int _available = state.Sets.Sum(s => s.Model.Status?.AvailableReplicas ?? 0);

    /// <summary>The condition that this very step causes, such as a set just created; null for none.</summary>
    public (string Status, string Reason, string Message)? Progress { get; init; }

    public int? Collisions { get; init; }

    /// <summary>When the rollout's deadline passes; null when there is none to wait for.</summary>
    public TimeSpan? Deadline { get; private set; }

    /// <summary>The patch; null when the status already says it all.</summary>
    public PatchObject? Patch()
    {
        var conditions = Conditions();
        var unavailable = Math.Max(0, state.WantedOfAll - _available);
        var same = (_told.ObservedGeneration ?? 0) == (state.Meta.Generation ?? 0)
            && (_told.Replicas ?? 0) == _replicas && (_told.UpdatedReplicas ?? 0) == _updated
            && (_told.ReadyReplicas ?? 0) == _ready && (_told.AvailableReplicas ?? 0) == _available
            && (_told.UnavailableReplicas ?? 0) == unavailable
            && (Collisions ?? _told.CollisionCount ?? 0) == (_told.CollisionCount ?? 0)
            && conditions.All(c => ReferenceEquals(c, Told(c.Type)));
        return same ? null : Status.Patch(Kinds.Deployment, state.Meta, new JsonObject
        {
            ["observedGeneration"] = state.Meta.Generation ?? 0,
            ["replicas"] = _replicas,
            ["updatedReplicas"] = _updated,
            ["readyReplicas"] = _ready,
            ["availableReplicas"] = _available,
            ["unavailableReplicas"] = unavailable,
            ["collisionCount"] = (Collisions ?? _told.CollisionCount) is { } count ? count : null,
            ["conditions"] = new JsonArray([.. conditions.Concat(Foreign()).Select(ToJson)]),
        });
    }

    private ImmutableArray<V1DeploymentCondition> Conditions()
    {
        var enough = _available >= state.MinAvailable;
        var available = enough
            ? Set(Available, ("True", "MinimumReplicasAvailable", "Deployment has minimum availability."))
            : Set(Available, ("False", "MinimumReplicasUnavailable", "Deployment does not have minimum availability."));
        return ProgressingNow() is { } progressing ? [available, progressing] : [available];
    }

    private V1DeploymentCondition? ProgressingNow()
    {
        if (Progress is { } caused)
        {
            return Set(Progressing, caused);
        }
        var told = Told(Progressing);
        if (state.IsPaused || state.Spec.ProgressDeadlineSeconds is null)
        {
            return told;
        }
        // A rollout that is over stays over: pods that fail later are no rollout that hangs.
        if (told?.Reason == "NewReplicaSetAvailable" && (_told.Replicas ?? 0) == (_told.UpdatedReplicas ?? 0)
            && _replicas == _updated)
        {
            return told;
        }
        var name = state.New is { } present ? $"ReplicaSet \"{present.Metadata.Name}\""
            : $"Deployment \"{state.Meta.Name}\"";
        if (IsComplete())
        {
            return Set(Progressing, ("True", "NewReplicaSetAvailable", $"{name} has successfully progressed."));
        }
        if (HasProgressed())
        {
            return Set(Progressing, ("True", "ReplicaSetUpdated", $"{name} is progressing."), moved: true);
        }
        return Judge(told, name);
    }

    private V1DeploymentCondition? Judge(V1DeploymentCondition? told, string name)
    {
        if (told is null || told.Reason is "ProgressDeadlineExceeded")
        {
            return told ?? Set(Progressing, ("True", "ReplicaSetUpdated", $"{name} is progressing."));
        }
        var since = (told.LastUpdateTime ?? told.LastTransitionTime).ToMoment() ?? now;
        var left = since.AddSeconds(state.Spec.ProgressDeadlineSeconds ?? 600) - now;
        if (left <= TimeSpan.Zero)
        {
            return Set(Progressing, ("False", "ProgressDeadlineExceeded", $"{name} has timed out progressing."));
        }
        Deadline = left + TimeSpan.FromSeconds(1);
        return told;
    }

    private bool IsComplete() =>
        _updated == state.Replicas && _replicas == state.Replicas && _available == state.Replicas
            && state.New is not null;

    private bool HasProgressed()
    {
        var (toldUpdated, toldReplicas) = (_told.UpdatedReplicas ?? 0, _told.Replicas ?? 0);
        return _updated > toldUpdated || _replicas - _updated < toldReplicas - toldUpdated
            || _ready > (_told.ReadyReplicas ?? 0) || _available > (_told.AvailableReplicas ?? 0);
    }

    private V1DeploymentCondition? Told(string type) => _told.Conditions?.FirstOrDefault(c => c.Type == type);

    private IEnumerable<V1DeploymentCondition> Foreign() =>
        _told.Conditions?.Where(c => c.Type is not (Available or Progressing)) ?? [];

    /// <summary>The told condition itself where nothing changes, so that identity tells whether to write.</summary>
    private V1DeploymentCondition Set(string type, (string Status, string Reason, string Message) said,
        bool moved = false)
    {
        var told = Told(type);
        if (told is not null && told.Status == said.Status && told.Reason == said.Reason && !moved)
        {
            return told;
        }
        return new V1DeploymentCondition
        {
            Type = type,
            Status = said.Status,
            Reason = said.Reason,
            Message = said.Message,
            LastUpdateTime = now.UtcDateTime,
            LastTransitionTime = told?.Status == said.Status ? told.LastTransitionTime : now.UtcDateTime,
        };
    }

    private static JsonObject ToJson(V1DeploymentCondition condition) => new()
    {
        ["type"] = condition.Type,
        ["status"] = condition.Status,
        ["reason"] = condition.Reason,
        ["message"] = condition.Message,
        ["lastUpdateTime"] = Time(condition.LastUpdateTime),
        ["lastTransitionTime"] = Time(condition.LastTransitionTime),
    };

    private static string? Time(DateTime? time) => time.ToMoment() is { } moment ? Writer.Rfc3339(moment) : null;
}
