namespace Mainstay.ApiServer;

/// <summary>Every bound of the API server, with its unit and its reason.</summary>
internal static class Limits
{
    // === requests ===

    /// <summary>Bytes of a request's body: kube-apiserver's limit; etcd refuses 1.5 MiB by itself.</summary>
    public const int BodyBytesMax = 3 * 1024 * 1024;

    /// <summary>Bytes of an object in the store: etcd's limit of a request is 1.5 MiB, less its envelope.</summary>
    public const int ObjectBytesMax = 1_500_000;

    /// <summary>How long one call to the store may take before the client is told.</summary>
    public static readonly TimeSpan StoreTimeout = TimeSpan.FromSeconds(10);

    /// <summary>
    /// A store that was silent for longer makes the server not ready: a few missed probes, one a second.
    /// </summary>
    public static readonly TimeSpan StoreSilenceMax = TimeSpan.FromSeconds(5);

    /// <summary>
    /// Requests on one HTTP/2 connection at once: a client has a watch for each kind, and kubectl has more.
    /// </summary>
    public const int StreamsPerConnectionMax = 1000;

    /// <summary>
    /// A silent HTTP/2 client is pinged after this time, so that watches of a machine that is gone end.
    /// </summary>
    public static readonly TimeSpan ClientPingDelay = TimeSpan.FromSeconds(30);

    public static readonly TimeSpan ClientPingTimeout = TimeSpan.FromSeconds(10);

    /// <summary>How long requests may go on when the server stops. Watches end at once.</summary>
    public static readonly TimeSpan StopGrace = TimeSpan.FromSeconds(5);

    /// <summary>
    /// How often a patch or an unconditional update is tried again on a newer object, as in kube-apiserver.
    /// </summary>
    public const int ConflictRetriesMax = 5;

    /// <summary>Names tried for one generateName before the client is told to try again.</summary>
    public const int GenerateNameTriesMax = 8;

    /// <summary>Cluster addresses tried for one service before the range counts as full.</summary>
    public const int ServiceAddressTriesMax = 64;

    /// <summary>
    /// Objects read from the store at once by a list without a limit: bounds the memory of one answer.
    /// </summary>
    public const int ListPageObjectsMax = 500;

    /// <summary>Answers below this many bytes are not compressed: it costs more than it saves on loopback.</summary>
    public const int GzipBytesMin = 128 * 1024;

    // === watch ===

    /// <summary>Events kept per resource for watchers that resume: older ones get 410 and list again.</summary>
    public const int WatchHistoryEventsMax = 2048;

    /// <summary>Events a watcher may lag behind before it is cut: it resumes from where it was.</summary>
    public const int WatchBacklogEventsMax = 1024;

    /// <summary>
    /// How long a watch is served when the client names no time; the real one picks 30 to 60 minutes.
    /// </summary>
    public static readonly TimeSpan WatchTimeoutDefault = TimeSpan.FromMinutes(30);

    /// <summary>The longest time a client may name for a watch.</summary>
    public static readonly TimeSpan WatchTimeoutMax = TimeSpan.FromHours(24);

    /// <summary>
    /// How often a silent watch that asked for bookmarks gets one: often enough that a reader of seconds-old news can
    /// tell
    /// quiet from dead, and a few dozen bytes each.
    /// </summary>
    public static readonly TimeSpan BookmarkInterval = TimeSpan.FromSeconds(5);

    /// <summary>
    /// How long a read waits for the cache to reach a revision before it answers 504, as in kube-apiserver.
    /// </summary>
    public static readonly TimeSpan FreshnessWait = TimeSpan.FromSeconds(3);

    /// <summary>How often the store is asked to prove the progress of the watches.</summary>
    public static readonly TimeSpan ProgressInterval = TimeSpan.FromSeconds(1);

    // === what the server says of itself ===

    /// <summary>How often the heartbeat is looked for in the cache of EndpointSlices.</summary>
    public static readonly TimeSpan HeartbeatLookInterval = TimeSpan.FromMilliseconds(200);

