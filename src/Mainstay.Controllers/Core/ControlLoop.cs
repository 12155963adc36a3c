using Mainstay.Kernel;
using Mainstay.Kube;
using Microsoft.Extensions.Logging;

namespace Mainstay.Controllers.Core;

/// <summary>A kind of thing to keep right: what wakes it, and what to do about one key.</summary>
internal interface IReconciler
{
    /// <summary>The word for logs and metrics.</summary>
    string Name { get; }

    /// <summary>Subscribes to the caches, so that each change adds the keys it concerns. Called once, at the
    /// start.</summary>
    void Wire(ClusterCaches caches, WorkQueue queue);

    /// <summary>From what the caches say to what should be done. No I/O.</summary>
    Outcome Reconcile(ObjectKey key, DateTimeOffset now);
}

/// <summary>
/// The shell around a reconciler: takes keys one by one, waits until the caches have seen the last writes for the key,
/// performs the new ones. A key that fails waits for itself alone.
/// </summary>
internal sealed class ControlLoop(IReconciler reconciler, LoopWorld world)
{
    private readonly Expectations _expectations = new(world.Caches, world.Time);

    public string Name => reconciler.Name;

    public WorkQueue Queue { get; } = new(world.Time, world.Chance());

    public void Wire() => reconciler.Wire(world.Caches, Queue);

    /// <summary>Runs until cancelled, and then returns. The caches have been read before it is called.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            ObjectKey key;
            try
            {
                key = await Queue.TakeAsync(cancellationToken);
            }
            catch (OperationCanceledException)
            {
                return;
            }
            await LookAtAsync(key, cancellationToken);
        }
    }

    /// <summary>One key, whatever comes of it.</summary>
    public async Task LookAtAsync(ObjectKey key, CancellationToken cancellationToken)
    {
        if (!_expectations.AreMet(key))
        {
            // The event that meets them wakes the key; this is for the one that never comes.
            Queue.AddAfter(key, Limits.ExpectationPoll);
            return;
        }
        var startedAt = world.Time.GetTimestamp();
        try
        {
            var outcome = reconciler.Reconcile(key, world.Time.GetUtcNow());
            foreach (var write in outcome.Writes)
            {
                if (await world.PerformAsync(write, cancellationToken) is { } result)
                {
                    _expectations.Add(key, result);
                }
            }
            Queue.Succeeded(key);
            if (outcome.Again is { } again)
            {
                Queue.AddAfter(key, again);
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // The loop ends.
        }
        catch (Exception fault) when (fault is not InvariantException)
        {
            // Whatever is wrong with one object is wrong with that object alone.
            Fail(key, fault);
        }
        world.Metrics.Reconciled(Name, world.Time.GetElapsedTime(startedAt));
    }

    private void Fail(ObjectKey key, Exception fault)
    {
        var delay = Queue.Failed(key);
        if (fault is KubeStatusException { IsConflict: true })
        {
            if (world.Log.IsEnabled(LogLevel.Debug))
            {
                world.Log.Conflict(Name, key.ToString(), fault.Message);
            }
            return;
        }
        world.Metrics.Failed(Name);
        world.Log.ReconcileFailed(Name, key, delay, fault.Message);
    }
}

/// <summary>What a loop needs of the world.</summary>
internal sealed record LoopWorld(ClusterCaches Caches, TimeProvider Time, Random Random)
{
    /// <summary>Performs one write: <see cref="Writer.PerformAsync"/>, or a model of a cluster in a test.</summary>
    public required Func<Write, CancellationToken, Task<WriteResult?>> PerformAsync { get; init; }

    public required ControllersMetrics Metrics { get; init; }

    /// <summary>A source of chance of one's own: one is not thread safe, and each loop runs by itself.</summary>
    public Random Chance() => new(Random.Next());

    public required ILogger Log { get; init; }
}
