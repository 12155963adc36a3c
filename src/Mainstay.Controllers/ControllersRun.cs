using System.Diagnostics.Metrics;
using Mainstay.Controllers.Core;
using Mainstay.Controllers.DaemonSets;
using Mainstay.Controllers.Deployments;
using Mainstay.Controllers.Endpoints;
using Mainstay.Controllers.Garbage;
using Mainstay.Controllers.Namespaces;
using Mainstay.Controllers.NodeHealth;
using Mainstay.Controllers.ReplicaSets;
using Mainstay.Controllers.Routed;
using Mainstay.Controllers.Scheduling;
using Mainstay.Controllers.Signals;
using Mainstay.Kube;

namespace Mainstay.Controllers;

/// <summary>One life of the controllers: ask what is served, read everything, then act.</summary>
internal sealed class ControllersRun(ControllersOptions options, KubeHttp http, LoopWorld world)
{
    private ClusterReflectors? _reflectors;

    /// <summary>What is wrong, as the controllers see it; nothing before the API server answers.</summary>
    public ControllersSignals Signals { get; } = new(world, new HeartbeatSeen(world.Time, () => http.Server),
        options.Listen);

    public bool IsReady => Volatile.Read(ref _reflectors)?.AreSynced == true;

    /// <summary>Runs until cancelled, and then returns. An exception ends all of it.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        try
        {
            var served = await new ServedKinds(http, world).FindAsync(world.Caches.All.Select(c => c.Kind), stop.Token);
            var pulse = new NodePulse(world.Time, TimeSpan.FromSeconds(options.NodeGraceSeconds));
            var loops = Loops(served, pulse).Select(r => new ControlLoop(r, world)).ToList();
            loops.ForEach(loop => loop.Wire());
            var reflectors = new ClusterReflectors(http, world, served);
            Volatile.Write(ref _reflectors, reflectors);
            Observe(loops, reflectors);
            await EndTogetherAsync(stop,
            [
                reflectors.RunAsync(stop.Token),
                reflectors.GuardAsync(() => Signals.Heartbeat.Hop, stop.Token),
                ActAsync(loops, reflectors, stop.Token),
            ]);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // Asked to end.
        }
    }

    private List<IReconciler> Loops(HashSet<KubeKind> served, NodePulse pulse)
    {
        var patience = TimeSpan.FromSeconds(options.PodEvictionSeconds);
        var nodeWorld = new NodeHealthWorld(world.Caches, patience, world.Log) { HeardAgo = NodesHeardAgo };
        var gate = new GateAdding(world.Caches, options.HasGate);
        var routed = new RoutedReconciler(world.Caches)
        {
            IsOn = options.HasGate,
            HasSlices = served.Contains(Kinds.EndpointSlice),
        };
        var nodes = new NodeHealthReconciler(pulse, nodeWorld);
        Signals.Heartbeat.Wire(world.Caches, routed.HasSlices);
        Signals.Pending = () => routed.Pending.Values;
        Signals.Nodes = () => nodes.Judgement;
        var loops = new List<IReconciler>
        {
            new DeploymentReconciler(world.Caches),
            new ReplicaSetReconciler(world.Caches, world.Chance()) { Gate = gate },
            routed,
            new EndpointsReconciler(world.Caches),
            new SchedulerReconciler(world.Caches),
            new DaemonSetReconciler(world.Caches, world.Chance(), served.Contains(Kinds.ControllerRevision))
            {
                Gate = gate,
            },
            nodes,
            new GarbageReconciler(),
            new LostPodReconciler(world.Caches),
            new NamespaceReconciler(world.Caches),
        };
        if (served.Contains(Kinds.ServiceAccount))
        {
            loops.Add(new ServiceAccountReconciler(world.Caches));
        }
        if (served.Contains(Kinds.EndpointSlice))
        {
            loops.Add(new EndpointSliceReconciler(world.Caches, world.Chance()));
        }
        return loops;
    }

    private async Task ActAsync(List<ControlLoop> loops, ClusterReflectors reflectors,
        CancellationToken cancellationToken)
    {
        await reflectors.SyncedAsync(cancellationToken);
        world.Log.Synced(loops.Count);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var tasks = new List<Task>();
        if (options.LeaderElect)
        {
            var identity = $"{Environment.MachineName}_{Environment.ProcessId}_{world.Chance().Next():x}";
            var election = new LeaderElection(http, world, identity);
            await election.AcquireAsync(cancellationToken);
            tasks.Add(election.RenewAsync(stop.Token));
        }
        tasks.AddRange(loops.Select(loop => loop.RunAsync(stop.Token)));
        tasks.Add(Signals.RunAsync(stop.Token));
        await EndTogetherAsync(stop, tasks);
    }

    /// <summary>When one ends, unexpectedly or not, the others are ended and awaited.</summary>
    private static async Task EndTogetherAsync(CancellationTokenSource stop, List<Task> tasks)
    {
        await Task.WhenAny(tasks);
        await stop.CancelAsync();
        await Task.WhenAll(tasks);
    }

    /// <summary>How long neither a node nor a lease of one has been heard of.</summary>
    private TimeSpan NodesHeardAgo() => Volatile.Read(ref _reflectors)?.States
        .Where(s => s.Kind == Kinds.Node || s.Kind == Kinds.Lease)
        .Min(s => s.Status.HeardAgo) ?? TimeSpan.MaxValue;

    private void Observe(List<ControlLoop> loops, ClusterReflectors reflectors)
    {
        Signals.Observe(world.Metrics);
        world.Metrics.Observe("mainstay_controllers_queue_depth",
            () => loops.Select(l => new Measurement<double>(l.Queue.Depth, Tag("loop", l.Name))));
        world.Metrics.Observe("mainstay_controllers_cache_heard_ago_seconds",
            () => reflectors.States.Select(s =>
                new Measurement<double>(s.Status.HeardAgo?.TotalSeconds ?? double.PositiveInfinity,
                    Tag("kind", s.Kind.Kind))));
        world.Metrics.Observe("mainstay_controllers_cache_synced",
            () => reflectors.States.Select(s =>
                new Measurement<double>(s.Status.Synced ? 1 : 0, Tag("kind", s.Kind.Kind))));
        world.Metrics.Observe("mainstay_controllers_cache_revision",
            () => reflectors.States.Select(s =>
                new Measurement<double>(Revisions.Parse(s.Status.Revision), Tag("kind", s.Kind.Kind))));
    }

    private static KeyValuePair<string, object?> Tag(string name, string value) => new(name, value);
}
