using System.Collections.Immutable;
using Mainstay.Kernel;
using Mainstay.Kube;
using Mainstay.Router.Discovery.Freshness;
using Microsoft.Extensions.Logging;

namespace Mainstay.Router.Discovery;

/// <summary>
/// Where discovered objects come from: Services, and EndpointSlices or Endpoints, by list and watch. As long as an API
/// server is not heard what was known stays known. Its loops are owned by <see cref="RunAsync"/>; the rest is for any
/// thread.
/// </summary>
internal sealed class ObjectSources
{
    private readonly KubeHttp _http;
    private readonly DiscoveryParts _parts;
    private readonly DiscoveryWorld _world;
    private readonly ReflectorWorld _reflection;
    private readonly SourceReports _reports;
    private readonly ObjectCache<ServiceObject> _services;
    private readonly ObjectCache<SliceSet> _slices;
    private readonly Reflector<ServiceObject> _serviceReflector;
    private readonly TaskCompletionSource _synced = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Reflector<SliceSet>? _sliceReflector;
    private WatchedKind? _kind;

    public ObjectSources(KubeHttp http, DiscoveryParts parts, DiscoveryWorld world)
    {
        (_http, _parts, _world) = (http, parts, world);
        _reports = new SourceReports(parts, world);
        _services = _reports.NewCache<ServiceObject>("Service");
        _slices = _reports.NewCache<SliceSet>("endpoints");
        _reflection = new ReflectorWorld(http, world.Time, world.Random);
        EndpointsWatch = new WatchSight(() => Volatile.Read(ref _kind), () => SliceStatus);
        ServicesWatch = new WatchSight(() => WatchedKind.Services, () => ServiceStatus);
        EndpointNulls = new NullListReports(parts.Signals, parts.Node);
        var listeners = new TapListeners(
            () => Changed(), ServicesWatch.Heard, new NullListReports(parts.Signals, parts.Node));
        _serviceReflector = NewReflector(
            WatchedKind.Services, ServiceObject.Read,
            new HeartbeatTap<ServiceObject>(WatchedKind.Services, _services, listeners));
    }

    /// <summary>After each change, on the loop of the source that changed; set before the loops run.</summary>
    public Action Changed { get; set; } = () => { };

    /// <summary>The watch of what endpoints are read from.</summary>
    public WatchSight EndpointsWatch { get; }

    /// <summary>The watch of Services, which an API server caches apart.</summary>
    public WatchSight ServicesWatch { get; }

    /// <summary>Names objects of endpoints that have null for a list.</summary>
    public NullListReports EndpointNulls { get; }

    public AppliedRevision Applied { get; } = new();

    /// <summary>Objects of which a list that was asked for told what the watch had not.</summary>
    public long Repairs => _reports.Repairs;

    /// <summary>Completes when each kind has been listed once: half of the truth is not worth publishing.</summary>
    public Task Synced => _synced.Task;

    /// <summary>The server that the endpoints are watched on.</summary>
    public Uri Server => EndpointsWatch.Server;

    /// <summary>Whether each kind has been listed and has an open watch now.</summary>
    public bool IsWatching => Synced.IsCompletedSuccessfully && EndpointsWatch.IsWatching
        && ServicesWatch.IsWatching;

    /// <summary>Time since the quieter one of the kinds was heard; null before both were.</summary>
    public TimeSpan? HeardAgo =>
        ServiceStatus.HeardAgo is { } one && SliceStatus.HeardAgo is { } other
            ? (one > other ? one : other)
            : null;

    public IReadOnlyList<QuarantinedObject> Quarantined =>
        [.. _serviceReflector.Quarantine.Values, .. SliceQuarantine.Values];

    /// <summary>The heartbeat is a Service only so that it passes where Services do.</summary>
    private ImmutableDictionary<ObjectKey, ServiceObject> RoutedServices =>
        _services.Snapshot.Remove(Heartbeat.Key);

    private ReflectorStatus ServiceStatus => _serviceReflector.Status;

    private ReflectorStatus SliceStatus => Volatile.Read(ref _sliceReflector)?.Status
        ?? new ReflectorStatus(ReflectorPhase.Starting, false, "", null, _http.Server);

    private ImmutableDictionary<ObjectKey, QuarantinedObject> SliceQuarantine =>
        Volatile.Read(ref _sliceReflector)?.Quarantine ?? ImmutableDictionary<ObjectKey, QuarantinedObject>.Empty;

    /// <summary>Until cancelled.</summary>
    public Task RunAsync(CancellationToken cancellationToken) => Task.WhenAll(
        _serviceReflector.RunAsync(cancellationToken), FollowEndpointsAsync(cancellationToken));

    /// <summary>
    /// Leaves a server: new connections, to another server where there is one, and lists by quorum of both kinds, which
    /// are cached apart from each other in an API server.
    /// </summary>
    /// <param name="server">the one to leave</param>
    /// <param name="to">where to go; null for the next one</param>
    /// <param name="reason">one line</param>
    public void Leave(Uri server, Uri? to, string reason)
    {
        _http.Leave(server, to);
        _http.Renew();
        Volatile.Read(ref _sliceReflector)?.Relist(reason);
        _serviceReflector.Relist(reason);
    }