    /// <summary>
    /// A store without an answered quorum read for longer has no quorum. etcd elects within about two seconds, and that
    /// is no cause for alarm; below <see cref="StoreSilenceMax"/>, so that the reason is told before /readyz fails.
    /// </summary>
    public static readonly TimeSpan QuorumSilenceMax = TimeSpan.FromSeconds(4);

    /// <summary>
    /// A member that refuses for longer is down: a restart of etcd by its node agent takes a second or two.
    /// </summary>
    public static readonly TimeSpan StoreMemberSilenceMax = TimeSpan.FromSeconds(4);

    /// <summary>
    /// Caches not proven current for longer are stale: the proof comes each second, and readers leave after ten.
    /// </summary>
    public static readonly TimeSpan CacheAgeMax = TimeSpan.FromSeconds(6);

    /// <summary>A stale cache is current again below this age: two proofs in a row.</summary>
    public static readonly TimeSpan CacheAgeToClear = TimeSpan.FromSeconds(2.5);

    /// <summary>
    /// A call to the store that takes longer is slow: half of etcd's election timeout of a second, ten times what a
    /// sound disk needs.
    /// </summary>
    public static readonly TimeSpan StoreSlowCall = TimeSpan.FromMilliseconds(500);

    /// <summary>Slow calls within the window that raise the signal; it is cleared when none is left.</summary>
    public const int StoreSlowCallsToRaise = 3;

    public static readonly TimeSpan StoreLatencyWindow = TimeSpan.FromSeconds(10);

    /// <summary>Calls remembered for it at most: ten seconds of a busy server, a few dozen KiB.</summary>
    public const int StoreLatencyCallsMax = 4096;

    /// <summary>How long a change of the members or their versions is told as just made.</summary>
    public static readonly TimeSpan MembershipChangeWindow = TimeSpan.FromMinutes(10);

    // === housekeeping ===

    /// <summary>How long an event is kept, as in kube-apiserver.</summary>
    public static readonly TimeSpan EventTtl = TimeSpan.FromHours(1);

    /// <summary>Events of this span share a lease, so that the store holds 60 of them and not thousands.</summary>
    public static readonly TimeSpan EventLeaseShare = TimeSpan.FromMinutes(1);

    /// <summary>How often the store's history is cut, as in kube-apiserver.</summary>
    public static readonly TimeSpan CompactionInterval = TimeSpan.FromMinutes(5);

    /// <summary>The longest graceful deletion a client may ask for.</summary>
    public const long GracePeriodSecondsMax = 7 * 24 * 3600;

    /// <summary>How often what the server itself owns (namespaces, its service) is looked after.</summary>
    public static readonly TimeSpan BootstrapInterval = TimeSpan.FromSeconds(30);

    /// <summary>A server that has not renewed for so long is taken for dead, as in kube-apiserver.</summary>
    public static readonly TimeSpan ApiServerLease = TimeSpan.FromSeconds(15);

    /// <summary>How often it is renewed, and the endpoints of the servers are looked after: two may fail.</summary>
    public static readonly TimeSpan EndpointsInterval = TimeSpan.FromSeconds(5);

    /// <summary>How long a server that stops tries to take itself out.</summary>
    public static readonly TimeSpan EndpointsLeave = TimeSpan.FromSeconds(2);

    /// <summary>API servers that are listed as endpoints: one slice holds as many.</summary>
    public const int ApiServersMax = 1000;

    // === certificates ===

    public static readonly TimeSpan CaLifetime = TimeSpan.FromDays(3650);

    public static readonly TimeSpan ServerCertificateLifetime = TimeSpan.FromDays(365);

    /// <summary>A server's certificate with less than this left is renewed at the next start.</summary>
    public static readonly TimeSpan CertificateRenewBefore = TimeSpan.FromDays(30);

    /// <summary>How far clocks of clients may lag behind ours.</summary>
    public static readonly TimeSpan CertificateClockSkew = TimeSpan.FromMinutes(5);
}
