using k8s;
using k8s.Models;
using Mainstay.Controllers.Routed;
using Mainstay.Kernel.Signals;
using Mainstay.Kube;

namespace Mainstay.Controllers.Core;

/// <summary>Fills the caches: one reflector a served kind.</summary>
internal sealed class ClusterReflectors
{
    private readonly List<Func<CancellationToken, Task>> _runs = [];
    private readonly List<(KubeKind Kind, Func<ReflectorStatus> Status, Task Synced)> _states = [];
    private readonly List<Action<string>> _relists = [];
    private readonly LoopWorld _world;
    private readonly KubeHttp _http;

    public ClusterReflectors(KubeHttp http, LoopWorld world, IReadOnlySet<KubeKind> served)
    {
        (_world, _http) = (world, http);
        var caches = world.Caches;
        Add(caches.Pods, Model<V1Pod>, served);
        Add(caches.Nodes, Model<V1Node>, served);
        Add(caches.Namespaces, Model<V1Namespace>, served);
        Add(caches.Services, Model<V1Service>, served);
        Add(caches.Endpoints, Bare.Read, served);
        Add(caches.EndpointSlices, Bare.Read, served);
        Add(caches.Deployments, Kept<V1Deployment>.Read, served);
        Add(caches.ReplicaSets, Kept<V1ReplicaSet>.Read, served);
        Add(caches.DaemonSets, Kept<V1DaemonSet>.Read, served);
        Add(caches.ControllerRevisions, Kept<V1ControllerRevision>.Read, served);
        Add(caches.ServiceAccounts, Bare.ReadMetaOnly, served);
        Add(caches.ConfigMaps, Bare.ReadMetaOnly, served);
        Add(caches.Secrets, Bare.ReadMetaOnly, served);
        Add(caches.NodeLeases, Model<V1Lease>, served, (Kinds.Lease.In("kube-node-lease"), ""));
        Add(caches.RouterLeases, Bare.ReadMetaOnly, served, (Kinds.Lease.In("kube-system"), RouterSeen.Selector));
    }

    /// <summary>How fresh each kind is.</summary>
    public IEnumerable<(KubeKind Kind, ReflectorStatus Status)> States => _states.Select(s => (s.Kind, s.Status()));

    public Task SyncedAsync(CancellationToken cancellationToken) =>
        Task.WhenAll(_states.Select(s => s.Synced)).WaitAsync(cancellationToken);

    public bool AreSynced => _states.All(s => s.Synced.IsCompleted);

    /// <summary>
    /// Leaves an API server whose news stand still, and lists all of it anew. Runs until cancelled, and then returns.
    /// </summary>
    public async Task GuardAsync(Func<Hop> heartbeat, CancellationToken cancellationToken)
    {
        var guard = new StaleGuard(_world.Time);
        using var timer = new PeriodicTimer(Limits.SignalsJudged, _world.Time);
        try
        {
            while (await timer.WaitForNextTickAsync(cancellationToken))
            {
                if (heartbeat() is var hop && guard.IsDue(hop))
                {
                    var age = hop.Age?.TotalSeconds ?? 0;
                    _world.Log.Stale(_http.Server, age);
                    _http.Leave(_http.Server);
                    _relists.ForEach(relist => relist($"the heartbeat has not advanced for {age:0} s"));
                }
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // Asked to end.
        }
    }

    /// <summary>Runs until cancelled, and then returns.</summary>
    public Task RunAsync(CancellationToken cancellationToken) =>
        Task.WhenAll(_runs.Select(run => run(cancellationToken)));

    private static T Model<T>(System.Text.Json.JsonElement kubeObject) => KubernetesJson.Deserialize<T>(kubeObject);

    private void Add<T>(ClusterCache<T> cache, ObjectReader<T> read, IReadOnlySet<KubeKind> served,
        (string Path, string Labels)? part = null)
        where T : class, IMetadata<V1ObjectMeta>
    {
        if (!served.Contains(cache.Kind))
        {
            return;
        }
        var kind = cache.Kind.Kind;
        var options = new ReflectorOptions
        {
            Kind = kind,
            Path = part?.Path ?? cache.Kind.Everywhere,
            LabelSelector = part?.Labels ?? "",
            IdleLimit = Limits.WatchIdle,
        };
        var handler = new LoggingHandler<T>(cache.Objects, kind, _world.Log);
        var world = new ReflectorWorld(_http, _world.Time, _world.Chance());
        var reflector = new Reflector<T>(options, read, handler, world);
        _runs.Add(reflector.RunAsync);
        _relists.Add(reflector.Relist);
        _states.Add((cache.Kind, () => reflector.Status, reflector.Synced));
    }
}
