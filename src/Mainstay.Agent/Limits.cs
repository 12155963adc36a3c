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

    /// <summary>A watch that is silent for this long is dead: our API server says something every five
    /// seconds.</summary>
    public static readonly TimeSpan WatchIdle = TimeSpan.FromSeconds(20);

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

    // === The readiness gate ===

    /// <summary>Without a word from whoever writes the gate, it opens after this, marked unproven.</summary>
    public static readonly TimeSpan GatePatience = TimeSpan.FromMinutes(10);

    // === Proofs and signals ===

    /// <summary>How often it is judged what is wrong: a cause is to be named within ten seconds.</summary>
    public static readonly TimeSpan SignalsJudged = TimeSpan.FromSeconds(1);

    /// <summary>The first proof comes this long after the start, up to twice that by chance.</summary>
    public static readonly TimeSpan ProofFirst = TimeSpan.FromSeconds(8);

    /// <summary>An agent without any proof for this long after its start says so.</summary>
    public static readonly TimeSpan ProofFirstWithin = TimeSpan.FromMinutes(1);

    /// <summary>Between two proofs, a quarter less or more by chance, so that nodes do not prove together.</summary>
    public static readonly TimeSpan ProofEvery = TimeSpan.FromMinutes(4);

    /// <summary>A proof older than this proves nothing.</summary>
    public static readonly TimeSpan ProofGood = TimeSpan.FromMinutes(10);

    /// <summary>A throw-away agent that takes longer is ended; one takes half a second.</summary>
    public static readonly TimeSpan ProofDeadline = TimeSpan.FromSeconds(30);

    /// <summary>A throw-away agent that was killed is waited for this long: death takes milliseconds.</summary>
    public static readonly TimeSpan ProofKill = TimeSpan.FromSeconds(2);

    /// <summary>The harmless process of a proof has this long to end.</summary>
    public static readonly TimeSpan ProofProcess = TimeSpan.FromSeconds(5);

    /// <summary>Who asks for a proof waits this long for it.</summary>
    public static readonly TimeSpan ProofAsked = TimeSpan.FromSeconds(60);

    // === Streams ===

    /// <summary>Readers of /local-pods at once: each router of the fleet once, some twice while they change.</summary>
    public const int LocalPodsReadersMax = 256;

    /// <summary>The longest silence on /local-pods.</summary>
    public static readonly TimeSpan LocalPodsPulse = TimeSpan.FromSeconds(5);

    /// <summary>Bytes of a probe's output that go into its message.</summary>
    public const int ProbeOutputBytesMax = 1024;
}
