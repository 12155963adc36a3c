using System.Collections.Immutable;
using System.Text.Json.Nodes;
using Mainstay.ConsoleSite.Actions;
using Mainstay.Kube;

namespace Mainstay.Restarts;

/// <summary>
/// Moves pods away from a cordoned node without a service having fewer than it asks for: a deployment is grown by as
/// many pods as it has there, which come up elsewhere; once they are ready, in the routers' sense where there is a
/// gate,
/// it shrinks again, and the pods of the node are the ones that go.
/// </summary>
internal sealed class NodeDrain(KubeHttp api, string node, TimeProvider time)
{
    /// <summary>Deployments moved at the same time.</summary>
    private const int AtOnceMax = 4;

    private static readonly TimeSpan MoveDeadline = TimeSpan.FromSeconds(120);
    private static readonly TimeSpan Look = TimeSpan.FromSeconds(1);
    private const string DeletionCost = "controller.kubernetes.io/pod-deletion-cost";

    private readonly Lock _lock = new(); // guards the list of what is grown
    private readonly Dictionary<ObjectKey, int> _grown = [];

    public Task CordonAsync(bool isCordoned, CancellationToken cancellationToken) => PatchAsync(
        $"/api/v1/nodes/{node}",
        new JsonObject { ["spec"] = new JsonObject { ["unschedulable"] = isCordoned ? true : null } },
        cancellationToken);

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
        KeyValuePair<ObjectKey, int>[] grown;
        lock (_lock)
        {
            grown = [.. _grown];
        }

        foreach (var (deployment, replicas) in grown)
        {
            await ScaleAsync(deployment, replicas, cancellationToken);
        }
    }

    private async Task MoveAsync(Mover mover, IActionTeller tell, CancellationToken cancellationToken)
    {
        var (space, name) = (mover.Deployment.Namespace, mover.Deployment.Name);
        foreach (var pod in mover.PodsHere)
        {
            await PatchAsync(
                $"/api/v1/namespaces/{space}/pods/{pod}",
                new JsonObject
                {
                    ["metadata"] = new JsonObject { ["annotations"] = new JsonObject { [DeletionCost] = "-1000" } },
                },
                cancellationToken);
        }

        var more = mover.Replicas + mover.PodsHere.Length;
        lock (_lock)
        {
            _grown[mover.Deployment] = mover.Replicas;
        }

        await ScaleAsync(mover.Deployment, more, cancellationToken);
        tell.Tell($"deployment/{mover.Deployment}", "grow", $"{mover.Replicas} -> {more}, the new ones elsewhere");
        await UntilAsync(
            $"{name}: {mover.PodsHere.Length} replacements are not ready elsewhere",
            async () => await CountAsync(mover.Deployment, here: false, cancellationToken) >= mover.Replicas);
        await ScaleAsync(mover.Deployment, mover.Replicas, cancellationToken);
        lock (_lock)
        {
            _grown.Remove(mover.Deployment);
        }

        await UntilAsync(
            $"{name}: its pods do not leave {node}",
            async () => await CountAsync(mover.Deployment, here: true, cancellationToken) == 0);
        tell.Tell($"deployment/{mover.Deployment}", "moved", $"{mover.PodsHere.Length} away from {node}");
    }

    /// <summary>Elsewhere only ready pods count; here all that there are.</summary>
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
            && (here || IsReady(pod)));
    }

    private static bool IsReady(System.Text.Json.JsonElement pod) =>
        pod.Child("status")?.Items("conditions").Any(condition =>
            condition.Text("type") == "Ready" && condition.Text("status") == "True") ?? false;

    private Task ScaleAsync(ObjectKey deployment, int replicas, CancellationToken cancellationToken) => PatchAsync(
        $"/apis/apps/v1/namespaces/{deployment.Namespace}/deployments/{deployment.Name}",
        new JsonObject { ["spec"] = new JsonObject { ["replicas"] = replicas } },
        cancellationToken);

    private async Task PatchAsync(string path, JsonObject patch, CancellationToken cancellationToken)
    {
        using var answer = await Guarded(() => api.MergeAsync(path, patch, cancellationToken));
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
        catch (Exception fault) when (fault is HttpRequestException or KubeStatusException or TimeoutException
            or IOException)
        {
            throw new ActionException($"the API server: {fault.Message}");
        }
    }
}
