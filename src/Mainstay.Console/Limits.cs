namespace Mainstay.ConsoleSite;

/// <summary>Every bound of the console, with its unit and its reason.</summary>
internal static class Limits
{
    /// <summary>
    /// A reading of a router may take this long: below the interval, so that readings do not pile up.
    /// </summary>
    public static readonly TimeSpan ScrapeDeadline = TimeSpan.FromMilliseconds(900);

    /// <summary>
    /// Readings at the same time: a fleet of hundreds is read within a second or two, without a burst.
    /// </summary>
    public const int ScrapesAtOnceMax = 32;

    /// <summary>Bytes of one answer of a router: 1,000 services have well under 4 MiB.</summary>
    public const int ScrapeBytesMax = 16 * 1024 * 1024;

    /// <summary>What a router said counts as current for this long: several readings may be lost before.</summary>
    public static readonly TimeSpan RouterFresh = TimeSpan.FromSeconds(5);

    /// <summary>
    /// A gap between two readings of a router above which what happened between them has no time of its own.
    /// </summary>
    public static readonly TimeSpan ScrapeGapMax = TimeSpan.FromSeconds(15);

    /// <summary>The cluster's data count as current for this long after the API server was last heard.</summary>
    public static readonly TimeSpan ClusterFresh = TimeSpan.FromSeconds(30);

    /// <summary>The same while the connection is known to be broken.</summary>
    public static readonly TimeSpan ClusterFreshDisturbed = TimeSpan.FromSeconds(10);

    /// <summary>The server ends each watch after 8 to 16 s: a new one proves that the kind is served.</summary>
    public static readonly TimeSpan WatchTimeout = TimeSpan.FromSeconds(8);

    /// <summary>A watch that outlives its own end has hung.</summary>
    public static readonly TimeSpan WatchIdle = TimeSpan.FromSeconds(25);

    /// <summary>A node's lease is renewed every 10 s; Kubernetes calls it lost after 40 s.</summary>
    public static readonly TimeSpan LeaseFresh = TimeSpan.FromSeconds(40);

    /// <summary>
    /// A router hears its source at least every 30 s when nothing changes: above this its table lags, above the next it
    /// is far behind.
    /// </summary>
    public static readonly TimeSpan TableLags = TimeSpan.FromSeconds(45);

    public static readonly TimeSpan TableFarBehind = TimeSpan.FromMinutes(2);

    /// <summary>Seconds of one slot of the history.</summary>
    public const int SlotSeconds = 5;

    /// <summary>Slots of the history: five minutes.</summary>
    public const int Slots = 60;

    /// <summary>Slots behind the figures "now", the running one included: 10 to 15 s.</summary>
    public const int WindowSlots = 3;

    /// <summary>Services whose history is kept; above it new ones show no figures.</summary>
    public const int SeriesMax = 5000;

    /// <summary>
    /// Share of requests that did not fail by 5xx: below it a service is worth a look, below the next it is down.
    /// </summary>
    public const double SuccessGood = 0.99;

    public const double SuccessBad = 0.90;

    /// <summary>
    /// Pages that listen for live parts: each holds a connection; above it a page works by reloading.
    /// </summary>
    public const int StreamsMax = 200;

    /// <summary>Updates that wait for a slow page; the oldest is dropped, since the newest says all.</summary>
    public const int StreamBacklogMax = 2;

    /// <summary>How often live parts are sent.</summary>
    public static readonly TimeSpan RefreshInterval = TimeSpan.FromSeconds(1);

    /// <summary>Bytes of a form: a few messages of the longest kind, encoded.</summary>
    public const int FormBytesMax = 64 * 1024;

    /// <summary>Plans and actions that pages asked for and that wait; more are refused.</summary>
    public const int JobsWaitingMax = 8;

    /// <summary>Under way at the same time: an action, and plans beside it, which it makes refused.</summary>
    public const int JobsAtOnceMax = 3;

    /// <summary>Jobs whose page can still be seen after their end; the ledger keeps actions for longer.</summary>
    public const int JobsKept = 50;

    /// <summary>A plan that is shown for longer is not begun from: who reads it reads the past.</summary>
    public static readonly TimeSpan PlanShownMax = TimeSpan.FromMinutes(5);

    /// <summary>How often what is known goes to disk.</summary>
    public static readonly TimeSpan SaveInterval = TimeSpan.FromSeconds(5);

    /// <summary>
    /// A part may take this long to say how it is: below the interval, so that askings do not pile up.
    /// </summary>
    public static readonly TimeSpan SignalsDeadline = TimeSpan.FromMilliseconds(900);

