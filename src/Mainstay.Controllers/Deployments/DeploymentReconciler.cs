using System.Collections.Immutable;
using k8s.Models;
using Mainstay.Controllers.Core;
using Mainstay.Kube;

namespace Mainstay.Controllers.Deployments;

/// <summary>
/// Brings a deployment's replica sets to what its template and number say, one step at a time: each step is taken on
/// caches that have seen the step before. In order: adopt, make the new set, follow a changed number, roll, forget old
/// sets, tell the status.
/// </summary>
internal sealed class DeploymentReconciler(ClusterCaches caches) : IReconciler
{
    public string Name => "deployments";

    public void Wire(ClusterCaches caches, WorkQueue queue)
    {
        caches.Deployments.Objects.AddListener(change => queue.Add(change.Key));
        caches.ReplicaSets.AddMetaListener((old, fresh) =>
        {
            AddOwnerOf(old, queue);
            AddOwnerOf(fresh, queue);
        });
        // Recreate waits for the last old pod to be gone, of which no replica set's status tells.
        caches.Pods.AddMetaListener((old, fresh) =>
        {
            if (fresh is null && old is not null && Ownership.ControllerOf(old) is { } set)
            {
                AddOwnerOf(caches.ReplicaSets.Find(new ObjectKey(old.NamespaceProperty ?? "", set.Name)), queue);
            }
        });
    }

    public Outcome Reconcile(ObjectKey key, DateTimeOffset now)
    {
        if (caches.Deployments.Get(key) is not { } deployment)
        {
            return Outcome.Nothing;
        }
        var selector = LabelSelector.FromObject(deployment.Raw.Child("spec")?.Child("selector"));
        var owner = new Owner(Kinds.Deployment, deployment.Metadata, selector);
        var claim = Ownership.Of(owner, Kinds.ReplicaSet, caches.ReplicaSets.In(key.Namespace), _ => true);
        var state = new DeploymentState(deployment, claim.Owned);
        if (selector.IsEverything || deployment.Metadata.DeletionTimestamp is not null)
        {
            // A selector that is empty would take every set of the namespace; Kubernetes leaves it alone as well.
            return Outcome.Nothing;
        }
        if (claim.Writes.Length > 0)
        {
            // What is adopted is patched, and later patches of this step would not know its new revision.
            return new Outcome(claim.Writes, TimeSpan.Zero);
        }
        return Step(state, owner, now);
    }

    private Outcome Step(DeploymentState state, Owner owner, DateTimeOffset now)
    {
        if (state.IsPaused || Scaling.IsDue(state))
        {
            var progress = state.IsPaused
                ? ("Unknown", "DeploymentPaused", "Deployment is paused") : ((string, string, string)?)null;
            return Finish(state, Scale(state, Scaling.Steps(state)),
                new DeploymentStatus(state, now) { Progress = progress });
        }
        if (state.IsRecreate && (Rollout.DrainSteps(state) is { IsEmpty: false } || OldPodsRemain(state)))
        {
            return Finish(state, Scale(state, Rollout.DrainSteps(state)), new DeploymentStatus(state, now));
        }
        if (state.New is not { } present)
        {
            return Begin(state, owner, now);
        }
        var refresh = Revision.Refresh(state, present, now).ToImmutableArray();
        if (refresh.Length > 0)
        {
            return new Outcome(refresh, TimeSpan.Zero);
        }
        var steps = Rollout.RollingSteps(state, present);
        var resumed = state.Deployment.Model.Status?.Conditions?.FirstOrDefault(c => c.Type == "Progressing");
        var status = new DeploymentStatus(state, now)
        {
            Progress = resumed?.Reason == "DeploymentPaused"
                ? ("Unknown", "DeploymentResumed", "Deployment is resumed") : null,
        };
        return Finish(state, [.. Scale(state, steps), .. Revision.Forget(state)], status);
    }

    private Outcome Begin(DeploymentState state, Owner owner, DateTimeOffset now)
    {
        var (create, collisions) = NewReplicaSet.Of(state, owner, caches, now);
        var status = new DeploymentStatus(state, now)
        {
            Progress = ("True", "NewReplicaSetCreated", $"Created new replica set \"{create.Key.Name}\""),
            Collisions = collisions > 0 ? collisions : null,
        };
        var note = Note(state, $"Scaled up replica set {create.Key.Name} to {create.Body["spec"]?["replicas"]}");
        return Finish(state, [create, note], status);
    }

    private static Outcome Finish(DeploymentState state, ImmutableArray<Write> writes, DeploymentStatus status)
    {
        var patch = status.Patch();
        return new Outcome(patch is null ? writes : [.. writes, patch], status.Deadline);
    }

    private static ImmutableArray<Write> Scale(DeploymentState state, ImmutableArray<Scaled> steps)
    {
        var writes = ImmutableArray.CreateBuilder<Write>();
        foreach (var step in steps)
        {
            writes.Add(Scaling.Write(state, step));
            var direction = step.Replicas.CompareTo(DeploymentState.Wanted(step.Set));
            if (direction != 0)
            {
                var word = direction > 0 ? "up" : "down";
                writes.Add(Note(state, $"Scaled {word} replica set {step.Set.Metadata.Name} to {step.Replicas}"));
            }
        }
        return writes.ToImmutable();
    }

    private bool OldPodsRemain(DeploymentState state) => state.Old.Any(s =>
        caches.Pods.OwnedBy(s.Metadata.Uid).Any(p => p.Status?.Phase is not ("Succeeded" or "Failed")));

    private static RecordEvent Note(DeploymentState state, string message) =>
        new(Kinds.Deployment, state.Meta.Key(), state.Meta.Uid) { Reason = "ScalingReplicaSet", Message = message };

    private void AddOwnerOf(V1ObjectMeta? set, WorkQueue queue)
    {
        if (set is null)
        {
            return;
        }
        if (Ownership.ControllerOf(set) is { } controller)
        {
            if (controller.Kind == Kinds.Deployment.Kind)
            {
                queue.Add(new ObjectKey(set.NamespaceProperty ?? "", controller.Name));
            }
            return;
        }
        foreach (var deployment in caches.Deployments.In(set.NamespaceProperty ?? ""))
        {
            queue.Add(deployment.Metadata.Key());
        }
    }
}
