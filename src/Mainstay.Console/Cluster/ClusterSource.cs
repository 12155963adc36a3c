using System.Collections.Immutable;
using Mainstay.Kube;
using Microsoft.Extensions.Logging;

namespace Mainstay.ConsoleSite.Cluster;

/// <summary>
/// Lists and watches what pages show. Whatever the API server does, <see cref="View"/> answers: with what is known, and
/// how old it is. Until the first lists are complete that is what was read from disk. Thread safe.
/// </summary>
internal sealed class ClusterSource
{
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly ClusterView _lastKnown;
    private readonly ObjectCache<NodeObject> _nodes;
    private readonly ObjectCache<ServiceObject> _services;
    private readonly ObjectCache<SliceObject> _slices;
    private readonly ObjectCache<WorkloadObject> _deployments;
    private readonly ObjectCache<WorkloadObject> _daemonSets;
    private readonly ObjectCache<PodObject> _pods;
    private readonly ObjectCache<LeaseObject> _leases;
    private readonly ObjectCache<ReplicaSetObject> _replicaSets;
    private readonly LeaseBook _leaseBook;
    private ImmutableArray<KindWatch> _watches = [];
    private string? _kubeconfigFault = "the kubeconfig is not read yet";

    public ClusterSource(ClusterView lastKnown, TimeProvider time, ILogger<ClusterSource> logger)
    {
        _time = time;
        _logger = logger;
        _lastKnown = lastKnown with { FromDisk = true };
        _nodes = Cache<NodeObject>("Node");
        _services = Cache<ServiceObject>("Service");
        _slices = Cache<SliceObject>("EndpointSlice");
        _deployments = Cache<WorkloadObject>("Deployment");
        _daemonSets = Cache<WorkloadObject>("DaemonSet");
        _pods = Cache<PodObject>("Pod");
        _leases = Cache<LeaseObject>("Lease");
        _replicaSets = Cache<ReplicaSetObject>("ReplicaSet");
        _leaseBook = new LeaseBook(time);
        _leases.AddListener(_leaseBook.Take);
    }

    /// <summary>Waits for a kubeconfig that can be used, then watches until cancelled.</summary>
    public async Task RunAsync(string kubeconfigFile, CancellationToken cancellationToken)
    {
        using var http = await ConnectAsync(kubeconfigFile, cancellationToken);
        ReflectorWorld World() => new(http, _time, new Random());
        _watches =
        [
            Watch(Options("Node", "/api/v1/nodes"), NodeObject.Read, _nodes, World()),
            Watch(
                Options("Service", "/api/v1/services") with { LabelSelector = HeartbeatObjects.AreNot },
                ServiceObject.Read, _services, World()),
            Watch(
                Options("EndpointSlice", "/apis/discovery.k8s.io/v1/endpointslices"),
                SliceObject.Read, _slices, World()),
            Watch(
                Options("Deployment", "/apis/apps/v1/deployments"),
                WorkloadObject.ReadDeployment, _deployments, World()),
            Watch(
                Options("DaemonSet", "/apis/apps/v1/daemonsets"), WorkloadObject.ReadDaemonSet, _daemonSets, World()),
            Watch(
                Options("ReplicaSet", "/apis/apps/v1/replicasets"), ReplicaSetObject.Read, _replicaSets, World()),
            Watch(Options("Pod", "/api/v1/pods"), PodObject.Read, _pods, World()),
            Watch(
                Options("Lease", "/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases"),
                LeaseObject.Read, _leases, World()),
        ];
        await Task.WhenAll(_watches.Select(watch => watch.RunAsync(cancellationToken)));
    }

    public ClusterView View()
    {
        var watches = _watches;
        if (watches.Length == 0)
        {
            return _lastKnown with { Fault = Volatile.Read(ref _kubeconfigFault) };
        }

        var statuses = watches.Select(watch => (watch.Kind, Status: watch.Status())).ToList();
        var server = statuses[0].Status.Server.ToString();
        var silent = statuses.FirstOrDefault(kind => kind.Status.LastFault.Length > 0);
        var fault = silent.Status is { } status ? $"{silent.Kind}s: {status.LastFault}" : null;
        if (statuses.Any(kind => !kind.Status.Synced))
        {
            var waiting = string.Join(", ", statuses.Where(kind => !kind.Status.Synced).Select(kind => kind.Kind));
            return _lastKnown with { Server = server, Fault = fault ?? $"the first list is under way: {waiting}" };
        }

        var age = statuses.Max(kind => kind.Status.HeardAgo ?? TimeSpan.MaxValue);
        return new ClusterView
        {
            HeardAt = _time.GetUtcNow() - age,
            Server = server,
            Fault = fault,
            Nodes = Nodes(),
            Services = Services(),
            Revisions = RevisionView.Present(_replicaSets.Snapshot.Values),
            Quarantined = [.. watches.SelectMany(watch => watch.Quarantine()).Order(StringComparer.Ordinal)],
        };
    }

