using System.Collections.Immutable;
using Mainstay.Kube;

namespace Mainstay.Router.Discovery;

/// <summary>
/// Where discovered objects come from: Services and EndpointSlices by list and watch. As long as an API server is not
/// heard what was known stays known. Its loops are owned by <see cref="RunAsync"/>; the rest is for any thread.
/// </summary>
internal sealed class ObjectSources
{
    private static readonly TimeSpan DisturbanceReport = TimeSpan.FromSeconds(30);

    private readonly DiscoveryWorld _world;
    private readonly ReflectorWorld _reflection;
    private readonly ObjectCache<ServiceObject> _services;
    private readonly ObjectCache<SliceObject> _slices;
    private readonly Reflector<ServiceObject> _serviceReflector;
    private readonly Dictionary<string, long> _disturbedAt = [];
    private readonly TaskCompletionSource _synced = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Reflector<SliceObject>? _sliceReflector;

    public ObjectSources(KubeHttp http, DiscoveryWorld world)
    {
        _world = world;
        _services = NewCache<ServiceObject>("Service");
        _slices = NewCache<SliceObject>("EndpointSlice");
        _reflection = new ReflectorWorld(http, world.Time, world.Random);
        var options = new ReflectorOptions { Kind = "Service", Path = "/api/v1/services" };
        _serviceReflector = new Reflector<ServiceObject>(options, ServiceObject.Read, _services, _reflection);
    }

    /// <summary>After each change, on the loop of the source that changed; set before the loops run.</summary>
    public Action? Changed { get; set; }

    /// <summary>Completes when each kind has been listed once: half of the truth is not worth publishing.</summary>
    public Task Synced => _synced.Task;

    /// <summary>Whether each kind has been listed and has an open watch now.</summary>
    public bool IsWatching => Synced.IsCompletedSuccessfully
        && _serviceReflector.Status.Phase == ReflectorPhase.Watching
        && Volatile.Read(ref _sliceReflector)?.Status.Phase == ReflectorPhase.Watching;

    /// <summary>Time since the quieter one of the kinds was heard; null before both were.</summary>
    public TimeSpan? HeardAgo =>
        _serviceReflector.Status.HeardAgo is { } one && Volatile.Read(ref _sliceReflector)?.Status.HeardAgo is { } other
            ? (one > other ? one : other)
            : null;

    public IReadOnlyList<QuarantinedObject> Quarantined =>
        [.. _serviceReflector.Quarantine.Values, .. SliceQuarantine.Values];

    private ImmutableDictionary<ObjectKey, QuarantinedObject> SliceQuarantine =>
        Volatile.Read(ref _sliceReflector)?.Quarantine ?? ImmutableDictionary<ObjectKey, QuarantinedObject>.Empty;

    /// <summary>Until cancelled.</summary>
    public Task RunAsync(CancellationToken cancellationToken) => Task.WhenAll(
        _serviceReflector.RunAsync(cancellationToken), FollowSlicesAsync(cancellationToken));

    /// <param name="lastGood">
    /// has the last good value of an object that has made no sense since this process began
    /// </param>
    public DiscoveredObjects Read(DiscoveredObjects lastGood) => new(
        WithLastGood(_services.Snapshot, lastGood.Services, _serviceReflector.Quarantine.Keys),
        WithLastGood(_slices.Snapshot, lastGood.Slices, SliceQuarantine.Keys));

    private static ImmutableDictionary<ObjectKey, T> WithLastGood<T>(
        ImmutableDictionary<ObjectKey, T> live,
        ImmutableDictionary<ObjectKey, T> saved,
        IEnumerable<ObjectKey> quarantined)
    {
        foreach (var key in quarantined)
        {
            if (!live.ContainsKey(key) && saved.TryGetValue(key, out var last))
            {
                live = live.SetItem(key, last);
            }
        }

        return live;
    }

    private ObjectCache<T> NewCache<T>(string kind)
        where T : class
    {
        var cache = new ObjectCache<T>
        {
            OnDisturbed = disturbed => Disturbed(kind, disturbed),
            OnQuarantined = bad => _world.Logger.Quarantined(bad.Kind, bad.Key, bad.Reason),
        };
        cache.AddListener(_ => Changed?.Invoke());
        return cache;
    }

    /// <summary>An outage may last for days: it is told when it begins, and then now and then.</summary>
    private void Disturbed(string kind, ReflectorDisturbance disturbance)
    {
        lock (_disturbedAt)
        {
            if (_disturbedAt.TryGetValue(kind, out var at) && _world.Time.GetElapsedTime(at) < DisturbanceReport)
            {
                return;
            }

            _disturbedAt[kind] = _world.Time.GetTimestamp();
        }

        _world.Logger.DiscoveryDisturbed(kind, disturbance.Server, disturbance.Reason, disturbance.NextTryIn);
    }

    private async Task FollowSlicesAsync(CancellationToken cancellationToken)
    {
        if (await SliceApi.FindAsync(_reflection, cancellationToken) is not { } path)
        {
            return;
        }

        var options = new ReflectorOptions { Kind = "EndpointSlice", Path = path };
        var reflector = new Reflector<SliceObject>(options, SliceObject.Read, _slices, _reflection);
        Volatile.Write(ref _sliceReflector, reflector);
        await Task.WhenAll(reflector.RunAsync(cancellationToken), TellSyncedAsync(reflector, cancellationToken));
    }

    private async Task TellSyncedAsync(Reflector<SliceObject> slices, CancellationToken cancellationToken)
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
