namespace Mainstay.Agent;

/// <summary>Every bound of the agent, with its unit and its reason.</summary>
internal static class Limits
{
    // === Restarts: the kubelet's own figures, so that nobody has to learn others ===

    public static readonly TimeSpan RestartBackoffFirst = TimeSpan.FromSeconds(10);
    public static readonly TimeSpan RestartBackoffCap = TimeSpan.FromMinutes(5);

    /// <summary>A container that ran this long has earned a fresh back-off.</summary>
    public static readonly TimeSpan RestartBackoffReset = TimeSpan.FromMinutes(10);

    /// <summary>Pods of priority class system-node-critical: the platform's own parts.</summary>
    public static readonly TimeSpan CriticalBackoffFirst = TimeSpan.FromSeconds(1);
    public static readonly TimeSpan CriticalBackoffCap = TimeSpan.FromSeconds(10);

    /// <summary>Longer than the longest critical back-off, so that a crash loop stays one.</summary>
    public static readonly TimeSpan CriticalBackoffReset = TimeSpan.FromMinutes(1);

    /// <summary>A start that failed for want of an image, a ConfigMap or a Secret: cheap to try again.</summary>
    public static readonly TimeSpan StartRetryFirst = TimeSpan.FromSeconds(1);
    public static readonly TimeSpan StartRetryCap = TimeSpan.FromSeconds(20);

    // === Processes ===

    /// <summary>
    /// How long what a dead container left in its session may take to go before a restart goes ahead.
    /// </summary>
    public static readonly TimeSpan SessionSweep = TimeSpan.FromSeconds(2);

    /// <summary>Between two looks at processes that cannot be watched or that ignore SIGKILL for now.</summary>
    public static readonly TimeSpan SessionSweepStep = TimeSpan.FromMilliseconds(20);

    /// <summary>A SIGKILL is sent again after this: a process in uninterruptible sleep takes it late.</summary>
    public static readonly TimeSpan KillAgain = TimeSpan.FromSeconds(5);

    // === Readiness ===

    /// <summary>Looks for the listener: often at first, so that a start is quick, then seldom.</summary>
    public static readonly TimeSpan ListenCheckFirst = TimeSpan.FromMilliseconds(100);
    public static readonly TimeSpan ListenCheckSlow = TimeSpan.FromSeconds(1);
    public static readonly TimeSpan ListenCheckSteady = TimeSpan.FromSeconds(10);
    public static readonly TimeSpan ListenCheckHurry = TimeSpan.FromSeconds(20);

    /// <summary>Pods that start together share one reading of the kernel's table of listeners.</summary>
    public static readonly TimeSpan ListenerTableAge = TimeSpan.FromMilliseconds(80);

    // === Logs ===

    /// <summary>Bytes of one log file before it is turned; the kubelet's 10 MiB.</summary>
    public const long LogBytesMax = 10L * 1024 * 1024;

    /// <summary>Turned files kept for each container process.</summary>
    public const int LogTurnsKept = 2;

    /// <summary>Processes of one container whose logs are kept: this one and the one before.</summary>
    public const int LogAttemptsKept = 2;

    public static readonly TimeSpan LogCheck = TimeSpan.FromSeconds(10);

    /// <summary>Pods that are gone whose logs are kept, newest first: what a rollback leaves to read.</summary>
    public const int GonePodLogsKept = 20;

    /// <summary>Followers look for new bytes this often: a person reads along.</summary>
    public static readonly TimeSpan LogFollow = TimeSpan.FromMilliseconds(250);

    // === The API ===

    public static readonly TimeSpan LeaseRenew = TimeSpan.FromSeconds(10);
    public const int LeaseDurationSeconds = 40;

    /// <summary>The node's status is written on change, and at least this often.</summary>
    public static readonly TimeSpan NodeStatusRefresh = TimeSpan.FromMinutes(5);

    public static readonly TimeSpan ApiCall = TimeSpan.FromSeconds(10);

    /// <summary>
    /// A ConfigMap or Secret is asked for this long before the copy on disk is taken: a start must not wait for an API
    /// server that hangs.
    /// </summary>
    public static readonly TimeSpan ConfigFetch = TimeSpan.FromSeconds(4);

    public static readonly TimeSpan ApiRetryFirst = TimeSpan.FromMilliseconds(500);
    public static readonly TimeSpan ApiRetryCap = TimeSpan.FromSeconds(10);

    /// <summary>Events that wait to be written; more are dropped and counted.</summary>
    public const int EventBacklogMax = 256;

    /// <summary>Kinds of event remembered, so that a repeated one counts up instead of filling the store.</summary>
    public const int EventSeriesMax = 512;

    /// <summary>Inputs that wait for one pod's worker: a handful per container is normal.</summary>
    public const int PodInputBacklogMax = 256;

    /// <summary>Inputs that wait for the node's conductor.</summary>
    public const int NodeInputBacklogMax = 1024;

    // === Static pods ===

    /// <summary>The manifests folder is read again this often even when inotify says nothing.</summary>
    public static readonly TimeSpan ManifestPoll = TimeSpan.FromSeconds(20);

    /// <summary>After a change of the folder: an editor writes in more than one step.</summary>
    public static readonly TimeSpan ManifestSettle = TimeSpan.FromMilliseconds(50);

    /// <summary>Bytes of one manifest: more is no manifest.</summary>
    public const long ManifestBytesMax = 1024 * 1024;

    // === Streams ===

    /// <summary>The longest silence on /local-pods.</summary>
    public static readonly TimeSpan LocalPodsPulse = TimeSpan.FromSeconds(5);

    /// <summary>Bytes of a probe's output that go into its message.</summary>
    public const int ProbeOutputBytesMax = 1024;
}
