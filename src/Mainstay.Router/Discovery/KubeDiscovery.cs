using Mainstay.Kube;

namespace Mainstay.Router.Discovery;

/// <summary>
/// The way of a change in the router, one file per step:
/// <code>
///     ObjectSources   Services and slices by list and watch -> DiscoveredObjects
///     IObjectStage    what may change them on the way, such as the brake
///     TablePublisher  the table, swapped in
///     SnapshotKeeper  the table on the disk
/// </code>
/// A table from the disk stays until both kinds have been listed once; the last table stays for any silence. An object
/// that makes no sense is kept out alone: its last good value stays in use, be it from before or from the snapshot.
/// </summary>
internal sealed class KubeDiscovery : IDiscovery, IDisposable
{
    private readonly KubeHttp _http;
    private readonly DiscoveryParts _parts;
    private readonly ObjectSources _sources;
    private readonly TablePublisher _publisher;
    private readonly SnapshotKeeper _snapshot;

    public KubeDiscovery(KubeHttp http, DiscoveryParts parts, DiscoveryWorld world)
    {
        (_http, _parts) = (http, parts);
        _sources = new ObjectSources(http, world);
        _publisher = new TablePublisher(_sources, parts, world);
        _snapshot = new SnapshotKeeper(parts.Protections.Snapshot ? parts.Snapshot : null, world);
        _sources.Changed = _publisher.Touch;
    }

    public DiscoveryView View
    {
        get
        {
            var state = _sources.IsWatching ? SourceState.Live
                : !_sources.Synced.IsCompleted && _parts.Tables.Current.Revision > 0 ? SourceState.Snapshot
                : SourceState.Connecting;
            var server = _http.Server.ToString().TrimEnd('/');
            return new DiscoveryView(server, state, _sources.HeardAgo, _snapshot.Age, _sources.Quarantined);
        }
    }

    /// <summary>What is routed on, for those who judge it.</summary>
    public DiscoveredObjects Current => _publisher.Current;

    /// <summary>Asks for a new table: a stage changed its mind.</summary>
    public void Republish() => _publisher.Touch();

    /// <summary>Before anything else: what was known when the router last ran.</summary>
    public void LoadSnapshot()
    {
        if (_snapshot.Load() is { } saved)
        {
            _publisher.Restore(saved, "the snapshot");
        }
    }

    public Task RunAsync(CancellationToken cancellationToken) => Task.WhenAll(
        _sources.RunAsync(cancellationToken),
        _publisher.RunAsync(_http.Server.ToString(), cancellationToken),
        _snapshot.RunAsync(
            () => _publisher.Current, () => View.State == SourceState.Live, cancellationToken));

    public void Dispose() => _http.Dispose();
}