    /// <param name="lastGood">
    /// has the last good value of an object that has made no sense since this process began
    /// </param>
    public DiscoveredObjects Read(DiscoveredObjects lastGood)
    {
        var services = RoutedServices;
        foreach (var key in _serviceReflector.Quarantine.Keys)
        {
            if (!services.ContainsKey(key) && lastGood.Services.TryGetValue(key, out var last))
            {
                services = services.SetItem(key, last);
            }
        }

        var sets = _slices.Snapshot;
        var slices = ImmutableDictionary.CreateBuilder<ObjectKey, SliceObject>();
        foreach (var slice in sets.Values.SelectMany(set => set.Slices))
        {
            slices[slice.Key] = slice;
        }

        foreach (var key in SliceQuarantine.Keys.Where(key => !sets.ContainsKey(key)))
        {
            foreach (var last in lastGood.Slices.Values.Where(slice => EndpointsObject.IsOf(slice.Key, key)))
            {
                slices[last.Key] = last;
            }
        }

        return new DiscoveredObjects(services, slices.ToImmutable());
    }

    /// <summary>Services that a quorum list has and the watch has not told, or told otherwise.</summary>
    public ImmutableArray<ObjectKey> ServicesBehind(ServiceComparison list) =>
        list.Behind(RoutedServices, _serviceReflector.Quarantine.Keys);

    private Reflector<T> NewReflector<T>(
        WatchedKind kind, ObjectReader<T> read, IReflectorHandler<T> handler)
        where T : class
    {
        var protections = _parts.Protections;
        var options = new ReflectorOptions { Kind = kind.Kind, Path = kind.Path, IsStrict = !protections.Tolerance };
        if (!protections.Freshness)
        {
            options = options with { IdleLimit = Timeout.InfiniteTimeSpan };
        }

        var reader = protections.Tolerance ? read : StrictReading.Of(read);
        return new Reflector<T>(options, reader, handler, _reflection);
    }

    /// <summary>A cluster that is upgraded may serve another kind than before: then it is found anew.</summary>
    private async Task FollowEndpointsAsync(CancellationToken cancellationToken)
    {
        var backoff = new Backoff(new BackoffOptions(
            TimeSpan.FromMilliseconds(200), TimeSpan.FromSeconds(5), 2, 0.5), _world.Random);
        while (await EndpointKind.FindAsync(_parts.DiscoveryKind, _reflection, cancellationToken) is { } kind)
        {
            var began = _world.Time.GetTimestamp();
            if (kind != EndpointsWatch.Kind)
            {
                _world.Logger.EndpointsFrom(kind.Kind, kind.ApiVersion);
                Volatile.Write(ref _kind, kind);
            }

            using var known = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            await Task.WhenAll(FollowAsync(kind, known), LookForSlicesAsync(kind, known));
            if (_world.Time.GetElapsedTime(began) >= TimeSpan.FromMilliseconds(Limits.KindLastsMilliseconds))
            {
                backoff.Reset();
            }

            // A server that says it has the kind and then does not know it is not asked without pause.
            await Task.Delay(backoff.Next(), _world.Time, cancellationToken)
                .ContinueWith(_ => { }, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
        }
    }

    /// <summary>A cluster may get slices while it runs, and a server that just started may not have said all.</summary>
    private async Task LookForSlicesAsync(WatchedKind kind, CancellationTokenSource known)
    {
        try
        {
            while (_parts.DiscoveryKind == "auto" && !kind.IsSlices)
            {
                var pause = TimeSpan.FromMilliseconds(Limits.SlicesLookMilliseconds);
                await Task.Delay(pause * (1 + _world.Random.NextDouble()), _world.Time, known.Token);
                if (await EndpointKind.AskAsync(_parts.DiscoveryKind, _http, known.Token) is { IsSlices: true })
                {
                    await known.CancelAsync();
                }
            }
        }
        catch (OperationCanceledException) when (known.IsCancellationRequested)
        {
            // The kind is found anew, or the router stops.
        }
    }

    private async Task FollowAsync(WatchedKind kind, CancellationTokenSource known)
    {
        var listeners = new TapListeners(Changed, EndpointsWatch.Heard, EndpointNulls)
        {
            Advanced = Applied.Heard,
            NotFound = known.Cancel,
        };
        var tap = new HeartbeatTap<SliceSet>(kind, _slices, listeners);
        ObjectReader<SliceSet> read = kind.IsSlices ? SliceSet.ReadSlice : ReadEndpoints;
        var reflector = NewReflector(kind, read, tap);
        Volatile.Write(ref _sliceReflector, reflector);
        await Task.WhenAll(reflector.RunAsync(known.Token), TellSyncedAsync(reflector, known.Token));
    }

    private SliceSet ReadEndpoints(System.Text.Json.JsonElement endpoints)
    {
        var set = EndpointsObject.Read(endpoints);
        if (set.IsTruncated)
        {
            _reports.Truncated(set.Key);
        }

        return set;
    }

    private async Task TellSyncedAsync(Reflector<SliceSet> slices, CancellationToken cancellationToken)
    {
        try
        {
            await Task.WhenAll(_serviceReflector.Synced, slices.Synced).WaitAsync(cancellationToken);
            _synced.TrySetResult();
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // The router stops before it heard both.
        }
    }
}
