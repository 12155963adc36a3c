using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using k8s.Models;
using Mainstay.Controllers.Core;

namespace Mainstay.Controllers.Deployments;

/// <summary>A deployment, its replica sets parted in the one of the present template and the others, and its
/// numbers.</summary>
internal sealed record DeploymentState(Kept<V1Deployment> Deployment, ImmutableArray<Kept<V1ReplicaSet>> Sets)
{
    /// <summary>The set of the present template; the oldest, should there be two; null before it is made.</summary>
    public Kept<V1ReplicaSet>? New { get; } = Sets
        .Where(s => PodTemplate.AreAlike(s.Raw, Deployment.Raw))
        .OrderBy(s => s.Metadata.CreationTimestamp).ThenBy(s => s.Metadata.Name, StringComparer.Ordinal)
            .FirstOrDefault();

    /// <summary>The sets of earlier templates, oldest first.</summary>
    public ImmutableArray<Kept<V1ReplicaSet>> Old =>
        [.. Sets.Where(s => s.Metadata.Uid != New?.Metadata.Uid)
            .OrderBy(s => s.Metadata.CreationTimestamp).ThenBy(s => s.Metadata.Name, StringComparer.Ordinal)];

    public V1ObjectMeta Meta => Deployment.Metadata;

    public JsonElement Raw => Deployment.Raw;

    public V1DeploymentSpec Spec => Deployment.Model.Spec;

    public int Replicas => Spec.Replicas ?? 1;

    public bool IsRecreate => Spec.Strategy?.Type == "Recreate";

    public bool IsPaused => Spec.Paused == true;

    /// <summary>Pods above the wished number that a rollout may have.</summary>
    public int MaxSurge => IsRecreate ? 0 : Resolve(Spec.Strategy?.RollingUpdate?.MaxSurge, roundUp: true);

    /// <summary>Pods below the wished number that may be unavailable; at least one where there is no surge.</summary>
    public int MaxUnavailable
    {
        get
        {
            if (IsRecreate)
            {
                return 0;
            }
            var unavailable = Resolve(Spec.Strategy?.RollingUpdate?.MaxUnavailable, roundUp: false);
            return Math.Min(Replicas, unavailable == 0 && MaxSurge == 0 ? 1 : unavailable);
        }
    }

    public int MinAvailable => Replicas - MaxUnavailable;

    public static int Wanted(Kept<V1ReplicaSet> set) => set.Model.Spec.Replicas ?? 1;

    /// <summary>
    /// Available pods of a set that stay: its status may still count pods that a scale-down has already given up. Where
    /// pods have the readiness gate, only those count that every router has as ready.
    /// </summary>
    public static int Available(Kept<V1ReplicaSet> set) =>
        Math.Min(set.Model.Status?.AvailableReplicas ?? 0, Wanted(set));

    /// <summary>Pods of a set that somebody may call: those that are ready, known to all routers or not.</summary>
    public static int Ready(Kept<V1ReplicaSet> set) => Math.Min(set.Model.Status?.ReadyReplicas ?? 0, Wanted(set));

    public int WantedOfAll => Sets.Sum(Wanted);

    /// <summary>Whether each set's status was made for the number that it has now.</summary>
    public bool AreObserved => Sets.All(s => (s.Model.Status?.ObservedGeneration ?? 0) >= (s.Metadata.Generation ?? 0));

    /// <summary>Pods there are, or will be without another scaling; an upper bound once the sets are
    /// observed.</summary>
    public int PresentAtMost => Sets.Sum(s => Math.Max(Wanted(s), s.Model.Status?.Replicas ?? 0));

    /// <summary>A share is taken of the wished number. Absent is Kubernetes' default, 25%.</summary>
    private int Resolve(IntOrString? value, bool roundUp)
    {
        var text = value?.Value ?? "25%";
        if (!text.EndsWith('%'))
        {
            return int.Parse(text, CultureInfo.InvariantCulture);
        }
        var share = Replicas * double.Parse(text[..^1], CultureInfo.InvariantCulture) / 100;
        return (int)(roundUp ? Math.Ceiling(share) : Math.Floor(share));
    }
}
