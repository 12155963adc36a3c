using System.Collections.Immutable;
using k8s.Models;
using Mainstay.Controllers.Core;

namespace Mainstay.Controllers.Deployments;

/// <summary>
/// The arithmetic of a rolling update. For 10 pods, surge 3, unavailable 2: 3 new ones are made (13 in all), 2 old ones
/// go (8 old stay available), and each new one that becomes available lets an old one go and another new one come.
/// At no step are there fewer than wished minus unavailable available, or more than wished plus surge in all.
/// </summary>
internal static class Rollout
{
    /// <summary>How many pods the new set may have now, given that it has <paramref name="current"/>.</summary>
    public static int NewSetReplicas(DeploymentState state, int current)
    {
        if (state.IsRecreate)
        {
            return state.Replicas;
        }
        // Kubernetes counts wished numbers here, and so has more than the surge for as long as a replica set has not
        // deleted what it was told to. We wait for it: room is what no pod takes, not what no pod should take.
        var room = state.AreObserved ? state.Replicas + state.MaxSurge - state.PresentAtMost : 0;
        return room <= 0 ? current : current + Math.Min(room, state.Replicas - current);
    }

    /// <summary>The next scalings of a rolling update; none when it is done or has to wait for pods.</summary>
    public static ImmutableArray<Scaled> RollingSteps(DeploymentState state, Kept<V1ReplicaSet> present)
    {
        var current = DeploymentState.Wanted(present);
        var wanted = current > state.Replicas ? state.Replicas : NewSetReplicas(state, current);
        return wanted != current ? [new Scaled(present, wanted)] : OldSetSteps(state, present);
    }

    /// <summary>Recreate: first nothing old, then everything new.</summary>
    public static ImmutableArray<Scaled> DrainSteps(DeploymentState state) =>
        [.. state.Old.Where(s => DeploymentState.Wanted(s) > 0).Select(s => new Scaled(s, 0))];

    private static ImmutableArray<Scaled> OldSetSteps(DeploymentState state, Kept<V1ReplicaSet> present)
    {
        var newUnavailable = DeploymentState.Wanted(present) - DeploymentState.Available(present);
        var mayGo = state.WantedOfAll - state.MinAvailable - newUnavailable;
        if (mayGo <= 0)
        {
            return [];
        }
        var wanted = state.Old.ToDictionary(s => s.Metadata.Uid, DeploymentState.Wanted);
        var budget = mayGo;
        foreach (var set in state.Old)
        {
            // What is not ready serves nobody: it goes first, whatever the availability is. What is ready and not
            // available, because some router lags, may serve those that have it.
            var unhealthy = Math.Min(budget, DeploymentState.Wanted(set) - DeploymentState.Ready(set));
            wanted[set.Metadata.Uid] -= unhealthy;
            budget -= unhealthy;
        }
        var spare = state.Sets.Sum(DeploymentState.Available) - state.MinAvailable;
        foreach (var set in state.Old)
        {
            var going = Math.Clamp(Math.Min(spare, budget), 0, wanted[set.Metadata.Uid]);
            wanted[set.Metadata.Uid] -= going;
            spare -= going;
            budget -= going;
        }
        return [.. state.Old.Where(s => wanted[s.Metadata.Uid] != DeploymentState.Wanted(s))
            .Select(s => new Scaled(s, wanted[s.Metadata.Uid]))];
    }
}

/// <summary>A set and the number of pods it is to have.</summary>
internal sealed record Scaled(Kept<V1ReplicaSet> Set, int Replicas);