    private async Task<KubeHttp> ConnectAsync(string file, CancellationToken cancellationToken)
    {
        for (string? told = null; ;)
        {
            try
            {
                var options = new KubeHttpOptions { UserAgent = "mainstay-console", Time = _time };
                return KubeHttp.Create(Kubeconfig.Load(file), options);
            }
            catch (KubeconfigException fault)
            {
                Volatile.Write(ref _kubeconfigFault, fault.Message);
                if (told != fault.Message)
                {
                    _logger.NoKubeconfig(fault.Message);
                    told = fault.Message;
                }
            }

            await Task.Delay(TimeSpan.FromSeconds(2), _time, cancellationToken);
        }
    }

    private ImmutableArray<NodeView> Nodes()
    {
        var pods = _pods.Snapshot.Values
            .Where(pod => pod.Phase is not ("Succeeded" or "Failed"))
            .ToLookup(pod => pod.Node, StringComparer.Ordinal);
        return
        [
            .. _nodes.Snapshot.Values.OrderBy(node => node.Name, StringComparer.Ordinal).Select(node => new NodeView(
                node.Name,
                node.Zone,
                node.Address,
                node.Ready,
                node.Reason,
                node.Cordoned,
                node.Version,
                pods[node.Name].Count(),
                pods[node.Name].Count(pod => pod.Ready),
                _leaseBook.Of(node.Name),
                node.AgentPort)),
        ];
    }

    private ImmutableArray<ServiceView> Services()
    {
        var slices = _slices.Snapshot.Values.ToLookup(slice => slice.Service);
        var workloads = _deployments.Snapshot.Values.Concat(_daemonSets.Snapshot.Values)
            .ToLookup(workload => workload.Key.Namespace, StringComparer.Ordinal);
        return
        [
            .. _services.Snapshot.Values
                .Where(service => service.Type != "ExternalName")
                .OrderBy(service => service.Key.Namespace, StringComparer.Ordinal)
                .ThenBy(service => service.Key.Name, StringComparer.Ordinal)
                .Select(service => new ServiceView(
                    service.Key.Namespace,
                    service.Key.Name,
                    Desired(workloads[service.Key.Namespace], service),
                    slices[service.Key].SelectMany(slice => slice.Ready).Distinct().Count(),
                    slices[service.Key].SelectMany(slice => slice.NotReady).Distinct().Count())
                {
                    Journeys = service.Journeys,
                    Fallback = service.Fallback,
                    MadeAt = service.MadeAt,
                }),
        ];
    }

    private static int? Desired(IEnumerable<WorkloadObject> workloads, ServiceObject service)
    {
        var behind = workloads.Where(workload => workload.IsSelectedBy(service)).ToList();
        return behind.Count == 0 ? null : behind.Sum(workload => workload.Desired);
    }

    private ObjectCache<T> Cache<T>(string kind)
        where T : class => new()
        {
            OnDisturbed = fault => _logger.Disturbed(kind, fault.Server.ToString(), fault.Reason),
            OnQuarantined = fault => _logger.Quarantined(kind, fault.Key.ToString(), fault.Reason),
        };

    private static ReflectorOptions Options(string kind, string path) => new()
    {
        Kind = kind,
        Path = path,
        WatchTimeout = Limits.WatchTimeout,
        IdleLimit = Limits.WatchIdle,
    };

    private static KindWatch Watch<T>(
        ReflectorOptions options, ObjectReader<T> read, ObjectCache<T> cache, ReflectorWorld world)
        where T : class
    {
        var reflector = new Reflector<T>(options, read, cache, world);
        return new KindWatch(
            options.Kind,
            reflector.RunAsync,
            () => reflector.Status,
            () => reflector.Quarantine.Values.Select(bad => $"{bad.Kind} {bad.Key}: {bad.Reason}"));
    }

    /// <summary>A reflector without the type of its objects.</summary>
    private sealed record KindWatch(
        string Kind, Func<CancellationToken, Task> RunAsync, Func<ReflectorStatus> Status,
        Func<IEnumerable<string>> Quarantine);
}
