using System.Collections.Immutable;
using System.Threading.Channels;
using Mainstay.Kube;
using Mainstay.Router.Pipeline;
using Microsoft.Extensions.Logging;

namespace Mainstay.Router.Discovery;

/// <summary>
/// Services and EndpointSlices by list and watch, into tables. As long as the API server is not heard the last table
/// stays,
/// for any time; a table from the disk stays until both kinds have been listed once. An object that makes no sense is
/// kept
/// out alone: its last good value stays in use, be it from before or from the snapshot.
/// </summary>
internal sealed class KubeDiscovery : IDiscovery, IDisposable
{
    private static readonly TimeSpan SnapshotRefresh = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan DisturbanceReport = TimeSpan.FromSeconds(30);

    private readonly KubeHttp _http;
    private readonly TableSource _tables;
    private readonly SnapshotFile? _file;
    private readonly ILogger _logger;
    private readonly TimeProvider _time;
    private readonly ObjectCache<ServiceObject> _services;
    private readonly ObjectCache<SliceObject> _slices;
    private readonly Reflector<ServiceObject> _serviceReflector;
    private readonly ReflectorWorld _reflection;
    private readonly Channel<bool> _changed = Channel.CreateBounded<bool>(
        new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite, SingleReader = true });

    private readonly Dictionary<string, long> _disturbedAt = [];
    private Reflector<SliceObject>? _sliceReflector;
    private DiscoveredObjects _saved = DiscoveredObjects.None;
    private DiscoveredObjects _current = DiscoveredObjects.None;
    private long _savedAtTicks;

    public KubeDiscovery(KubeHttp http, TableSource tables, SnapshotFile? file, DiscoveryWorld world)
    {
        _http = http;
        _tables = tables;
        _file = file;
        (_logger, _time) = (world.Logger, world.Time);
        _services = NewCache<ServiceObject>("Service");
        _slices = NewCache<SliceObject>("EndpointSlice");
        _reflection = new ReflectorWorld(http, world.Time, world.Random);
        var options = new ReflectorOptions { Kind = "Service", Path = "/api/v1/services" };
        _serviceReflector = new Reflector<ServiceObject>(options, ServiceObject.Read, _services, _reflection);
    }

    public DiscoveryView View
    {
        get
        {
            var services = _serviceReflector.Status;
            var slices = Volatile.Read(ref _sliceReflector)?.Status;
            var synced = services.Synced && slices is { Synced: true };
            var watching = services.Phase == ReflectorPhase.Watching && slices?.Phase == ReflectorPhase.Watching;
            var state = synced && watching ? SourceState.Live
                : !synced && _tables.Current.Revision > 0 ? SourceState.Snapshot : SourceState.Connecting;
            var heard = services.HeardAgo is { } one && slices?.HeardAgo is { } other
                ? (one > other ? one : other)
                : (TimeSpan?)null;
            return new DiscoveryView(_http.Server.ToString().TrimEnd('/'), state, heard, SnapshotAge, Quarantined);
        }
    }

    private TimeSpan? SnapshotAge => Volatile.Read(ref _savedAtTicks) is var ticks and not 0
        ? _time.GetUtcNow() - new DateTimeOffset(ticks, TimeSpan.Zero)
        : null;

    private IReadOnlyList<QuarantinedObject> Quarantined =>
        [.. _serviceReflector.Quarantine.Values, .. SliceQuarantine.Values];

    private ImmutableDictionary<ObjectKey, QuarantinedObject> SliceQuarantine =>
        Volatile.Read(ref _sliceReflector)?.Quarantine ?? ImmutableDictionary<ObjectKey, QuarantinedObject>.Empty;

    /// <summary>Before anything else: what was known when the router last ran.</summary>
    public void LoadSnapshot()
    {
        try
        {
            if (_file?.Read() is not { } snapshot)
            {
                return;
            }

            _saved = snapshot.Objects;
            _current = snapshot.Objects;
            Volatile.Write(ref _savedAtTicks, snapshot.SavedAt.UtcTicks);
            _tables.Publish(TableBuilder.Build(snapshot.Objects, _tables.Current));
            var age = _time.GetUtcNow() - snapshot.SavedAt;
            _logger.SnapshotLoaded(_file.Path, age);
            LogTable("the snapshot");
        }
        catch (SnapshotRefusedException refused)
        {
            _logger.SnapshotRefused(_file?.Path ?? "", refused.Message);
        }
    }

    public Task RunAsync(CancellationToken cancellationToken) => Task.WhenAll(
        _serviceReflector.RunAsync(cancellationToken),
        FollowSlicesAsync(cancellationToken),
        SaveAsync(cancellationToken));

    public void Dispose() => _http.Dispose();

    private ObjectCache<T> NewCache<T>(string kind)
        where T : class
    {
        var cache = new ObjectCache<T>
        {
            OnDisturbed = disturbed => Disturbed(kind, disturbed),
            OnQuarantined = bad => _logger.Quarantined(bad.Kind, bad.Key, bad.Reason),
        };
        cache.AddListener(_ => _changed.Writer.TryWrite(true));
        return cache;
    }

    /// <summary>An outage may last for days: it is told when it begins, and then now and then.</summary>
    private void Disturbed(string kind, ReflectorDisturbance disturbance)
    {
        lock (_disturbedAt)
        {
            if (_disturbedAt.TryGetValue(kind, out var at) && _time.GetElapsedTime(at) < DisturbanceReport)
            {
                return;
            }

            _disturbedAt[kind] = _time.GetTimestamp();
        }

        _logger.DiscoveryDisturbed(kind, disturbance.Server, disturbance.Reason, disturbance.NextTryIn);
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
        await Task.WhenAll(reflector.RunAsync(cancellationToken), PublishAsync(reflector, cancellationToken));
    }

    private async Task PublishAsync(Reflector<SliceObject> slices, CancellationToken cancellationToken)
    {
        try
        {
            // Half of the truth (services without their slices) would be worse than what the snapshot knows.
            await Task.WhenAll(_serviceReflector.Synced, slices.Synced).WaitAsync(cancellationToken);
            Publish();
            LogTable(_http.Server.ToString());
            while (await _changed.Reader.WaitToReadAsync(cancellationToken))
            {
                await Task.Delay(
                    TimeSpan.FromMilliseconds(Limits.PublishDebounceMilliseconds), _time, cancellationToken);
                _changed.Reader.TryRead(out _);
                Publish();
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // The router stops; the table stays as it is.
        }
    }

    private void Publish()
    {
        var services = WithLastGood(_services.Snapshot, _saved.Services, _serviceReflector.Quarantine.Keys);
        var slices = WithLastGood(_slices.Snapshot, _saved.Slices, SliceQuarantine.Keys);
        var objects = new DiscoveredObjects(services, slices);
        Volatile.Write(ref _current, objects);
        var table = TableBuilder.Build(objects, _tables.Current);
        if (!ReferenceEquals(table, _tables.Current))
        {
            _tables.Publish(table);
        }
    }

    /// <summary>
    /// For an object that has made no sense since this process began, the snapshot has the last good value.
    /// </summary>
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

    /// <summary>Writes what is routed on soon after it changed, and now and then to say that it still holds.</summary>
    private async Task SaveAsync(CancellationToken cancellationToken)
    {
        var written = DiscoveredObjects.None;
        var writtenAt = _time.GetTimestamp();
        try
        {
            while (_file is not null)
            {
                await Task.Delay(
                    TimeSpan.FromMilliseconds(Limits.SnapshotDebounceMilliseconds), _time, cancellationToken);
                var current = Volatile.Read(ref _current);
                var isDue = _time.GetElapsedTime(writtenAt) >= SnapshotRefresh;
                if (View.State == SourceState.Live && (!ReferenceEquals(current, written) || isDue))
                {
                    Save(_file, current);
                    written = current;
                    writtenAt = _time.GetTimestamp();
                }
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // What was written last is whole.
        }
    }

    private void Save(SnapshotFile file, DiscoveredObjects objects)
    {
        try
        {
            var now = _time.GetUtcNow();
            file.Write(objects, now);
            Volatile.Write(ref _savedAtTicks, now.UtcTicks);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            _logger.NotWritten(file.Path, fault.Message);
        }
    }

    private void LogTable(string source)
    {
        var table = _tables.Current;
        var endpoints = table.Services.Sum(service => service.Ports.Sum(port => port.Endpoints.Length));
        _logger.TableFrom(table.Revision, source, table.Services.Length, endpoints);
    }
}

/// <summary>What discovery needs of the world.</summary>
internal sealed record DiscoveryWorld(ILogger Logger, TimeProvider Time, Random Random);