    /// <summary>The same when a command looks once: a person waits, and a slow part shall not look dead.</summary>
    public static readonly TimeSpan LookDeadline = TimeSpan.FromSeconds(3);

    /// <summary>One request of a check, large lists included.</summary>
    public static readonly TimeSpan CheckDeadline = TimeSpan.FromSeconds(10);

    /// <summary>A server that is not reachable from here is found out sooner.</summary>
    public static readonly TimeSpan CheckConnectDeadline = TimeSpan.FromSeconds(3);

    /// <summary>Readings of a cache before it is said to lag, and the pause between two.</summary>
    public const int CacheTurns = 3;

    public static readonly TimeSpan CacheTurnPause = TimeSpan.FromSeconds(1);

    /// <summary>A small request above this is slow.</summary>
    public static readonly TimeSpan ApiSlow = TimeSpan.FromSeconds(1);

    /// <summary>The heartbeat is written each second: a hop that saw none for so long does not follow.</summary>
    public static readonly TimeSpan HeartbeatFresh = TimeSpan.FromSeconds(5);

    /// <summary>Free bytes of the data folder's disk: below, a check warns; below the next, it fails.</summary>
    public const long DiskFreeLow = 2_000_000_000;

    public const long DiskFreeBad = 200_000_000;

    /// <summary>Calls of so long are judged together: short enough to name a fault in seconds.</summary>
    public static readonly TimeSpan FailureWindow = TimeSpan.FromSeconds(8);

    /// <summary>Share of calls and number of them in the window from which on a service fails.</summary>
    public const double FailingShare = 0.05;

    public const double FailingCallsMin = 3;

    /// <summary>Share below which it is over: lower than the beginning, so that it does not flap.</summary>
    public const double FailingOverShare = 0.01;

    /// <summary>
    /// A service that was made so lately may have no endpoint yet: calls that the router answers for it came too early.
    /// </summary>
    public static readonly TimeSpan ServiceStarts = TimeSpan.FromSeconds(20);

    /// <summary>A service that nobody calls keeps its signal for so long; then nobody is hurt.</summary>
    public static readonly TimeSpan FailingQuiet = TimeSpan.FromSeconds(30);

    /// <summary>After an undo routers and pods need some seconds; later failures are not of the change.</summary>
    public static readonly TimeSpan UndoneSettled = TimeSpan.FromSeconds(5);

    /// <summary>An undo longer ago is no longer what people wonder about.</summary>
    public static readonly TimeSpan UndoneLately = TimeSpan.FromMinutes(10);

    /// <summary>How long calls are counted for "why": a person waits for it.</summary>
    public static readonly TimeSpan WhyWindow = TimeSpan.FromSeconds(2);

    /// <summary>
    /// The same for the failures that a command judges while no console answers: what is called twice a second shows.
    /// </summary>
    public static readonly TimeSpan LookWindow = TimeSpan.FromSeconds(4);

    /// <summary>Changes that may be behind a fault: two weeks, as the bank's was.</summary>
    public static readonly TimeSpan WhyChanges = TimeSpan.FromDays(15);

    /// <summary>A part that did not answer a command is asked once more after this pause.</summary>
    public static readonly TimeSpan LookAgain = TimeSpan.FromMilliseconds(500);

    /// <summary>How often the console collects signals: with a part's own seconds well below ten in all.</summary>
    public static readonly TimeSpan SignalsInterval = TimeSpan.FromSeconds(1);

    /// <summary>How often parts are asked for their proofs, which they make every few minutes.</summary>
    public static readonly TimeSpan ProofsInterval = TimeSpan.FromSeconds(5);

    /// <summary>Proofs count as known for this long: two askings may be lost, each with its deadline.</summary>
    public static readonly TimeSpan ProofsFresh = TimeSpan.FromSeconds(20);

    /// <summary>Bytes of one part's signals: thousands of signals have well under 4 MiB.</summary>
    public const int SignalsBytesMax = 4 * 1024 * 1024;

    /// <summary>A connection to a part is made anew after this long, so that a moved address is found.</summary>
    public static readonly TimeSpan PartConnectionLifetime = TimeSpan.FromMinutes(1);

    /// <summary>Silence of a part before it is a signal: three askings, so that one lost answer is none.</summary>
    public static readonly TimeSpan SilenceGrace = TimeSpan.FromSeconds(2.5);

    /// <summary>A node's Lease is renewed every 10 s: beyond two and a half of them it is late.</summary>
    public static readonly TimeSpan LeaseLate = TimeSpan.FromSeconds(25);

    /// <summary>Events of signals that are kept, the oldest are dropped: a month of a busy fleet.</summary>
    public const int SignalEventsMax = 100_000;
}
