using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Nodes;
using Mainstay.ConsoleSite.Actions;
using Mainstay.Kube;

namespace Mainstay.Restarts;

/// <summary>
/// Moves pods away from a cordoned node without a service having fewer than it asks for: a deployment is grown by as
/// many pods as it has there, which come up elsewhere; once they are ready, in the routers' sense where there is a
/// gate, it shrinks again, and the pods of the node are the ones that go.
/// </summary>
internal sealed class NodeDrain(KubeHttp api, string node, TimeProvider time)
{
    /// <summary>Deployments moved at the same time.</summary>
    private const int AtOnceMax = 4;

    private static readonly TimeSpan MoveDeadline = TimeSpan.FromSeconds(120);
    private static readonly TimeSpan Look = TimeSpan.FromSeconds(1);
    private const string RoutedGate = "mainstay.dev/routed";
    private const string DeletionCost = "controller.kubernetes.io/pod-deletion-cost";

    /// <summary>Reasons under which the gate is open, and not every router has the pod as ready (docs/controllers.md).
    /// </summary>
    private static readonly ImmutableArray<string> NotYetRouted = ["Listed", "Unproven"];

    private readonly Lock _lock = new(); // guards the list of what is grown
    private readonly List<DeploymentSize> _grown = [];
    private bool _isClosedByUs;

    /// <summary>Lets no new pods onto the node.</summary>
    /// <returns>false where somebody has closed it already: then it stays closed in the end</returns>
    /// <exception cref="ActionException">the API server refused</exception>
    public async Task<bool> CloseAsync(CancellationToken cancellationToken)
    {
        using var found = await Guarded(() => api.GetAsync($"/api/v1/nodes/{node}", cancellationToken));
        if (found.RootElement.Child("spec")?.Flag("unschedulable") == true)
        {
            return false;
        }

        // Before it is written: a write whose answer is lost may have been done.
        _isClosedByUs = true;
        await CordonAsync(true, cancellationToken);
        return true;
    }

    /// <summary>Opens the node, if it was us who closed it.</summary>
    /// <returns>whether it was</returns>
    public async Task<bool> OpenAsync(CancellationToken cancellationToken)
    {
        if (!_isClosedByUs)
        {
            return false;
        }

        await CordonAsync(null, cancellationToken);
        _isClosedByUs = false;
        return true;
    }

    /// <exception cref="ActionException">replacements did not come up, or the API server refused</exception>
    public async Task MoveAsync(
        ImmutableArray<Mover> movers, IActionTeller tell, CancellationToken cancellationToken)
    {
        foreach (var some in movers.Chunk(AtOnceMax))
        {
            await Task.WhenAll(some.Select(mover => MoveAsync(mover, tell, cancellationToken)));
        }
    }

    /// <summary>Gives every deployment that is grown still what it asked for.</summary>
    public async Task ShrinkAllAsync(CancellationToken cancellationToken)
    {
        DeploymentSize[] grown;
        lock (_lock)
        {
            grown = [.. _grown];
        }

        foreach (var size in grown)
        {
            await size.ShrinkAsync(cancellationToken);
        }
    }

    private async Task MoveAsync(Mover mover, IActionTeller tell, CancellationToken cancellationToken)
    {
        var name = mover.Deployment.Name;
        foreach (var pod in mover.PodsHere)
        {
            await MarkAsync(mover.Deployment.Namespace, pod, cancellationToken);
        }

        var size = new DeploymentSize(api, mover.Deployment);
        lock (_lock)
        {
            _grown.Add(size);
        }

        var more = await size.GrowAsync(mover.PodsHere.Length, cancellationToken);
        tell.Tell($"deployment/{mover.Deployment}", "grow", $"{size.From} -> {more}, the new ones elsewhere");
        await UntilAsync(
            $"{name}: {mover.PodsHere.Length} replacements are not ready elsewhere",
            async () =>
            {
                await size.ExpectAsync(cancellationToken);
                return await CountAsync(mover.Deployment, here: false, cancellationToken) >= size.From;
            });
        await size.ShrinkAsync(cancellationToken);
        lock (_lock)
        {
            _grown.Remove(size);
        }

        await UntilAsync(
            $"{name}: its pods do not leave {node}",
            async () => await CountAsync(mover.Deployment, here: true, cancellationToken) == 0);
        tell.Tell($"deployment/{mover.Deployment}", "moved", $"{mover.PodsHere.Length} away from {node}");
    }

