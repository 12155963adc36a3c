namespace Mainstay.Store;

/// <summary>Every bound of the store, with its unit and its reason.</summary>
internal static class Limits
{
    /// <summary>Bytes of a write request: etcd's default, which clients and kube-apiserver know.</summary>
    public const int RequestBytesMax = 1536 * 1024;

    /// <summary>
    /// Bytes that gRPC accepts before we can answer with etcd's own error: etcd allows 512 KiB above.
    /// </summary>
    public const int MessageBytesMax = RequestBytesMax + (512 * 1024);

    /// <summary>Operations of a transaction, nested ones included: etcd's default.</summary>
    public const int TxnOpsMax = 128;

    /// <summary>Seconds of a lease: etcd's bound, which keeps the arithmetic far from overflow.</summary>
    public const long LeaseTtlSecondsMax = 9_000_000_000;

    /// <summary>
    /// Seconds of a lease: etcd's floor at its default election timeout; a shorter one is lengthened.
    /// </summary>
    public const long LeaseTtlSecondsMin = 2;

    /// <summary>
    /// Writes that wait for the disk: beyond it the store answers "too many requests" and does not grow.
    /// </summary>
    public const int PendingWritesMax = 20_000;

    /// <summary>
    /// Requests in one batch, and thus in one sync: enough for the gain, little enough for an even latency.
    /// </summary>
    public const int BatchRequestsMax = 1_024;

    /// <summary>Bytes of the requests of one batch: far below the largest frame.</summary>
    public const long BatchBytesMax = 32 * 1024 * 1024;

    /// <summary>Revisions whose history one step of compaction takes away: about a millisecond.</summary>
    public const int CompactionStepRevisions = 4_096;

    /// <summary>Leases ended in one go, so that a mass expiry does not hold up the writers.</summary>
    public const int LeasesEndedMax = 1_000;

    /// <summary>
    /// Changed bytes in one watch response before the next is begun; a single revision may be larger.
    /// </summary>
    public const int WatchResponseBytes = 1024 * 1024;

    /// <summary>Revisions that one turn of a watcher looks through before the next watcher has its turn.</summary>
    public const int WatchScanRevisions = 10_000;

    /// <summary>Watchers on one stream: a bound against a client that loses count.</summary>
    public const int WatchersPerStreamMax = 100_000;

    /// <summary>
    /// Control messages waiting on one watch stream; a client that sends more without reading is cut off.
    /// </summary>
    public const int WatchControlsMax = 110_000;

    /// <summary>Streams of one connection: Kestrel's default of 100 would stall clients that watch much.</summary>
    public const int StreamsPerConnectionMax = 100_000;

    /// <summary>Bytes that the log grows by at once, so that most syncs change no file size.</summary>
    public const long LogGrowthBytes = 4 * 1024 * 1024;

    /// <summary>Bytes of log after which a checkpoint replaces it, where the store itself is smaller.</summary>
    public const long CheckpointLogBytesMin = 64 * 1024 * 1024;

    /// <summary>Bytes of one frame of the log: the largest that a reader believes.</summary>
    public const int FrameBytesMax = 1024 * 1024 * 1024;

    /// <summary>Bytes of one frame of a checkpoint.</summary>
    public const int CheckpointFrameBytes = 1024 * 1024;
}
