using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json.Nodes;
using k8s.Models;
using Mainstay.Controllers.Core;

namespace Mainstay.Controllers.Deployments;

/// <summary>
/// A change of the wished number, which is no rollout: the sets that have pods grow or shrink in proportion, so that
/// the share of the new template stays what it was.
/// </summary>
internal static class Scaling
{
    /// <summary>Whether a set still goes by another wished number.</summary>
    public static bool IsDue(DeploymentState state) => state.Sets.Any(s => DeploymentState.Wanted(s) > 0
        && Revision.Number(s.Metadata, Revision.DesiredAnnotation) is { } desired && desired != state.Replicas);

    public static ImmutableArray<Scaled> Steps(DeploymentState state)
    {
        var active = state.Sets.Where(s => DeploymentState.Wanted(s) > 0).ToImmutableArray();
        var only = active.Length switch
        {
            0 => state.New ?? state.Old.LastOrDefault(),
            1 => active[0],
            _ => null,
        };
        if (only is not null)
        {
            // Written even where the number fits already, as long as the set goes by another wished number.
            var desired = Revision.Number(only.Metadata, Revision.DesiredAnnotation);
            return DeploymentState.Wanted(only) == state.Replicas && desired == state.Replicas ? []
                : [new Scaled(only, state.Replicas)];
        }
        if (active.IsEmpty)
        {
            return [];
        }
        if (IsSaturated(state))
        {
            return Rollout.DrainSteps(state);
        }
        return state.IsRecreate ? [.. active.Select(s => new Scaled(s, DeploymentState.Wanted(s)))]
            : Proportional(state, active);
    }

    /// <summary>The wished number goes with each scaling, so that the next change of it is seen.</summary>
    public static void Annotate(JsonObject notes, DeploymentState state)
    {
        notes[Revision.DesiredAnnotation] = state.Replicas.ToString(CultureInfo.InvariantCulture);
        notes[Revision.MaxAnnotation] = (state.Replicas + state.MaxSurge).ToString(CultureInfo.InvariantCulture);
    }

    public static PatchObject Write(DeploymentState state, Scaled step)
    {
        var metadata = Ownership.Precondition(step.Set.Metadata);
        var notes = new JsonObject();
        Annotate(notes, state);
        metadata["annotations"] = notes;
        return new PatchObject(Kinds.ReplicaSet, step.Set.Metadata.Key(), new JsonObject
        {
            ["metadata"] = metadata,
            ["spec"] = new JsonObject { ["replicas"] = step.Replicas },
        });
    }

    private static bool IsSaturated(DeploymentState state) => state.New is { } present
        && DeploymentState.Wanted(present) == state.Replicas
        && Revision.Number(present.Metadata, Revision.DesiredAnnotation) == state.Replicas
        && DeploymentState.Available(present) == state.Replicas;

    private static ImmutableArray<Scaled> Proportional(DeploymentState state, ImmutableArray<Kept<V1ReplicaSet>> active)
    {
        var allowed = state.Replicas > 0 ? state.Replicas + state.MaxSurge : 0;
        var toAdd = allowed - active.Sum(DeploymentState.Wanted);
        // Largest first; among equals the newer one grows first and the older one shrinks first.
        var ordered = active.OrderByDescending(DeploymentState.Wanted).ThenBy(s => s.Metadata.CreationTimestamp)
            .ToList();
        if (toAdd > 0)
        {
            ordered = [.. active.OrderByDescending(DeploymentState.Wanted)
                .ThenByDescending(s => s.Metadata.CreationTimestamp)];
        }
        var wanted = ordered.ToDictionary(s => s.Metadata.Uid, DeploymentState.Wanted);
        var left = toAdd;
        foreach (var set in ordered)
        {
            var fraction = Fraction(state, set);
            var share = toAdd > 0 ? Math.Clamp(fraction, 0, left) : Math.Clamp(fraction, left, 0);
            wanted[set.Metadata.Uid] = Math.Max(0, wanted[set.Metadata.Uid] + share);
            left -= share;
        }
        var first = ordered[0].Metadata.Uid;
        wanted[first] = Math.Max(0, wanted[first] + left);
        return [.. ordered.Select(s => new Scaled(s, wanted[s.Metadata.Uid]))];
    }

    private static int Fraction(DeploymentState state, Kept<V1ReplicaSet> set)
    {
        var current = DeploymentState.Wanted(set);
        var max = Revision.Number(set.Metadata, Revision.MaxAnnotation) ?? state.Deployment.Model.Status?.Replicas ?? 0;
        if (state.Replicas == 0)
        {
            return -current;
        }
        return max == 0 ? 0
            : (int)Math.Round(current * (double)(state.Replicas + state.MaxSurge) / max,
                MidpointRounding.AwayFromZero) - current;
    }
}