    /// <summary>Makes it the pod that goes when its deployment shrinks. One that has gone needs no mark.</summary>
    private async Task MarkAsync(string space, string pod, CancellationToken cancellationToken)
    {
        var patch = new JsonObject
        {
            ["metadata"] = new JsonObject { ["annotations"] = new JsonObject { [DeletionCost] = "-1000" } },
        };
        try
        {
            using var answer = await api.MergeAsync(
                $"/api/v1/namespaces/{space}/pods/{pod}", patch, cancellationToken);
        }
        catch (KubeStatusException fault) when (fault.IsNotFound)
        {
            // Gone since the node was looked at.
        }
        catch (Exception fault) when (ApiFaults.IsOfTheWorld(fault))
        {
            throw ApiFaults.Told(fault);
        }
    }

    /// <summary>Elsewhere only pods count that are ready, to all routers where there is the gate; here all that there
    /// are.</summary>
    private async Task<int> CountAsync(ObjectKey deployment, bool here, CancellationToken cancellationToken)
    {
        var lists = await Guarded(() => ClusterLists.ReadAsync(api, cancellationToken));
        var sets = lists.ReplicaSets.Where(set => ObjectKey.Of(set).Namespace == deployment.Namespace
                && NodeMoves.Owner(set, "Deployment") == deployment.Name)
            .Select(set => ObjectKey.Of(set).Name)
            .ToHashSet(StringComparer.Ordinal);
        return lists.Pods.Count(pod =>
            ObjectKey.Of(pod).Namespace == deployment.Namespace && sets.Contains(NodeMoves.Owner(pod, "ReplicaSet"))
            && (pod.Child("spec")?.Text("nodeName") == node) == here
            && (here || (IsTrue(pod, "Ready", []) && IsRouted(pod))));
    }

    private static bool IsRouted(JsonElement pod) =>
        pod.Child("spec")?.Items("readinessGates").Any(gate => gate.Text("conditionType") == RoutedGate) != true
        || IsTrue(pod, RoutedGate, NotYetRouted);

    private static bool IsTrue(JsonElement pod, string type, ImmutableArray<string> but) =>
        pod.Child("status")?.Items("conditions").Any(condition => condition.Text("type") == type
            && condition.Text("status") == "True" && !but.Contains(condition.Text("reason"))) ?? false;

    private async Task CordonAsync(bool? isCordoned, CancellationToken cancellationToken)
    {
        var patch = new JsonObject { ["spec"] = new JsonObject { ["unschedulable"] = isCordoned } };
        using var answer = await Guarded(() =>
            api.MergeAsync($"/api/v1/nodes/{node}", patch, cancellationToken));
    }

    private async Task UntilAsync(string late, Func<Task<bool>> isDone)
    {
        var began = time.GetTimestamp();
        while (!await isDone())
        {
            if (time.GetElapsedTime(began) >= MoveDeadline)
            {
                throw new ActionException($"{late} after {MoveDeadline.TotalSeconds:0} s");
            }

            await Task.Delay(Look, time, CancellationToken.None);
        }
    }

    private static async Task<T> Guarded<T>(Func<Task<T>> ask)
    {
        try
        {
            return await ask();
        }
        catch (Exception fault) when (ApiFaults.IsOfTheWorld(fault))
        {
            throw ApiFaults.Told(fault);
        }
    }
}
