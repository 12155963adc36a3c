using System.Diagnostics.Metrics;
using Mainstay.Store.Mvcc;
using Mainstay.Store.Watch;

namespace Mainstay.Store;

/// <summary>A count that is cheap to raise from many threads.</summary>
internal sealed class Tally
{
    private long _count;

    public long Count => Interlocked.Read(ref _count);

    public void Add(long count = 1) => Interlocked.Add(ref _count, count);
}

/// <summary>
/// The store's metrics, named <c>mainstay_store_*</c>, and the few of etcd's names that dashboards and alerts are
/// built on. They are listed in docs/store.md.
/// </summary>
internal sealed class StoreMetrics
{
    public const string MeterName = "Mainstay.Store";

    // 0.1 ms to 2 s: a sync takes 0.2 ms on a good disk and 10 ms on a bad one.
    private static readonly double[] CommitSeconds =
        [0.0001, 0.00025, 0.0005, 0.001, 0.002, 0.004, 0.008, 0.016, 0.032, 0.064, 0.128, 0.256, 0.512, 1, 2];

    private static readonly int[] BatchWrites = [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024];

    private readonly Meter _meter;
    private readonly Histogram<double> _commitSeconds;
    private readonly Histogram<double> _etcdCommitSeconds;
    private readonly Histogram<int> _batchWrites;
    private long _streams;

    public StoreMetrics(IMeterFactory meters)
    {
        _meter = meters.Create(MeterName);
        var advice = new InstrumentAdvice<double> { HistogramBucketBoundaries = CommitSeconds };
        _commitSeconds = _meter.CreateHistogram(
            "mainstay_store_commit_duration_seconds", advice: advice,
            description: "A batch of writes: carried out, written and synced");
        _etcdCommitSeconds = _meter.CreateHistogram(
            "etcd_disk_backend_commit_duration_seconds", advice: advice,
            description: "The same as mainstay_store_commit_duration_seconds, under the name that etcd's alerts use");
        _batchWrites = _meter.CreateHistogram(
            "mainstay_store_commit_writes",
            advice: new InstrumentAdvice<int> { HistogramBucketBoundaries = BatchWrites },
            description: "Writes that shared one sync");
        _meter.CreateObservableCounter(
            "mainstay_store_request_total", ObserveRequests, description: "Requests by method");
        _meter.CreateObservableCounter(
            "mainstay_store_watch_event_total", () => Events.Count, description: "Events sent to watchers");
    }

    public Tally Ranges { get; } = new();

    public Tally Puts { get; } = new();

    public Tally Deletes { get; } = new();

    public Tally Txns { get; } = new();

    public Tally Compactions { get; } = new();

    public Tally Events { get; } = new();

    public void StreamOpened() => Interlocked.Increment(ref _streams);

    public void StreamClosed() => Interlocked.Decrement(ref _streams);

    public void Committed(int writes, TimeSpan took)
    {
        _commitSeconds.Record(took.TotalSeconds);
        _etcdCommitSeconds.Record(took.TotalSeconds);
        _batchWrites.Record(writes);
    }

    public void Observe(StoreEngine engine, WatchHub hub, LeaseKeeper leases, long quotaBytes)
    {
        Gauge("mainstay_store_revision", () => engine.View.Revision, "The revision of the last durable write");
        Gauge("mainstay_store_compact_revision", () => engine.View.CompactRevision, "History begins here");
        Gauge("mainstay_store_keys", () => engine.View.Use.Keys, "Keys that exist");
        Gauge("mainstay_store_versions", () => engine.View.Use.Versions, "Kept versions of all keys");
        Gauge("mainstay_store_bytes", () => engine.View.Use.Bytes, "Memory of all kept versions");
        Gauge("mainstay_store_quota_bytes", () => quotaBytes, "Memory beyond which puts are refused");
        Gauge("mainstay_store_log_bytes", () => engine.LogBytes, "The log's last segment");
        Gauge("mainstay_store_out_of_space", () => engine.View.Use.IsOutOfSpace ? 1 : 0, "1: the NOSPACE alarm");
        Gauge("mainstay_store_disk_full", () => engine.IsDiskFull ? 1 : 0, "1: no room for the last write");
        Gauge("mainstay_store_leases", () => engine.View.Leases.Count, "Leases that exist");
        Gauge("mainstay_store_watchers", () => hub.Count, "Watchers");
        Gauge("mainstay_store_watchers_behind", () => hub.CountBehind(), "Watchers with something to be told");
        Gauge("mainstay_store_watch_streams", () => Interlocked.Read(ref _streams), "Watch streams");
        _meter.CreateObservableCounter(
            "mainstay_store_lease_ended_total", () => leases.EndedCount, description: "Leases that nobody renewed");
        ObserveAsEtcd(engine, hub, quotaBytes);
    }

    private void ObserveAsEtcd(StoreEngine engine, WatchHub hub, long quotaBytes)
    {
        Gauge("etcd_server_has_leader", () => 1, "Always 1: one member leads itself");
        Gauge("etcd_server_quota_backend_bytes", () => quotaBytes, "As mainstay_store_quota_bytes");
        Gauge("etcd_mvcc_db_total_size_in_bytes", () => engine.View.Use.Bytes, "As mainstay_store_bytes");
        Gauge("etcd_mvcc_db_total_size_in_use_in_bytes", () => engine.View.Use.Bytes, "As mainstay_store_bytes");
        Gauge("etcd_debugging_mvcc_keys_total", () => engine.View.Use.Keys, "As mainstay_store_keys");
        Gauge("etcd_debugging_mvcc_watcher_total", () => hub.Count, "As mainstay_store_watchers");
    }

    private void Gauge(string name, Func<long> read, string description) =>
        _meter.CreateObservableGauge(name, read, description: description);

    private Measurement<long>[] ObserveRequests() =>
    [
        new(Ranges.Count, new KeyValuePair<string, object?>("method", "range")),
        new(Puts.Count, new KeyValuePair<string, object?>("method", "put")),
        new(Deletes.Count, new KeyValuePair<string, object?>("method", "delete_range")),
        new(Txns.Count, new KeyValuePair<string, object?>("method", "txn")),
        new(Compactions.Count, new KeyValuePair<string, object?>("method", "compact")),
    ];
}
